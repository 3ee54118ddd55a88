"""A model as a function from sequences to one score each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras
from keras import ops

from keras_motif.models.graph import replay

__all__ = ["Call", "OutputLike", "plain_call", "scores", "without_activation"]

OutputLike: TypeAlias = "int | tuple[str, int] | Callable[[Any], Any] | None"
Call: TypeAlias = "Callable[[Any, Any, Any], Any]"

_LAST = (keras.activations.sigmoid, keras.activations.softmax)


def plain_call(operation: Any, args: Any, kwargs: Any) -> Any:
    """Call an operation as the model does."""
    return operation(*args, **kwargs)


def scores(
    model: keras.Model,
    x: Any,
    output: OutputLike,
    logits: bool,
    call: Call = plain_call,
) -> Any:
    """Return one score for each sequence, of shape `(n,)`.

    Args:
        model: A Sequential or functional model of one input.
        x: Sequences, `(n, length, 4)`.
        output: See `attribution.saliency`.
        logits: Whether to leave out a last sigmoid or softmax.
        call: Called in place of each operation.

    Raises:
        ValueError: An output that the model doesn't have.
    """

    def step(operation: Any, args: Any, kwargs: Any, is_last: bool) -> Any:
        if is_last and logits:
            if _is_last_activation(operation):
                return args[0]
            if getattr(operation, "activation", None) in _LAST:
                with without_activation(operation):
                    return call(operation, args, kwargs)
        return call(operation, args, kwargs)

    return _chosen(model, replay(model, [x], step), output)


@contextmanager
def without_activation(layer: Any) -> Iterator[None]:
    """Make a layer linear for a while."""
    # Past Keras' own bookkeeping, which would note a change of the layer.
    kept = vars(layer)["activation"]
    vars(layer)["activation"] = keras.activations.linear
    try:
        yield
    finally:
        vars(layer)["activation"] = kept


def _is_last_activation(operation: Any) -> bool:
    if isinstance(operation, keras.layers.Activation):
        return operation.activation in _LAST
    return type(operation).__name__ in ("Sigmoid", "Softmax")


def _chosen(model: keras.Model, outputs: list[Any], output: OutputLike) -> Any:
    """Return the score that `output` asks for."""
    if callable(output):
        score = output(outputs[0] if len(outputs) == 1 else outputs)
        if len(getattr(score, "shape", ())) != 1:
            raise ValueError(
                "The function `output` must return one score for each sequence, shape "
                f"(n,). Received shape {tuple(getattr(score, 'shape', ()))}; take the "
                "mean or one unit of the other axes."
            )
        return score
    # A Sequential model has no names of outputs, and one output.
    names = list(getattr(model, "output_names", [model.name]))
    name: Any
    index: Any
    if isinstance(output, tuple) and len(output) == 2:
        name, index = output
    elif len(outputs) == 1:
        name, index = names[0], output
    else:
        raise ValueError(_wanted(names, outputs, output))
    if name not in names:
        raise ValueError(_wanted(names, outputs, output))
    tensor = outputs[names.index(name)]
    if index is None and len(tensor.shape) == 2 and tensor.shape[1] == 1:
        index = 0
    is_index = isinstance(index, int) and not isinstance(index, bool)
    if len(tensor.shape) != 2 or not is_index or not 0 <= index < tensor.shape[1]:
        raise ValueError(_wanted(names, outputs, output))
    return ops.take(tensor, index, axis=1)


def _wanted(names: list[str], outputs: list[Any], output: OutputLike) -> str:
    listed = ", ".join(
        f"{name!r} with shape (n, {', '.join(map(str, x.shape[1:]))})"
        for name, x in zip(names, outputs, strict=True)
    )
    return (
        "`output` must be the index of a unit from 0, (output name, index), or a "
        "function from the outputs to one score for each sequence. Received "
        f"{output!r}; the model has {listed}."
    )
