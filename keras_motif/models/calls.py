"""A model as a flat list of calls, those of nested models in their place."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

from keras_motif.models.graph import Step, as_graph, is_graph, opened, steps

__all__ = ["Call", "CallGraph", "call_graph", "in_float32", "run"]


class Call(NamedTuple):
    """One call of an operation; of a shared one there are several.

    Attributes:
        step: The operation, and what it was called with.
        inputs: The numbers of the values it takes.
        outputs: The numbers of the values it gives.
        path: The names of the nested models around it, from the outside in.
        is_trainable: Whether neither the layer nor a model around it is frozen.
        is_model: Whether it is a nested model, whose own calls come before it.
    """

    step: Step
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    path: tuple[str, ...]
    is_trainable: bool
    is_model: bool = False

    @property
    def operation(self) -> Any:
        """The layer or the Keras operation."""
        return self.step.operation

    @property
    def name(self) -> str:
        """The operation's name."""
        return str(self.step.operation.name)

    @property
    def long_name(self) -> str:
        """The name with those of the nested models around it."""
        return "/".join((*self.path, self.name))

    def filled(self, tensors: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments for some tensors, outside of training."""
        args, kwargs = self.step.filled(tensors)
        if _takes_training(self.operation):
            kwargs["training"] = False
        return args, kwargs

    def evaluate(
        self, tensors: Sequence[Any], weights: Mapping[int, Any] | None = None
    ) -> list[Any]:
        """Return what the call gives for some tensors.

        Args:
            tensors: The values of its inputs, in order.
            weights: Values to take in place of variables, by their `id`; the
                variables stay as they are.

        Returns:
            The values of its outputs.
        """
        args, kwargs = self.filled(tensors)
        operation = self.operation
        if weights is None:
            return keras.tree.flatten(operation(*args, **kwargs))  # type: ignore[no-any-return]
        variables = getattr(operation, "variables", [])
        known = [(x, weights[id(x)]) for x in variables if id(x) in weights]
        with (
            _untraced(),
            in_float32(operation),
            keras.StatelessScope(state_mapping=known),
        ):
            return keras.tree.flatten(operation(*args, **kwargs))  # type: ignore[no-any-return]


class CallGraph:
    """The calls of a model.

    Args:
        model: A Sequential or functional model.
        layers: The model's own layers, as an index counts them.
        opens: Whether models inside are followed, where they can be, whose graph isn't
            that of the call: subclassed ones, and those that cast their inputs.

    Attributes:
        name: The model's name.
        calls: In graph order, each after those whose values it takes.
        inputs: The numbers of the model's inputs.
        outputs: The numbers of its outputs.
        output: What the model returns, of symbolic tensors.
        tensors: The symbolic tensor of each value: its shape, dtype and name.
        layers: The model's own layers, as an index counts them.
    """

    def __init__(
        self, model: keras.Model, layers: Sequence[Any], *, opens: bool = False
    ) -> None:
        self._opens = opens
        self.name = str(model.name)
        self.layers = list(layers)
        self.calls: list[Call] = []
        self.tensors: dict[int, Any] = {}
        self.inputs = [self._new(tensor) for tensor in model.inputs]
        bound = {id(x): n for x, n in zip(model.inputs, self.inputs, strict=True)}
        self._add(model, bound, (), bool(model.trainable))
        self.outputs = [bound[id(tensor)] for tensor in model.outputs]
        is_chain = isinstance(model, keras.Sequential)
        self.output: Any = model.outputs[0] if is_chain else model.output

    def _new(self, tensor: Any) -> int:
        self.tensors[len(self.tensors)] = tensor
        return len(self.tensors) - 1

    def _add(
        self,
        model: keras.Model,
        bound: dict[int, int],
        path: tuple[str, ...],
        is_trainable: bool,
    ) -> None:
        """Add a model's calls; `bound` knows its inputs' numbers, and learns all."""
        for step in steps(model):
            if not step.inputs and all(id(x) in bound for x in step.outputs):
                continue
            operation = step.operation
            inputs = tuple(bound[id(tensor)] for tensor in step.inputs)
            trains = is_trainable and bool(getattr(operation, "trainable", True))
            inner = (*path, str(operation.name))
            if is_graph(operation) and _fits(operation, step):
                outputs = self._added(operation, inputs, inner, trains)
            elif self._opens:
                with opened(step) as model:
                    outputs = self._added(model, inputs, inner, trains)
            else:
                outputs = ()
            is_model = bool(outputs)
            outputs = outputs or tuple(self._new(tensor) for tensor in step.outputs)
            call = Call(step, inputs, outputs, path, trains, is_model)
            bound.update((id(x), n) for x, n in zip(step.outputs, outputs, strict=True))
            self.calls.append(call)

    def _added(
        self,
        model: keras.Model | None,
        inputs: tuple[int, ...],
        path: tuple[str, ...],
        is_trainable: bool,
    ) -> tuple[int, ...]:
        """Add the calls of a model inside; return its outputs, none without a model."""
        if model is None:
            return ()
        names = {id(x): n for x, n in zip(model.inputs, inputs, strict=True)}
        self._add(model, names, path, is_trainable)
        return tuple(names[id(tensor)] for tensor in model.outputs)

    def to(self, value: int) -> list[Call]:
        """Return the calls that make a value, in graph order, without nested models."""
        needed, kept = {value}, []
        for call in reversed(self.calls):
            if not call.is_model and needed & {*call.outputs}:
                kept.append(call)
                needed.update(call.inputs)
        return kept[::-1]

    def sources(self, value: int) -> list[int]:
        """Return which of the model's inputs a value depends on."""
        calls = self.to(value)
        needed = {value, *(n for call in calls for n in call.inputs)}
        return [place for place, n in enumerate(self.inputs) if n in needed]

    def users(self, value: int) -> list[Call]:
        """Return the calls that take a value, without nested models."""
        return [x for x in self.calls if value in x.inputs and not x.is_model]


def call_graph(model: keras.Model, *, is_whole: bool = False) -> CallGraph:
    """Return the calls of a model of any kind, which is left as it was.

    Args:
        model: A model of any kind.
        is_whole: See `as_graph`.

    Raises:
        ValueError: As `as_graph`.
    """
    with as_graph(model, is_whole=is_whole) as visible:
        layers = model.layers if visible.name == model.name else visible.layers
        return CallGraph(visible, layers, opens=True)


def run(
    calls: Iterable[Call],
    values: dict[int, Any],
    wanted: int,
    weights: Mapping[int, Any] | None = None,
) -> Any:
    """Evaluate calls in order.

    Args:
        calls: What makes the value wanted.
        values: What is known of the values, by number; changed.
        wanted: The number of the value to return.
        weights: See `Call.evaluate`.

    Returns:
        The value.
    """
    listed = list(calls)
    last = {n: place for place, call in enumerate(listed) for n in call.inputs}
    for place, call in enumerate(listed):
        given = [values[n] for n in call.inputs]
        results = call.evaluate(given, weights)
        values.update(zip(call.outputs, results, strict=True))
        for n in {*call.inputs}:
            if last[n] == place and n != wanted:
                del values[n]  # the maps of a batch are large
    return values[wanted]


def _fits(model: keras.Model, step: Step) -> bool:
    """Return whether a nested model takes its inputs as they come."""
    return len(model.inputs) == len(step.inputs) and all(
        len(inner.shape) == len(outer.shape) and inner.dtype == outer.dtype
        for inner, outer in zip(model.inputs, step.inputs, strict=True)
    )


def _takes_training(operation: Any) -> bool:
    is_layer = isinstance(operation, keras.layers.Layer)
    return is_layer and "training" in inspect.signature(operation.call).parameters


class _InFloat32(keras.DTypePolicy):  # type: ignore[misc]
    """Computes in float32 with variables of another precision."""

    def __init__(self, variable_dtype: str) -> None:
        super().__init__("float32")
        self._stored = variable_dtype

    @property
    def variable_dtype(self) -> str:
        return self._stored


@contextmanager
def in_float32(operation: Any) -> Iterator[None]:
    """Let a layer of mixed precision compute in float32, that small changes show."""
    is_layer = isinstance(operation, keras.layers.Layer)
    before = [
        (layer, layer.dtype_policy)
        for layer in (operation._flatten_layers() if is_layer else ())
        if layer.compute_dtype in ("bfloat16", "float16")
    ]
    try:
        for layer, _ in before:
            layer._dtype_policy = _InFloat32(layer.variable_dtype)
        yield
    finally:
        for layer, policy in before:
            layer._dtype_policy = policy


@contextmanager
def _untraced() -> Iterator[None]:
    """Run functions that a layer may have compiled step by step.

    A compiled one would keep the values that it was first run with.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        before = tf.config.functions_run_eagerly()
        tf.config.run_functions_eagerly(True)
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(before)
    elif backend == "jax":
        import jax

        with jax.disable_jit():
            yield
    else:
        yield
