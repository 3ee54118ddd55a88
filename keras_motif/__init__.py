"""Layers, models and tools for CNNs whose filters read as sequence motifs.

The public names stand in `__init__.pyi`, each with the room that it comes from; a room
is imported when one of its names is first used, so what needs no Keras loads none.
"""

from importlib import import_module
from pathlib import Path

import lazy_loader
import wrapt

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# `import keras_motif.loggers` works although the file lies in a room.
__path__.append(str(Path(__file__).parent / "_doors"))

# Keras loads a saved model only where its layers are registered: at once if Keras is
# there already, else as soon as it is.
wrapt.register_post_import_hook(
    lambda keras: import_module("keras_motif.layers"), "keras"
)
