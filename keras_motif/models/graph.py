"""A model's graph: its operations in order.

Keras keeps which operation made a tensor in `_keras_history` and
`_inbound_nodes`. Its public interface shows only an operation's first call, which
may belong to another model, so these two are read here, and nowhere else.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

__all__ = ["Step", "as_graph", "is_graph", "opened", "steps", "unwrapped"]


class Step(NamedTuple):
    """One call of an operation.

    Attributes:
        operation: The layer or the Keras operation.
        inputs: The symbolic tensors it takes.
        outputs: The symbolic tensors it gives.
        arguments: All that it was called with, tensors and options.
    """

    operation: Any
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    arguments: Any

    def filled(self, tensors: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the call's arguments with tensors in place of the symbolic ones."""
        values = {id(x): y for x, y in zip(self.inputs, tensors, strict=True)}
        args, kwargs = self.arguments.fill_in(values)
        return tuple(args), dict(kwargs)


def steps(model: keras.Model) -> list[Step]:
    """Return the calls that make a model's outputs, in graph order.

    Args:
        model: A built Sequential or functional model.

    Returns:
        The calls, each after those whose outputs it takes, inputs included. Nested
        models are one call.

    Raises:
        ValueError: The model is subclassed, or has not been built.
    """
    if not is_graph(model):
        inner = [f"model.{name}" for name in _models_inside(model)]
        fix = (
            "Call `model.build((None, length, 4))` or fit it first; build a subclassed "
            "model's layers as a functional one."
        )
        if inner:
            fix = f"Pass the model inside: {', or '.join(inner)}."
        raise ValueError(
            f"The layers of the model {model.name!r} cannot be seen, since it is "
            f"subclassed or has not been built. {fix}"
        )
    return [
        Step(
            node.operation,
            list(node.input_tensors),
            list(node.output_tensors),
            node.arguments,
        )
        for node in _nodes_to(list(model.outputs))
    ]


def unwrapped(model: Any) -> Any:
    """Return the Keras model that `torch.compile` may have wrapped."""
    inner = getattr(model, "_orig_mod", None)
    return inner if isinstance(inner, keras.Model) else model


@contextmanager
def as_graph(model: keras.Model, *, is_whole: bool = False) -> Iterator[keras.Model]:
    """Give a model whose operations can be seen.

    That is the model itself, or its trace: a subclassed model has no graph, calling it
    once on symbolic inputs makes one, of the same layers. They forget that call
    afterwards, so that the model is left as it was. Where it can't be called so, such
    as in a `tf.function`, it is the one model inside of it that has a graph.

    Args:
        model: A model of any kind.
        is_whole: Whether nothing but the model up to its outputs will do, no part.

    Yields:
        A Sequential or functional model.

    Raises:
        ValueError: A model that has not been built, or a subclassed one that can't
            be called on symbolic inputs and holds no model, or several, or whose part
            won't do.
    """
    if is_graph(model):
        yield model
        return
    if isinstance(model, keras.Sequential) or not model.built:
        inner = _models_inside(model)
        if is_whole or isinstance(model, keras.Sequential) or len(inner) != 1:
            raise ValueError(
                f"The layers of the model {model.name!r} cannot be seen, since it has "
                "not been built. Call `model.build((None, length, 4))`, fit it, or "
                "call it on a batch first."
            )
        with as_graph(next(iter(inner.values()))) as found:
            yield found
        return
    with _nodes_forgotten(model):
        yield _traced(model, is_whole)


@contextmanager
def opened(step: Step) -> Iterator[keras.Model | None]:
    """Give the graph of a model that another one calls, as this call runs it.

    For subclassed ones, and for those that change what they are given, as its dtype.

    Yields:
        A functional model of the same layers, whose inputs and outputs are those of the
        call in order; None of anything else, and of what can't be called so.
    """
    model = step.operation
    if not isinstance(model, keras.Model) or not model.built:
        yield None
        return
    with _nodes_forgotten(model):
        yield _trace_of(step)


def _trace_of(step: Step) -> keras.Model | None:
    model = step.operation
    inputs = [keras.Input(batch_shape=x.shape, dtype=x.dtype) for x in step.inputs]
    args, kwargs = step.filled(inputs)
    if "training" in inspect.signature(model.call).parameters:
        kwargs["training"] = False
    try:
        trace = keras.Model(inputs, model.call(*args, **kwargs), name=model.name)
    except Exception:  # whatever a model of the user's may raise
        return None
    shapes = [tuple(x.shape[1:]) for x in trace.outputs]
    return trace if shapes == [tuple(x.shape[1:]) for x in step.outputs] else None


