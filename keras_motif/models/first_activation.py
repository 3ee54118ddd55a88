"""Activations as layers of their own, and one put into a model that exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras

from keras_motif.layers import Exponential
from keras_motif.models.operations import CONVOLUTIONS
from keras_motif.models.places import find_first_activation

__all__ = ["ActivationLike", "activation_layer", "with_first_activation"]

ActivationLike: TypeAlias = "str | Callable[[Any], Any] | keras.layers.Layer"


def activation_layer(
    activation: ActivationLike, name: str | None = None
) -> keras.layers.Layer:
    """Return an activation as a new layer of its own.

    Args:
        activation: A string, a callable or a layer, of which a copy is made; the
            string "exponential" stands for our `Exponential()`.
        name: The layer's name; None for the given layer's, or one of Keras'.

    Returns:
        An unbuilt layer.

    Raises:
        ValueError: A string that Keras does not know.
        TypeError: Neither a string, a callable nor a layer.
    """
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
        >>> from keras_motif.models import cnn_2
        >>> plain = cnn_2(activation="relu")
        >>> with_first_activation(plain).get_layer("first_activation")
        <Exponential name=first_activation, built=True>
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    place = find_first_activation(model)[1]
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
        if isinstance(layer, CONVOLUTIONS):
            new = activation_layer(activation)
            return layer.__class__.from_config(
                {**layer.get_config(), "activation": keras.layers.serialize(new)}
            )
        return activation_layer(activation, layer.name)

    copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
    copy.set_weights(model.get_weights())
    return copy
