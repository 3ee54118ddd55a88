"""A model's graph: its operations in order, its first convolution and activation.

Keras keeps which operation made a tensor in `_keras_history` and
`_inbound_nodes`. Its public interface shows only an operation's first call, which
may belong to another model, so these two are read here, and nowhere else.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

from keras_motif.layers import RandomReverseComplement

__all__ = [
    "Place",
    "Step",
    "ancestors",
    "as_graph",
    "find_first_activation",
    "find_layer",
    "keeps_positions",
    "steps",
]

CONVOLUTIONS = (keras.layers.Conv1D, keras.layers.Conv2D)

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
)

# Class names, in lower case, of Keras' activations as layers and as operations.
_ACTIVATION_NAMES = {
    *(name.replace("_", "") for name in dir(keras.activations) if name[0] != "_"),
    "exp",
    "prelu",
} - {"linear", "deserialize", "get", "serialize"}


class Step(NamedTuple):
    """One call of an operation.

    Attributes:
        operation: The layer or the Keras operation.
        inputs: The symbolic tensors it takes.
        outputs: The symbolic tensors it gives.
    """

    operation: Any
    inputs: Sequence[Any]
    outputs: Sequence[Any]


class Place(NamedTuple):
    """A tensor in a graph, perhaps inside nested models.

    Attributes:
        step: The call whose first output the tensor is.
        path: From the outside in, each model with the tensor wanted of it: what
            the next model inside takes, and at last `step.outputs[0]`.
    """

    step: Step
    path: tuple[tuple[Any, Any], ...]


def steps(model: keras.Model) -> list[Step]:
    """Return the calls that make a model's outputs, in graph order.

    Args:
        model: A built Sequential or functional model.

    Returns:
        The calls, each after those whose outputs it takes. Nested models are one
        call.

    Raises:
        ValueError: The model is subclassed, or has not been built.
    """
    return _steps_to(_outputs(model))


def ancestors(tensor: Any) -> list[Step]:
    """Return the calls that make one tensor, in graph order, inputs included."""
    return _steps_to([tensor])


@contextmanager
def as_graph(model: keras.Model) -> Iterator[keras.Model]:
    """Give a model whose operations can be seen: the model itself, or its trace.

    A subclassed model has no graph; calling it once on symbolic inputs makes one, of
    the same layers. They forget that call afterwards, so that the model is left as
    it was.

    Args:
        model: A built model of any kind.

    Yields:
        A Sequential or functional model.

    Raises:
        ValueError: A model that has not been built, or a subclassed one that can't
            be called on symbolic inputs.
    """
    if _is_graph(model):
        yield model
        return
    traced = _traced(model)
    nodes = _nodes_to(traced.outputs)
    try:
        yield traced
    finally:
        for node in nodes:
            node.operation._inbound_nodes.remove(node)


def _traced(model: keras.Model) -> keras.Model:
    """Call a subclassed model on symbolic inputs."""
    if isinstance(model, keras.Sequential) or not model.built:
        raise ValueError(
            f"The layers of the model {model.name!r} cannot be seen, since it has not "
            "been built. Call `model.build((None, length, 4))`, fit it, or call it on "
            "a batch first."
        )
    try:
        inputs = _symbolic_inputs((model.get_build_config() or {})["input_shape"])
        takes = inspect.signature(model.call).parameters
        options = {"training": False} if "training" in takes else {}
        return keras.Model(inputs, model.call(inputs, **options), name=model.name)
    except Exception as error:
        raise ValueError(
            f"The layers of the model {model.name!r} cannot be seen, since it is "
            "subclassed and its `call` doesn't run on symbolic inputs "
            f"({type(error).__name__}: {error}). Pass a functional model of the part "
            "that makes the maps: `inputs = keras.Input((length, 4))`, then "
            "`keras.Model(inputs, model.your_activation(model.your_convolution("
            "inputs)))`; or name a layer of that one with `layer=`."
        ) from error


def _symbolic_inputs(shapes: Any) -> Any:
    """Return inputs of the shapes that a model was built for."""
    if isinstance(shapes, Mapping):
        return {
            name: keras.Input(shape[1:], name=name) for name, shape in shapes.items()
        }
    if isinstance(shapes[0], list | tuple):
        return [keras.Input(tuple(shape[1:])) for shape in shapes]
    return keras.Input(tuple(shapes[1:]))


def _outputs(model: keras.Model) -> list[Any]:
    if not _is_graph(model):
        raise ValueError(
            f"The layers of the model {model.name!r} cannot be seen, since it is "
            "subclassed or has not been built. Call `model.build((None, length, 4))` "
            "or fit it first; build a subclassed model's layers as a functional one."
        )
    return list(model.outputs)


def _is_graph(model: object) -> bool:
    """Return whether a layer is a model with a graph of its own."""
    return isinstance(model, keras.Model) and bool(_attribute(model, "inputs"))


def _attribute(model: Any, name: str) -> Any:
    """Return an attribute; None where it is missing or the model is unbuilt."""
    try:
        return getattr(model, name, None)
    except ValueError:
        return None


def _steps_to(tensors: Sequence[Any]) -> list[Step]:
    return [
        Step(node.operation, list(node.input_tensors), list(node.output_tensors))
        for node in _nodes_to(tensors)
    ]


def _nodes_to(tensors: Sequence[Any]) -> list[Any]:
    """Sort the calls behind some tensors, without recursion: graphs may be deep."""
    ordered: list[Any] = []
    seen: set[int] = set()
    stack = [(_node(tensor), False) for tensor in reversed(tensors)]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            ordered.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((_node(x), False) for x in reversed(node.input_tensors))
    return ordered


def _node(tensor: Any) -> Any:
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


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
    if not _is_linear(convolution.step.operation):
        return convolution, convolution
    calls = steps(convolution.path[-1][0])
    step = convolution.step
    while True:
        users = [call for call in calls if _takes(call, step.outputs[0])]
        if len(users) != 1:
            break
        step = users[0]
        if _is_activation(step.operation):
            inner = (convolution.path[-1][0], step.outputs[0])
            return convolution, Place(step, (*convolution.path[:-1], inner))
        if not _is_transparent(step.operation):
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
        if _is_graph(step.operation) and len(step.inputs) == 1:
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


def _is_linear(operation: Any) -> bool:
    activation = getattr(operation, "activation", keras.activations.linear)
    return activation is keras.activations.linear


def _is_activation(operation: Any) -> bool:
    if isinstance(operation, keras.layers.Activation):
        return not _is_linear(operation)
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
        _is_transparent(operation)
        or _is_activation(operation)
        or isinstance(operation, (*within, *moves))
    )


def _is_transparent(operation: Any) -> bool:
    is_nothing = isinstance(operation, keras.layers.Activation) and _is_linear(
        operation
    )
    return is_nothing or isinstance(operation, _TRANSPARENT)
