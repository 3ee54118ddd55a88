"""Warnings that cannot end a training."""

from __future__ import annotations

import logging
import warnings

__all__ = ["warn"]


def warn(message: str) -> None:
    """Warn, and where warnings are errors (`-W error`) log the message instead.

    Args:
        message: What happened, and what to do.
    """
    try:
        warnings.warn(message, UserWarning, stacklevel=4)
    except UserWarning:
        logging.getLogger("keras_motif").warning(message)