def _traced(model: keras.Model, is_whole: bool = False) -> keras.Model:
    """Call a subclassed model on symbolic inputs, or else take the one inside.

    Where it fails on the way, that is the part before, and a warning says so.
    """
    inputs: Any = None
    counts = {id(layer): len(layer._inbound_nodes) for layer in _layers_of(model)}
    try:
        inputs = _inputs_of(model)
        call = _uncompiled(model)
        takes = inspect.signature(call).parameters
        options = {"training": False} if "training" in takes else {}
        return keras.Model(inputs, call(inputs, **options), name=model.name)
    except Exception as error:
        reason = str(error).strip().partition("\n")[0][:150]
        if is_whole:
            raise ValueError(
                f"The model {model.name!r} can't be followed to its outputs: its "
                f"`call` doesn't run on symbolic inputs ({type(error).__name__}: "
                f"{reason}). Use `keras.ops` there, or pass a functional model of "
                "the same layers."
            ) from error
        inner = _models_inside(model)
        whole = [x for x in inner.values() if is_graph(x)]
        direct = model._flatten_layers(include_self=False, recursive=False)
        weighted = [x for x in direct if x.weights]
        if len(inner) == len(whole) == 1 and weighted in ([], whole):
            return whole[0]
        part = None if inputs is None else _part_before(model, inputs, counts)
        if part is not None:
            warnings.warn(
                f"Of the model {model.name!r} only the layers are seen that its `call` "
                f"uses before it fails on symbolic inputs ({type(error).__name__}: "
                f"{reason}). With `keras.ops` there all are.",
                UserWarning,
                stacklevel=2,
            )
            return part
        if len(inner) == len(whole) == 1:
            return whole[0]
        if len(inner) == 1:
            return _traced(next(iter(inner.values())))
        why = (
            f"The layers of the model {model.name!r} cannot be seen, since it is "
            "subclassed and its `call` doesn't run on symbolic inputs "
            f"({type(error).__name__}: {reason}). "
        )
        if inner:
            names = ", ".join(f"model.{name}" for name in inner)
            fix = f"It holds several models; pass one of them: {names}."
        else:
            fix = (
                "Pass a functional model of the part that makes the maps: `x = "
                f"keras.Input((length, 4))`, then `keras.Model(x, {_example(model)})`."
            )
        raise ValueError(why + fix) from error


def _inputs_of(model: keras.Model) -> Any:
    """Return symbolic inputs like those that a model was built with."""
    if _attribute(model, "inputs"):  # functional, with a call of its own
        return keras.tree.map_structure(
            lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name),
            model.input,
        )
    known = (model.get_build_config() or {}).get("input_shape")
    if known is None:
        raise ValueError("Keras doesn't know the shape of its inputs")
    return _symbolic_inputs(known)


def _uncompiled(model: keras.Model) -> Any:
    """Return a model's `call` without the `tf.function` or `jax.jit` around it."""
    for name in ("python_function", "__wrapped__"):
        inner = getattr(type(model).call, name, None)
        if inner is not None:
            return inner.__get__(model)
    return model.call


def _part_before(
    model: keras.Model, inputs: Any, counts: Mapping[int, int]
) -> keras.Model | None:
    """Return what was called of a model before its `call` failed, if it has weights."""
    nodes = [
        node
        for layer in _layers_of(model)
        if layer.weights
        for node in layer._inbound_nodes[counts.get(id(layer), 0) :]
    ]
    outputs = [x for node in nodes for x in node.output_tensors]
    try:
        return keras.Model(inputs, outputs, name=model.name) if outputs else None
    except ValueError:  # what doesn't depend on the inputs
        return None


def _example(model: keras.Model) -> str:
    """Return how to call a layer of a model, one with weights if there is one."""
    held = [
        f"model.{name}"
        for name, value in _attributes(model)
        if isinstance(value, keras.layers.Layer) and value.weights
    ]
    return f"{held[0] if held else 'model.your_convolution'}(x)"


def _models_inside(model: keras.Model) -> dict[str, keras.Model]:
    """Return the built models that a subclassed one holds, by attribute, each once."""
    found: dict[str, keras.Model] = {}
    for name, value in _attributes(model):
        inner = unwrapped(value)
        is_new = all(inner is not other for other in found.values())
        if isinstance(inner, keras.Model) and inner.built and is_new:
            found[name] = inner
    return found


def _attributes(model: keras.Model) -> list[tuple[str, Any]]:
    """Return what a model holds, lists one by one, with how to write it."""
    own = vars(model)
    held: list[tuple[str, Any]] = []
    for name, value in {**own, **own.get("_modules", {})}.items():  # PyTorch's place
        if isinstance(value, list | tuple) and not name.startswith("_"):
            held += [(f"{name}[{index}]", one) for index, one in enumerate(value)]
        else:
            held.append((name, value))
    return held


@contextmanager
def _nodes_forgotten(model: keras.Model) -> Iterator[None]:
    """Take the calls made meanwhile out of a model's layers again."""
    kept = [
        (nodes, len(nodes))
        for layer in _layers_of(model)
        for nodes in (layer._inbound_nodes, layer._outbound_nodes)
    ]
    try:
        yield
    finally:
        for nodes, count in kept:
            del nodes[count:]


def _layers_of(model: keras.Model) -> list[Any]:
    layers = list(model._flatten_layers())
    for layer in [x for x in layers if is_graph(x)]:
        layers += getattr(layer, "operations", layer.layers)
    return layers


def _symbolic_inputs(shapes: Any) -> Any:
    """Return inputs of the shapes that a model was built for."""
    if isinstance(shapes, Mapping):
        return {
            name: keras.Input(shape[1:], name=name) for name, shape in shapes.items()
        }
    if isinstance(shapes[0], list | tuple):
        return [keras.Input(tuple(shape[1:])) for shape in shapes]
    dtype = "int32" if len(shapes) == 2 else None  # one value a position: codes
    return keras.Input(tuple(shapes[1:]), dtype=dtype)


def is_graph(model: object) -> bool:
    """Return whether a layer is a model with a graph of its own, which it runs."""
    if not isinstance(model, keras.Model) or not _attribute(model, "inputs"):
        return False
    owner = next(x for x in type(model).__mro__ if "call" in vars(x))
    return owner.__module__.partition(".")[0] == "keras"


def _attribute(model: Any, name: str) -> Any:
    """Return an attribute; None where it is missing or the model is unbuilt."""
    try:
        return getattr(model, name, None)
    except ValueError:
        return None


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
