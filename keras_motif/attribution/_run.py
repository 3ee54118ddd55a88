"""What all methods share: batches of points, and their scores and gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from keras_motif._checks import check_count
from keras_motif._progress import progress_bar
from keras_motif.attribution._blame import first_layer
from keras_motif.attribution._gradients import compiled, with_gradient
from keras_motif.attribution._inputs import Inputs, read_inputs
from keras_motif.attribution._network import Network, OutputLike, plain_call
from keras_motif.attribution._rules import RescaleRule
from keras_motif.models.calls import call_graph
from keras_motif.models.graph import unwrapped

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Array", "Run", "opened", "parts_of"]

Array = np.ndarray[Any, Any]

_BATCH = 256
_CHUNK = 16  # batches whose points are in memory at once


class Run:
    """One model with one output, and the sequences to attribute.

    Attributes:
        sequences: One-hot, `(n, length, 4)`, float32.
    """

    def __init__(
        self, network: Network, inputs: Inputs, batch_size: int | None, bar: tqdm[Any]
    ) -> None:
        self.sequences = inputs.sequences
        self._inputs = inputs
        self._network = network
        self._batch_size = int(batch_size or _BATCH)
        self._bar = bar
        self._rule: RescaleRule | None = None
        self._is_long = False

    def expect(self, passes: int) -> None:
        """Tell the progress bar how many points there will be."""
        self._bar.total = passes

    def chunks(self, points: int) -> Iterator[tuple[int, int]]:
        """Cut the sequences into parts, for `points` of each sequence in memory."""
        size = max(1, _CHUNK * self._batch_size // points)
        for start in range(0, len(self.sequences), size):
            yield start, min(start + size, len(self.sequences))

    def predict(self, rows: Array, batch: Callable[[Array], Array]) -> Array:
        """Return scores at points, float64.

        Args:
            rows: The sequence that each point belongs to.
            batch: Makes the points of some indices, `(m, length, 4)`.

        Raises:
            ValueError: A score that is not finite.
        """
        found = np.empty(len(rows))
        for part in self._parts(len(rows)):
            found[part] = self._forward(*self._filled(batch(part), rows[part]))[
                : len(part)
            ]
        if not np.isfinite(found).all():
            self.check(found)
        return found

    def gradients(
        self, rows: Array, batch: Callable[[Array], Array]
    ) -> Iterator[tuple[Array, Array]]:
        """Give the gradients at points, batch by batch, with the points' indices."""
        for part in self._parts(len(rows)):
            tensors = self._filled(batch(part), rows[part])
            yield part, self._gradient(*tensors)[1][: len(part)]

    def multipliers(
        self, rows: Array, batch: Callable[[Array], Array]
    ) -> Iterator[tuple[Array, Array]]:
        """Give DeepLIFT's multipliers against references, as `gradients` does."""
        for part in self._parts(len(rows)):
            x = self.sequences[rows[part]]
            others = self._filled(batch(part), rows[part])
            (first, *_) = self._filled(x, rows[part])
            yield part, self._multiplier(first, *others)[1][: len(part)]

    def warn(self) -> None:
        """Warn of layers for which DeepLIFT has no rule."""
        if self._rule is not None and self._rule.unknown:
            warnings.warn(
                "DeepLIFT has no rule for these layers, so they have their plain "
                f"gradient: {', '.join(self._rule.unknown)}. "
                "`return_completeness=True` tells how far the contributions are from "
                "adding up.",
                stacklevel=3,
            )

    def check(self, found: Array) -> None:
        """Raise for gradients that are zero everywhere, or not finite."""
        is_finite = bool(np.isfinite(found).all())
        if is_finite and found.any():
            return
        x = self.sequences[: self._batch_size]
        # Each base another one, so that there are two sequences at least.
        points = np.concatenate([x, np.roll(x, 1, axis=2)])
        rows = np.tile(np.arange(len(x)), 2)
        tensors = self._ordered(self._filled(points, rows))
        name, why = first_layer(self._network, tensors, self._inputs.place)
        if why == "nan" or not is_finite:
            where = "" if why != "nan" else f": first in the output of {name!r}"
            raise ValueError(
                f"The model {self._network.name!r} gives scores or gradients that are "
                f"not finite{where}. Look at its weights for NaN and inf."
            )
        where = "" if name is None else f" The output of {name!r} is {why}."
        raise ValueError(
            f"The gradient of the model {self._network.name!r} is 0 everywhere: its "
            f"score doesn't depend on these sequences.{where} Look at its weights, "
            "or choose another `output`."
        )

    @cached_property
    def _forward(self) -> Callable[..., Array]:
        return compiled(self._score)

    @cached_property
    def _gradient(self) -> Callable[..., tuple[Array, Array]]:
        return with_gradient(self._score)

    @cached_property
    def _multiplier(self) -> Callable[..., tuple[Array, Array]]:
        rule = self._rule = RescaleRule(self._network.calls)

        def score(x: Any, reference: Any, *others: Any) -> Any:
            both = [keras.ops.concatenate([x, reference], axis=0)]
            both += [keras.ops.concatenate([one, one], axis=0) for one in others]
            pairs = self._network.scores(self._ordered(both), rule)
            return keras.ops.split(pairs, 2, axis=0)[0]

        return with_gradient(score)

    def _score(self, *tensors: Any) -> Any:
        return self._network.scores(self._ordered(tensors), plain_call)

    def _ordered(self, tensors: Sequence[Any]) -> list[Any]:
        """Return the sequences and the other inputs in the model's order."""
        first, *others = tensors
        place = self._inputs.place
        return [*others[:place], first, *others[place:]]

    def _filled(self, points: Array, rows: Array) -> list[Array]:
        """Return a batch of all inputs, a last one filled up: another size compiles."""
        arrays = [points, *(other[rows] for other in self._inputs.others)]
        missing = self._batch_size - len(points)
        if missing <= 0 or not self._is_long:
            return arrays
        return [np.concatenate([x, np.repeat(x[:1], missing, axis=0)]) for x in arrays]

    def _parts(self, num: int) -> Iterator[Array]:
        self._is_long |= num > self._batch_size
        for start in range(0, num, self._batch_size):
            part = np.arange(start, min(start + self._batch_size, num))
            yield part
            self._bar.update(len(part))


def parts_of(points: Array) -> Callable[[Array], Array]:
    """Return what makes a batch of points that are there already."""
    return lambda part: np.asarray(points[part])


@contextmanager
def opened(
    model: Any,
    sequences: Any,
    output: OutputLike,
    logits: bool,
    inputs: str | int | None,
    batch_size: int | None,
    progress: bool | None,
) -> Iterator[Run]:
    """Check what every method takes and open the model's graph.

    Raises:
        ValueError: Sequences that are not one-hot, an output that isn't there, a
            batch size below 1, inputs that are missing.
        TypeError: Something else than a Keras model.
    """
    model = unwrapped(model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    if batch_size is not None:
        check_count(batch_size, "batch_size")
    graph = call_graph(model, is_whole=True)
    found = read_inputs(graph, sequences, inputs)
    network = Network(graph, output, logits)
    with progress_bar("Attributing", "passes", None, progress) as bar:
        yield Run(network, found, batch_size, bar)
