"""What watches a network while it trains: `FilterMotifExtractor` and its loggers.

Loaded when first used, since the loggers need no Keras.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
