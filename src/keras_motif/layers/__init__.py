"""Keras layers whose networks can be read."""

from keras_motif.layers.exponential import Exponential

__all__ = ["Exponential"]
