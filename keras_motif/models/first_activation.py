"""Activations as layers of their own, and one put into a model that exists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import keras

from keras_motif.layers import Exponential
from keras_motif.models._rebuilt import rebuilt
from keras_motif.models.calls import CallGraph
from keras_motif.models.choices import chosen_layers
from keras_motif.models.graph import steps, unwrapped
from keras_motif.models.operations import is_activation

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
    model: keras.Model,
    activation: ActivationLike = "exponential",
    *,
    layer: Any = None,
) -> keras.Model:
    """Return a copy of a model with another activation on its first layer.

    The way to try the exponential on a network that you already have. All weights
    are copied; `model` itself is left as it was. Train the copy: weights learned
    with one activation are only a start for another.

    Args:
        model: A built Sequential or functional model. The own activation of its first
            layer that sees more than one base is replaced, or else the activation
            that follows it across what changes each filter for itself.
        activation: A string, a callable or a layer; the string "exponential"
            stands for our `Exponential()`, which stays finite under mixed
            precision.
        layer: Which activation to replace, where it isn't that of the first layer: a
            layer with one of its own, or an activation; a name, an index into
            `model.layers`, a layer, or a list of these.

    Returns:
        A new model, uncompiled.

    Raises:
        ValueError: A subclassed or unbuilt model, one whose first activation
            cannot be told (the message lists the layers), a layer without an
            activation, or one that can't be copied.
        TypeError: `model` is no Keras model.

    Warns:
        UserWarning: Several layers are the first, and `layer` doesn't say which.

    Example:
        >>> from keras_motif.models import cnn_2
        >>> plain = cnn_2(activation="relu")
        >>> with_first_activation(plain).get_layer("first_activation")
        <Exponential name=first_activation, built=True>
    """
    model = unwrapped(model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    steps(model)  # raises unless it has a graph
    graph = CallGraph(model, model.layers)
    replaced: dict[int, Callable[[], keras.layers.Layer]] = {}
    for call, _ in chosen_layers(graph, layer, None):
        old = call.operation
        replaced[id(old)] = partial(_replacement, old, activation)
    return rebuilt(model, replaced)


def _replacement(old: Any, activation: ActivationLike) -> keras.layers.Layer:
    """Return a layer with another activation, or an activation in place of one."""
    if is_activation(old) or not isinstance(old, keras.layers.Layer):
        return activation_layer(activation, old.name)
    if not old.weights and not hasattr(old, "activation"):
        return activation_layer(activation, old.name)  # a custom activation
    try:
        config = old.get_config()
    except NotImplementedError:
        config = {}
    if "activation" not in config:
        raise ValueError(
            f"The layer {old.name!r} ({type(old).__name__}) has no `activation` among "
            "its settings, so it can't be replaced. Name the activation behind it with "
            "`layer=`, or build the layer with the other one inside."
        )
    new = keras.layers.serialize(activation_layer(activation))
    with keras.saving.CustomObjectScope({type(old).__name__: type(old)}):
        made: keras.layers.Layer = type(old).from_config({**config, "activation": new})
    return made
