from . import loggers
from .extractor import FilterMotifExtractor

__all__ = ["FilterMotifExtractor", "loggers"]
