"""Keras layers whose networks can be read."""

from keras_motif.layers.exponential import Exponential
from keras_motif.layers.strands import RandomReverseComplement

__all__ = ["Exponential", "RandomReverseComplement"]
