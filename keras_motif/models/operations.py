"""What the operations of a graph are: Keras' own kinds, known by their exact class.

A subclass may do anything, so it is of no known kind.
"""

from __future__ import annotations

from typing import Any

import keras

from keras_motif.layers import (
    PWMConv1D,
    RandomReverseComplement,
    RevCompBatchNormalization,
    RevCompConv1D,
)

__all__ = [
    "CONVOLUTIONS",
    "first",
    "has_filters",
    "is_a",
    "is_activation",
    "is_known",
    "is_linear",
    "is_pool",
    "is_transparent",
    "keeps_positions",
    "kind",
]

CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    PWMConv1D,
    RevCompConv1D,
)

# What changes nothing outside of training, or each filter for itself: it may stand
# between a convolution and its activation.
_TRANSPARENT = (
    keras.layers.ActivityRegularization,
    keras.layers.AlphaDropout,
    keras.layers.BatchNormalization,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.GroupNormalization,
    keras.layers.Identity,
    keras.layers.LayerNormalization,
    keras.layers.Masking,
    keras.layers.Normalization,
    keras.layers.Rescaling,
    keras.layers.RMSNormalization,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.UnitNormalization,
    RandomReverseComplement,
    RevCompBatchNormalization,
)

_POOLS = (
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
)

# Class names, in lower case, of Keras' activations as layers and as operations.
_ACTIVATION_NAMES = {
    *(name.replace("_", "") for name in dir(keras.activations) if name[0] != "_"),
    "exp",
    "exponential",
    "prelu",
    "rectifiedpolynomial",
} - {"linear", "deserialize", "get", "serialize"}

# Operations with a kernel among their arguments, as a custom `call` has them.
_KERNEL_NAMES = {"conv", "convtranspose", "depthwiseconv", "separableconv"}


def kind(operation: Any) -> str:
    """Return the class's name, in lower case and without underscores."""
    return str(operation.__class__.__name__).lower().replace("_", "")


def first(value: Any) -> int:
    """Return the first of several sizes, or the only one."""
    return int(value[0] if isinstance(value, tuple | list) else value)


def is_known(operation: Any) -> bool:
    """Return whether an operation is of Keras itself or of this library."""
    package = operation.__class__.__module__.partition(".")[0]
    return package in ("keras", "keras_motif")


def is_a(operation: Any, classes: Any) -> bool:
    """Return whether an operation is of one of some classes, and of no subclass."""
    listed = classes if isinstance(classes, tuple) else (classes,)
    return any(operation.__class__ is one for one in listed)


def is_linear(operation: Any) -> bool:
    """Return whether a layer has no activation of its own."""
    activation = getattr(operation, "activation", keras.activations.linear)
    return activation is keras.activations.linear


def is_activation(operation: Any) -> bool:
    """Return whether an operation is an activation alone."""
    if isinstance(operation, keras.layers.Activation):
        return not is_linear(operation)
    return is_known(operation) and kind(operation) in _ACTIVATION_NAMES


def is_pool(operation: Any) -> bool:
    """Return whether an operation pools neighbouring positions."""
    return is_a(operation, _POOLS)


def keeps_positions(operation: Any) -> bool:
    """Return whether an operation works on each position for itself.

    Args:
        operation: A layer or Keras operation with one input.

    Returns:
        True for activations, normalisation, dropout, noise, dense layers along the
        last axis and embeddings.
    """
    within = (keras.layers.Dense, keras.layers.Embedding)
    return (
        is_transparent(operation) or is_activation(operation) or is_a(operation, within)
    )


def is_transparent(operation: Any) -> bool:
    """Return whether it may stand between a convolution and its activation."""
    is_nothing = isinstance(operation, keras.layers.Activation) and is_linear(operation)
    return is_nothing or is_a(operation, _TRANSPARENT)


def has_filters(operation: Any) -> bool:
    """Return whether an operation has weights with which it could look for patterns."""
    if is_transparent(operation) or is_activation(operation):
        return False
    if isinstance(operation, keras.layers.Layer):
        return bool(operation.weights)
    return kind(operation) in _KERNEL_NAMES
