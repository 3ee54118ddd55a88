"""A model's graph: its operations in order.

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

__all__ = ["Step", "ancestors", "as_graph", "is_graph", "steps"]


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
    if is_graph(model):
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
    if not is_graph(model):
        raise ValueError(
            f"The layers of the model {model.name!r} cannot be seen, since it is "
            "subclassed or has not been built. Call `model.build((None, length, 4))` "
            "or fit it first; build a subclassed model's layers as a functional one."
        )
    return list(model.outputs)


def is_graph(model: object) -> bool:
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
