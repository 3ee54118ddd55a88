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
        if not isinstance(new, keras.layers.Layer) or is_graph(new):
            continue
        weights = old.get_weights() if isinstance(old, keras.layers.Layer) else []
        if [x.shape for x in weights] == [tuple(x.shape) for x in new.weights]:
            new.set_weights(weights)
    return copy


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
        if id(step.operation) in replaced and not isinstance(
            step.operation, keras.layers.Layer
        ):
            args, kwargs = args[:1], {}
        outputs = keras.tree.flatten(copied(step.operation)(*args, **kwargs))
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
