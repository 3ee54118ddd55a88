"""A model as a function from its inputs to one score for each sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeAlias

import keras
import numpy as np
from keras import ops

from keras_motif.models import operations
from keras_motif.models.calls import Call, CallGraph, in_float32

__all__ = ["Caller", "Network", "OutputLike", "plain_call", "without_activation"]

OutputLike: TypeAlias = "int | str | tuple[str, int] | Callable[[Any], Any] | None"
Caller: TypeAlias = "Callable[[Call, Sequence[Any]], Sequence[Any]]"

_LAST = (keras.activations.sigmoid, keras.activations.softmax)


class _Target(NamedTuple):
    """One output: the value to compute, or the call to make linear."""

    value: int
    linear: Call | None


class Network:
    """A model with the score to explain.

    Args:
        graph: The model's calls.
        output: See `attribution.saliency`.
        logits: Whether to leave out a last sigmoid or softmax.

    Attributes:
        name: The model's name.

    Raises:
        ValueError: An output that the model doesn't have.
    """

    def __init__(self, graph: CallGraph, output: OutputLike, logits: bool) -> None:
        self.name = graph.name
        self._graph = graph
        self._function = output if callable(output) else None
        self._unit: int | None = None
        chosen = list(range(len(graph.outputs)))
        if not callable(output):
            place, self._unit = _chosen_unit(graph, output)
            chosen = [place]
        self._targets = [_target(graph, graph.outputs[x], logits) for x in chosen]
        self.calls = _needed(graph, self._targets)

    def scores(self, inputs: Sequence[Any], call: Caller) -> Any:
        """Return one score for each sequence, of shape `(n,)`.

        Args:
            inputs: A tensor for each of the model's inputs.
            call: Called in place of each operation.
        """
        values = dict(zip(self._graph.inputs, inputs, strict=True))
        for one in self.calls:
            given = [values[n] for n in one.inputs]
            values.update(zip(one.outputs, _evaluated(one, given, call), strict=True))
        found = []
        for target in self._targets:
            last = target.linear
            if last is None:
                found.append(values[target.value])
                continue
            given = [values[n] for n in last.inputs]
            with without_activation(last.operation):
                found += _evaluated(last, given, call)
        if self._function is None:
            return ops.take(found[0], self._unit, axis=1)
        score = self._function(keras.tree.pack_sequence_as(self._graph.output, found))
        shape = tuple(getattr(score, "shape", ()))
        if shape != (found[0].shape[0],):
            raise ValueError(
                "The function `output` must return one score for each sequence, shape "
                f"(n,). Received shape {shape} for n = {found[0].shape[0]}; take the "
                "mean or one unit of the other axes."
            )
        return score

    def depends_on(self, call: Call, place: int) -> bool:
        """Return whether a call depends on an input."""
        return place in self._graph.sources(call.outputs[0])


def plain_call(call: Call, tensors: Sequence[Any]) -> Sequence[Any]:
    """Call an operation as the model does outside of training."""
    return call.evaluate(tensors)


def _evaluated(call: Call, tensors: Sequence[Any], caller: Caller) -> Sequence[Any]:
    """Evaluate a call in float32, whatever the precision of its layer."""
    with in_float32(call.operation):
        return caller(call, tensors)


@contextmanager
def without_activation(layer: Any) -> Iterator[None]:
    """Make a layer linear for a while."""
    # Past Keras' own bookkeeping, which would note a change of the layer. An activation
    # that is a layer lies elsewhere under PyTorch, and this name hides it.
    own = vars(layer)
    is_own, kept = "activation" in own, own.get("activation")
    own["activation"] = keras.activations.linear
    try:
        yield
    finally:
        if is_own:
            own["activation"] = kept
        else:
            del own["activation"]


def _target(graph: CallGraph, value: int, logits: bool) -> _Target:
    makers = {n: x for x in graph.calls if not x.is_model for n in x.outputs}
    number = value
    while logits and number in makers:
        call = makers[number]
        operation = call.operation
        if _is_last_activation(operation):
            return _Target(call.inputs[0], None)
        if getattr(operation, "activation", None) in _LAST:
            return _Target(number, call)
        passes = operations.kind(operation) in ("cast", "identity") or (
            operations.is_a(operation, keras.layers.Activation)
            and operations.is_linear(operation)
        )
        if not passes or len(call.inputs) != 1:
            break
        (number,) = call.inputs
    return _Target(value, None)


def _needed(graph: CallGraph, targets: Sequence[_Target]) -> list[Call]:
    """Return the calls that make the targets' values, in graph order."""
    numbers: set[int] = set()
    for target in targets:
        numbers |= {target.value} if target.linear is None else {*target.linear.inputs}
    found = {id(x) for n in numbers for x in graph.to(n)}
    return [x for x in graph.calls if id(x) in found]


def _is_last_activation(operation: Any) -> bool:
    if operations.is_a(operation, keras.layers.Activation):
        return operation.activation in _LAST
    return operations.is_known(operation) and operations.kind(operation) in (
        "sigmoid",
        "softmax",
    )


def _names(graph: CallGraph) -> list[str]:
    """Return the outputs' names: the keys of a dict, or else of what makes them."""
    if isinstance(graph.output, Mapping):
        keys = {id(tensor): str(key) for key, tensor in graph.output.items()}
        flat = keras.tree.flatten(graph.output)
        if all(id(tensor) in keys for tensor in flat):
            return [keys[id(tensor)] for tensor in flat]
    makers = {n: x for x in graph.calls for n in x.outputs}
    return [str(makers[n].name) if n in makers else graph.name for n in graph.outputs]


def _chosen_unit(graph: CallGraph, output: OutputLike) -> tuple[int, int]:
    """Return which output, and which unit of it, `output` asks for.

    Raises:
        ValueError: There is none, or it can't be told.
    """
    names = _names(graph)
    shapes = [tuple(x.shape) for x in keras.tree.flatten(graph.output)]
    name: Any = names[0] if len(names) == 1 else None
    index: Any = output
    if isinstance(output, str):
        name, index = output, None
    elif isinstance(output, tuple) and len(output) == 2:
        name, index = output
    place = names.index(name) if names.count(name) == 1 else None
    if place is not None:
        shape = shapes[place]
        if index is None and len(shape) == 2 and shape[1] == 1:
            index = 0
        is_index = isinstance(index, int | np.integer) and not isinstance(index, bool)
        if len(shape) == 2 and is_index and 0 <= index < (shape[1] or 0):
            return place, int(index)
    listed = ", ".join(
        f"{name!r} with shape (n, {', '.join(map(str, shape[1:]))})"
        for name, shape in zip(names, shapes, strict=True)
    )
    raise ValueError(
        "`output` must be the index of a unit from 0, (output name, index), or a "
        "function from the outputs to one score for each sequence. Received "
        f"{output!r}; the model has {listed}."
    )
