"""The study's activations, see `keras_motif.layers.activations`."""

from keras_motif.layers.activations import *  # noqa: F403
from keras_motif.layers.activations import __all__ as __all__
