"""Where in a model a layer stands: by its name, or as the first convolution's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras

from keras_motif.models.graph import Step, ancestors, is_graph, steps
from keras_motif.models.operations import (
    CONVOLUTIONS,
    is_activation,
    is_linear,
    is_transparent,
)

__all__ = ["Place", "find_first_activation", "find_layer"]


class Place(NamedTuple):
    """A tensor in a graph, perhaps inside nested models.

    Attributes:
        step: The call whose first output the tensor is.
        path: From the outside in, each model with the tensor wanted of it: what
            the next model inside takes, and at last `step.outputs[0]`.
    """

    step: Step
    path: tuple[tuple[Any, Any], ...]


def find_first_activation(
    model: keras.Model, source: Any = None
) -> tuple[Place, Place]:
    """Find the first convolution and the activation that belongs to it.

    That is the convolution's own activation if it isn't linear, else the first
    one that follows across batch norm and dropout only.

    Args:
        model: A built Sequential or functional model.
        source: The input that the convolution must depend on; None for any.

    Returns:
        The place of the convolution and of the activation, the same one twice
        when the convolution applies it itself.

    Raises:
        ValueError: No convolution, or no such activation: the message lists the
            layers to choose from.
    """
    convolution = next(
        (
            place
            for place in _places(model)
            if isinstance(place.step.operation, CONVOLUTIONS)
            and (source is None or _depends(place, source))
        ),
        None,
    )
    if convolution is None:
        behind = "" if source is None else f" behind the input {source.name!r}"
        raise ValueError(
            f"The model {model.name!r} has no Conv1D or Conv2D layer{behind}, so "
            f"there are no filters to read. {_candidates(model)}"
        )
    if not is_linear(convolution.step.operation):
        return convolution, convolution
    calls = steps(convolution.path[-1][0])
    step = convolution.step
    while True:
        users = [call for call in calls if _takes(call, step.outputs[0])]
        if len(users) != 1:
            break
        step = users[0]
        if is_activation(step.operation):
            inner = (convolution.path[-1][0], step.outputs[0])
            return convolution, Place(step, (*convolution.path[:-1], inner))
        if not is_transparent(step.operation):
            break
    raise ValueError(
        "It cannot be told which activation belongs to the first convolution, "
        f"{convolution.step.operation.name!r}: it is linear, and what follows it "
        "across batch norm and dropout is no activation. Name the layer whose "
        f"output to read with `layer=`. {_candidates(model)}"
    )


def find_layer(
    model: keras.Model,
    layer: str | int | keras.layers.Layer,
    indexed: Sequence[keras.layers.Layer] | None = None,
) -> Place:
    """Find the place of a layer, nested models included.

    Args:
        model: A built Sequential or functional model.
        layer: A name, an index into `model.layers`, or a layer.
        indexed: The layers that an index counts, where `model` stands for another.

    Returns:
        The layer's first call.

    Raises:
        ValueError: The model has no such layer: the message lists the layers to
            choose from.
        TypeError: Neither a string, an integer nor a layer.
    """
    if isinstance(layer, bool) or not isinstance(
        layer, str | int | keras.layers.Layer | keras.Operation
    ):
        raise TypeError(
            "`layer` must be a layer's name, its index in `model.layers`, or a "
            f"layer. Received {layer!r}."
        )
    if isinstance(layer, int):
        listed = model.layers if indexed is None else indexed
        if not -len(listed) <= layer < len(listed):
            raise ValueError(
                f"`layer` must be an index into the {len(listed)} layers of the "
                f"model {model.name!r}. Received {layer}. {_candidates(model)}"
            )
        layer = listed[layer]
    for place in _places(model):
        operation = place.step.operation
        if operation is layer or operation.name == layer:
            return place
    raise ValueError(
        f"`layer` must name a layer of the model {model.name!r}. Received "
        f"{layer if isinstance(layer, str) else layer.name!r}. {_candidates(model)}"
    )


def _places(
    model: keras.Model, path: tuple[tuple[Any, Any], ...] = ()
) -> Iterator[Place]:
    """Yield every call in graph order, those of nested models in their place."""
    for step in steps(model):
        yield Place(step, (*path, (model, step.outputs[0])))
        if is_graph(step.operation) and len(step.inputs) == 1:
            outer = (*path, (model, step.inputs[0]))
            yield from _places(step.operation, outer)


def _depends(place: Place, source: Any) -> bool:
    calls = ancestors(place.path[0][1])
    return any(tensor is source for call in calls for tensor in call.outputs)


def _candidates(model: keras.Model) -> str:
    """Say which layers give maps, that is one row per position."""
    names = [
        place.step.operation.name
        for place in _places(model)
        if place.step.inputs and len(place.step.outputs[0].shape) in (3, 4)
    ]
    if not names:
        return "None of its layers gives one row per position."
    return f"Layers to choose from: {', '.join(names)}."


def _takes(step: Step, tensor: Any) -> bool:
    return any(x is tensor for x in step.inputs)
