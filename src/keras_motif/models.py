"""The study's networks, and their activation put into networks of your own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import keras

from keras_motif import graph
from keras_motif.layers import Exponential

__all__ = ["cnn_2", "cnn_50", "cnn_deep", "with_first_activation"]

ActivationLike: TypeAlias = "str | Callable[[Any], Any] | keras.layers.Layer"

_KERNEL_SIZE = 19
_DENSE_UNITS = 512
_L2 = 1e-6


class _Convolution(NamedTuple):
    filters: int
    kernel_size: int
    dropout: float
    pool: int


def cnn_2(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    name: str = "cnn_2",
) -> keras.Model:
    """Build CNN-2: a small first pool, so ReLU filters learn parts of motifs.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        input_shape: `(length, 4)`; the pools need a length of 100 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's: the string "exponential" (our
            `Exponential()`), another name of a Keras activation, a callable, or a
            layer. All other hidden layers have ReLU.
        num_filters: Filters of the first convolution.
        name: The model's name.

    Returns:
        An uncompiled model; its first convolution is named `first_convolution`, the
        activation `first_activation`.

    Raises:
        ValueError: An input too short for the pools, another number of channels, or
            an unknown activation.
    """
    tail = [_Convolution(128, 5, 0.1, 50)]
    first = _Convolution(num_filters, _KERNEL_SIZE, 0.1, 2)
    return _build(name, input_shape, num_outputs, activation, first, tail, 0.5)


def cnn_50(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    name: str = "cnn_50",
) -> keras.Model:
    """Build CNN-50: a large first pool, with which ReLU filters learn motifs too.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        input_shape: `(length, 4)`; the pools need a length of 100 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_2`.
    """
    tail = [_Convolution(128, 5, 0.1, 2)]
    first = _Convolution(num_filters, _KERNEL_SIZE, 0.1, 50)
    return _build(name, input_shape, num_outputs, activation, first, tail, 0.5)


def cnn_deep(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    name: str = "cnn_deep",
) -> keras.Model:
    """Build CNN-deep: four convolutions, none pooled after the first.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        input_shape: `(length, 4)`; the pools need a length of 36 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_2`.
    """
    tail = [
        _Convolution(48, 9, 0.2, 3),
        _Convolution(96, 6, 0.3, 4),
        _Convolution(128, 4, 0.4, 3),
    ]
    first = _Convolution(num_filters, _KERNEL_SIZE, 0.1, 1)
    return _build(name, input_shape, num_outputs, activation, first, tail, 0.5)


def _build(
    name: str,
    input_shape: tuple[int, int],
    num_outputs: int,
    activation: ActivationLike,
    first: _Convolution,
    tail: Sequence[_Convolution],
    dropout: float,
) -> keras.Model:
    _check_input_shape(name, input_shape, [first, *tail])
    x = inputs = keras.Input(shape=tuple(input_shape), name="sequence")
    x = _convolution(first, "first_convolution")(x)
    x = keras.layers.BatchNormalization()(x)
    x = _activation_layer(activation, "first_activation")(x)
    x = _drop_and_pool(x, first)
    for layer in tail:
        x = _convolution(layer)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation("relu")(x)
        x = _drop_and_pool(x, layer)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(_DENSE_UNITS, use_bias=False, **_kernel())(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Activation("relu")(x)
    x = keras.layers.Dropout(dropout)(x)
    outputs = keras.layers.Dense(num_outputs, activation="sigmoid", **_kernel())(x)
    return keras.Model(inputs, outputs, name=name)


def _kernel() -> dict[str, Any]:
    return {
        "kernel_initializer": keras.initializers.HeNormal(),
        "kernel_regularizer": keras.regularizers.L2(_L2),
    }


def _convolution(layer: _Convolution, name: str | None = None) -> keras.layers.Layer:
    return keras.layers.Conv1D(
        layer.filters,
        layer.kernel_size,
        padding="same",
        use_bias=False,
        name=name,
        **_kernel(),
    )


def _drop_and_pool(x: Any, layer: _Convolution) -> Any:
    x = keras.layers.Dropout(layer.dropout)(x)
    return keras.layers.MaxPooling1D(layer.pool)(x) if layer.pool > 1 else x


def _check_input_shape(
    name: str, input_shape: tuple[int, int], layers: Sequence[_Convolution]
) -> None:
    if len(input_shape) != 2 or input_shape[1] != 4:
        raise ValueError(
            "`input_shape` must be (length, 4), bases A C G T. Received "
            f"{input_shape!r}."
        )
    shortest = 1
    for layer in layers:
        shortest *= layer.pool
    if not isinstance(input_shape[0], int) or input_shape[0] < shortest:
        raise ValueError(
            f"`input_shape` must have a length of {shortest} or more, so that the "
            f"pools of {name} leave something. Received length {input_shape[0]!r}."
        )


def _activation_layer(
    activation: ActivationLike, name: str | None = None
) -> keras.layers.Layer:
    """Return an activation as a new layer of its own."""
    if isinstance(activation, keras.layers.Layer):
        # A copy, so that two models do not share the layer.
        config = {**activation.get_config(), "name": name or activation.name}
        return activation.__class__.from_config(config)
    if activation == "exponential":
        return Exponential(name=name)
    if isinstance(activation, str):
        try:
            keras.activations.get(activation)
        except ValueError:
            raise ValueError(
                f"`activation` {activation!r} is no name that Keras knows. Pass "
                '"exponential", "relu" or another of `keras.activations`, a '
                "callable, or a layer."
            ) from None
    elif not callable(activation):
        raise TypeError(
            "`activation` must be a string, a callable or a layer. Received "
            f"{activation!r}."
        )
    return keras.layers.Activation(activation, name=name)


def with_first_activation(
    model: keras.Model, activation: ActivationLike = "exponential"
) -> keras.Model:
    """Return a copy of a model with another activation on its first convolution.

    The way to try the exponential on a network that you already have. All weights
    are copied; `model` itself is left as it was. Train the copy: weights learned
    with one activation are only a start for another.

    Args:
        model: A built Sequential or functional model. Its first convolution's own
            activation is replaced, or else the activation layer that follows it
            across batch norm and dropout.
        activation: A string, a callable or a layer; the string "exponential"
            stands for our `Exponential()`, which stays finite under mixed
            precision.

    Returns:
        A new model, uncompiled.

    Raises:
        ValueError: A subclassed or unbuilt model, one whose first activation
            cannot be told (the message lists the layers), or one in which it is a
            plain operation instead of a layer.
        TypeError: `model` is no Keras model.

    Example:
        >>> plain = cnn_2(activation="relu")
        >>> with_first_activation(plain).get_layer("first_activation")
        <Exponential name=first_activation, built=True>
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    place = graph.find_first_activation(model)[1]
    old = place.step.operation
    if not isinstance(old, keras.layers.Layer):
        raise ValueError(
            f"The first activation, {old.name!r}, is a Keras operation and not a "
            "layer, so it cannot be replaced. Build the model with "
            '`keras.layers.Activation("relu")` in its place.'
        )

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        if layer is not old:
            return layer.__class__.from_config(layer.get_config())
        if isinstance(layer, graph.CONVOLUTIONS):
            new = _activation_layer(activation)
            return layer.__class__.from_config(
                {**layer.get_config(), "activation": keras.layers.serialize(new)}
            )
        return _activation_layer(activation, layer.name)

    copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
    copy.set_weights(model.get_weights())
    return copy
