"""What all methods share: checks, batches, and gradients summed over many points."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from keras_motif._checks import check_one_hot_shape, check_one_hot_values
from keras_motif.attribution._gradients import compiled, with_gradient
from keras_motif.attribution._network import (
    OutputLike,
    plain_call,
    scores,
)
from keras_motif.attribution._rules import RescaleRule
from keras_motif.models.graph import as_graph

__all__ = ["Array", "Run", "check_count", "opened"]

Array = np.ndarray[Any, Any]

_BATCH = 256


def check_count(value: object, name: str) -> None:
    """Raise unless a number of things is a whole number, 1 or more."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(
            f"`{name}` must be a whole number, 1 or more. Received {value!r}."
        )


class Run:
    """One model with one output, and the sequences to attribute.

    Attributes:
        sequences: One-hot, `(n, length, 4)`, float32.
    """

    def __init__(
        self,
        graph: keras.Model,
        sequences: Array,
        output: OutputLike,
        logits: bool,
        batch_size: int | None,
        progress: bool | None,
    ) -> None:
        self.sequences = sequences
        self._graph = graph
        self._output = output
        self._logits = logits
        self._batch_size = batch_size or _BATCH
        self._progress = progress
        self._with_gradient = with_gradient(self._score)  # compiled once

    def predict(self, num: int, batch: Callable[[Array], Array]) -> Array:
        """Return the scores of `num` inputs, which `batch(indices)` makes."""
        forward = compiled(self._score)
        found = [forward(batch(part))[: len(part)] for part in self._parts(num)]
        return np.concatenate(found).astype(np.float64)

    def gradients(
        self, num: int, batch: Callable[[Array], Array], weight: float
    ) -> Array:
        """Return gradients at points, weighted and summed over those of a sequence.

        Args:
            num: Points; each sequence has as many, one behind the other.
            batch: Makes the points of some indices.
            weight: Factor on each.
        """
        run = self._with_gradient
        return self._summed(num, lambda part: run(batch(part))[1], weight)

    def multipliers(self, references: Array) -> Array:
        """Return DeepLIFT's multipliers against references, `(n, num, length, 4)`."""
        n, num, length, _ = references.shape
        rule = RescaleRule()

        def score(x: Any, reference: Any) -> Any:
            both = keras.ops.concatenate([x, reference], axis=0)
            pairs = scores(self._graph, both, self._output, self._logits, rule)
            return keras.ops.split(pairs, 2, axis=0)[0]

        run = with_gradient(score)
        found = np.empty((n * num, length, 4), np.float32)
        for part in self._parts(n * num):
            others = references[part // num, part % num]
            found[part] = run(self.sequences[part // num], others)[1][: len(part)]
        self._check(found)
        if rule.unknown:
            warnings.warn(
                "DeepLIFT has no rule for these layers, so they have their plain "
                f"gradient: {', '.join(rule.unknown)}. `return_completeness=True` "
                "tells how far the contributions are from adding up.",
                stacklevel=3,
            )
        return found.reshape(references.shape)

    def _summed(
        self, num: int, gradient: Callable[[Array], Array], weight: float
    ) -> Array:
        each = num // len(self.sequences)
        sums = np.zeros(self.sequences.shape, np.float64)
        for part in self._parts(num):
            np.add.at(sums, part // each, gradient(part)[: len(part)] * weight)
        self._check(sums)
        return sums

    def _score(self, x: Any) -> Any:
        return scores(self._graph, x, self._output, self._logits, plain_call)

    def _parts(self, num: int) -> Iterator[Array]:
        waits = self._progress is None
        with tqdm(
            total=num,
            desc="Attributing",
            unit=" passes",
            disable=None if waits else not self._progress,
            delay=2 if waits else 0,
            leave=False,
        ) as bar:
            for start in range(0, num, self._batch_size):
                part = np.arange(start, min(start + self._batch_size, num))
                yield part
                bar.update(len(part))

    def _check(self, gradient: Array) -> None:
        """Raise for gradients that are zero everywhere, or not finite."""
        is_finite = bool(np.isfinite(gradient).all())
        if is_finite and gradient.any():
            return
        name = self._first(lambda y: not np.isfinite(y).all())
        if name is not None or not is_finite:
            where = "" if name is None else f": first in the output of {name!r}"
            raise ValueError(
                f"The model {self._graph.name!r} gives scores or gradients that are "
                f"not finite{where}. Look at its weights for NaN and inf."
            )
        name = self._first(lambda y: not y.any())
        where = "" if name is None else f" The output of {name!r} is 0 for all of them."
        raise ValueError(
            f"The gradient of the model {self._graph.name!r} is 0 everywhere: its "
            f"score doesn't depend on these sequences.{where} Look at its weights, "
            "or choose another `output`."
        )

    def _first(self, is_bad: Callable[[Array], bool]) -> str | None:
        """Name the first layer whose output is bad for the first sequences."""
        names: list[str] = []

        def call(operation: Any, args: Any, kwargs: Any) -> Any:
            result = operation(*args, **kwargs)
            arrays = map(keras.ops.convert_to_numpy, keras.tree.flatten(result))
            if any(is_bad(array) for array in arrays):
                names.append(operation.name)
            return result

        x = keras.ops.convert_to_tensor(self.sequences[: self._batch_size])
        scores(self._graph, x, self._output, self._logits, call)
        return names[0] if names else None


@contextmanager
def opened(
    model: Any,
    sequences: Any,
    output: OutputLike,
    logits: bool,
    batch_size: int | None,
    progress: bool | None,
) -> Iterator[Run]:
    """Check what every method takes and open the model's graph.

    Raises:
        ValueError: Sequences that are not one-hot, an output that isn't there, a
            batch size below 1, a model with several inputs.
        TypeError: Something else than a Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    if batch_size is not None:
        check_count(batch_size, "batch_size")
    array = np.asarray(sequences)
    if array.dtype.kind in "USO":
        raise ValueError(
            "`sequences` must be one-hot. Received strings; encode them with "
            "`keras_motif.one_hot(strings)`."
        )
    check_one_hot_shape(array.shape, "sequences")
    check_one_hot_values(array)
    empty = np.flatnonzero(~array.any(axis=(1, 2)))
    if len(empty):
        raise ValueError(
            "`sequences` must each hold a base. Received sequence "
            f"{empty[0]} of N alone; leave it out."
        )
    with as_graph(model) as graph:
        _check_inputs(graph, array.shape)
        yield Run(graph, array.astype(np.float32), output, logits, batch_size, progress)


def _check_inputs(graph: keras.Model, shape: tuple[int, ...]) -> None:
    shapes = [tuple(x.shape) for x in graph.inputs]
    if len(shapes) != 1:
        raise ValueError(
            "Attribution takes a model of one input, the sequences. Received inputs "
            f"of shapes {shapes}. Fix the others in a model of your own: "
            "`keras.Model(sequence, model([sequence, constant]))`."
        )
    (wanted,) = shapes
    if len(wanted) != 3 or wanted[2] != 4 or wanted[1] not in (None, shape[1]):
        raise ValueError(
            f"`sequences` must fit the model's input, shape {wanted}. Received shape "
            f"{shape}."
        )
    if not str(graph.inputs[0].dtype).startswith(("float", "bfloat")):
        raise ValueError(
            "The model's input must be of floats, since integers have no gradient. "
            f"Received dtype {graph.inputs[0].dtype}; build the model on "
            '`keras.Input((length, 4), dtype="float32")`.'
        )
