"""A model put together again from copies of its layers, some of them replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_motif.models.graph import is_graph, steps

__all__ = ["rebuilt"]


def rebuilt(
    model: keras.Model, replaced: dict[int, Callable[[], keras.layers.Layer]]
) -> keras.Model:
    """Return a model of new layers with the weights of the old ones, uncompiled.

    Args:
        model: A Sequential or functional model.
        replaced: What makes a layer in place of an operation, by the operation's `id`.
            It has the operation's weights if these fit.

    Raises:
        ValueError: A layer that can't be copied; the message says what to do.
    """
    copies: dict[int, Any] = {}
    pairs: list[tuple[Any, Any]] = []
    copy = _copied_model(model, replaced, copies, pairs)
    for old, new in pairs:
        is_layer = isinstance(old, keras.layers.Layer) and not is_graph(new)
        if is_layer and isinstance(new, keras.layers.Layer):
            _copy_weights(old, new, is_replaced=id(old) in replaced)
    return copy


def _copy_weights(old: Any, new: Any, *, is_replaced: bool) -> None:
    """Give a layer the weights of another one, and its activation those of the other's.

    Raises:
        ValueError: A layer that should be a copy has other weights.
    """
    pairs = [(_own_weights(old), _own_weights(new))]
    before, now = (_activation(layer) for layer in (old, new))
    if not is_replaced and before is not None and now is not None:
        if not now.built:  # Keras builds an activation when it is first called
            now.build_from_config(before.get_build_config() or {})
        pairs.append((before.weights, now.weights))
    for values, variables in pairs:
        if [tuple(x.shape) for x in values] == [tuple(x.shape) for x in variables]:
            for value, variable in zip(values, variables, strict=True):
                variable.assign(value)
        elif not is_replaced:
            raise ValueError(
                f"The weights of the layer {old.name!r} ({type(old).__name__}) don't "
                "fit its copy, which `get_config` describes. Give its class a "
                "`get_config` that returns all arguments of its constructor, and a "
                "`build` that makes all weights."
            )


def _activation(layer: Any) -> Any:
    """Return a layer's own activation where it is a layer with weights."""
    activation = getattr(layer, "activation", None)
    is_layer = isinstance(activation, keras.layers.Layer)
    return activation if is_layer else None


def _own_weights(layer: Any) -> list[Any]:
    """Return a layer's weights without those of its activation."""
    inner = getattr(_activation(layer), "weights", [])
    return [x for x in layer.weights if all(x is not y for y in inner)]


def _copied_model(
    model: keras.Model,
    replaced: dict[int, Callable[[], keras.layers.Layer]],
    copies: dict[int, Any],
    pairs: list[tuple[Any, Any]],
) -> keras.Model:
    def copied(operation: Any) -> Any:
        if id(operation) not in copies:
            if id(operation) in replaced:
                new = replaced[id(operation)]()
            elif is_graph(operation):
                new = _copied_model(operation, replaced, copies, pairs)
            else:
                new = _copied(operation)
            copies[id(operation)] = new
            pairs.append((operation, new))
        return copies[id(operation)]

    known = {
        id(x): keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name)
        for x in model.inputs
    }
    if isinstance(model, keras.Sequential):
        layers = [copied(layer) for layer in model.layers]
        return keras.Sequential([*known.values(), *layers], name=model.name)
    inputs = keras.tree.map_structure(lambda x: known[id(x)], model.input)
    for step in steps(model):
        if all(id(x) in known for x in step.outputs):
            continue
        args, kwargs = step.filled([known[id(x)] for x in step.inputs])
        copy = copied(step.operation)
        if type(copy) is not type(step.operation):  # an activation in another's place
            args, kwargs = args[:1], {}
        outputs = keras.tree.flatten(copy(*args, **kwargs))
        known.update((id(x), y) for x, y in zip(step.outputs, outputs, strict=True))
    outputs = keras.tree.map_structure(lambda x: known[id(x)], model.output)
    return keras.Model(inputs, outputs, name=model.name)


def _copied(operation: Any) -> Any:
    """Return a new operation with the settings of another."""
    if isinstance(operation, keras.layers.Lambda):
        return operation.__class__(
            operation.function,
            output_shape=operation._output_shape,
            mask=operation.mask,
            arguments=dict(operation.arguments),
            name=operation.name,
            dtype=operation.dtype_policy,
        )
    own = {type(operation).__name__: type(operation)}
    own |= {
        value.__name__: value
        for value in vars(operation).values()
        if callable(value) and hasattr(value, "__name__")
    }
    try:
        with keras.saving.CustomObjectScope(own):
            return operation.__class__.from_config(operation.get_config())
    except Exception as error:
        raise ValueError(
            f"The layer {operation.name!r} ({type(operation).__name__}) can't be "
            f"copied ({type(error).__name__}: {error}). Give its class a `get_config` "
            "that returns all arguments of its constructor; or build the model with "
            "the other activation yourself, and copy the weights: "
            "`copy.set_weights(model.get_weights())`."
        ) from error
