"""What the operations of a graph do to the positions and filters of a map."""

from __future__ import annotations

from typing import Any

import keras

from keras_motif.layers import (
    RandomReverseComplement,
    RevCompBatchNormalization,
    RevCompConv1D,
)

__all__ = [
    "CONVOLUTIONS",
    "is_activation",
    "is_linear",
    "is_transparent",
    "keeps_positions",
]

CONVOLUTIONS = (keras.layers.Conv1D, keras.layers.Conv2D, RevCompConv1D)


# What changes nothing outside of training, or each filter for itself: it may stand
# between a convolution and its activation.
_TRANSPARENT = (
    keras.layers.AlphaDropout,
    keras.layers.BatchNormalization,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    RandomReverseComplement,
    RevCompBatchNormalization,
)


# Class names, in lower case, of Keras' activations as layers and as operations.
_ACTIVATION_NAMES = {
    *(name.replace("_", "") for name in dir(keras.activations) if name[0] != "_"),
    "exp",
    "prelu",
} - {"linear", "deserialize", "get", "serialize"}


def is_linear(operation: Any) -> bool:
    """Return whether a layer has no activation of its own."""
    activation = getattr(operation, "activation", keras.activations.linear)
    return activation is keras.activations.linear


def is_activation(operation: Any) -> bool:
    """Return whether an operation is an activation alone."""
    if isinstance(operation, keras.layers.Activation):
        return not is_linear(operation)
    return operation.__class__.__name__.lower() in _ACTIVATION_NAMES


def keeps_positions(operation: Any) -> bool:
    """Return whether an operation works on each position for itself.

    Args:
        operation: A layer or Keras operation with one input.

    Returns:
        True for activations, batch norm, dropout, noise, dense layers and
        reshapes; whether a reshape keeps the positions shows in its output shape.
    """
    within = (keras.layers.Dense, keras.layers.LayerNormalization)
    moves = (keras.layers.Masking, keras.layers.Rescaling, keras.layers.Reshape)
    return (
        is_transparent(operation)
        or is_activation(operation)
        or isinstance(operation, (*within, *moves))
    )


def is_transparent(operation: Any) -> bool:
    """Return whether it may stand between a convolution and its activation."""
    is_nothing = isinstance(operation, keras.layers.Activation) and is_linear(operation)
    return is_nothing or isinstance(operation, _TRANSPARENT)
