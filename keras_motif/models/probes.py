"""What an unknown operation does, found by changing one position of its input.

It is evaluated with random weights in place of its own, so the answer is that of its
structure: the same before and after training, with dead filters, with kernels whose
ends are zero. Positive weights and inputs, so that no rectifier is shut and nothing
cancels; a change upwards is the largest value of every pool that sees it. NaN goes
where a change could be hidden, but some pools swallow it: what either shows is seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_motif.models._windows import fitted
from keras_motif.models.calls import Call
from keras_motif.models.fields import Local

__all__ = [
    "LOW",
    "MOVED",
    "Question",
    "measured_rule",
    "random_weights",
    "to_numpy",
]

Array = np.ndarray[Any, Any]

_BYTES = 2**25  # of the inputs evaluated at once
_ALL = 640  # positions up to which each is changed
_BLOCK = 192  # positions changed in the middle of longer inputs, at first
_MOST = 3072  # positions changed in the end
_DRAWS = 3  # random inputs
MOVED = 3e-6  # of the largest value; float32 rounds at 1e-7
_BASES = 4
LOW = ("bfloat16", "float16")


def to_numpy(tensor: Any) -> Array:
    """Return a tensor of any backend as an array; floats as float32."""
    if "float" in str(getattr(tensor, "dtype", "")):
        tensor = keras.ops.cast(tensor, "float32")
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def random_weights(
    operations: Sequence[Any], *, signed: bool = False
) -> dict[int, Any]:
    """Return positive random values for the weights of layers, by a variable's `id`.

    Their sizes fall with the inputs that a kernel sums, so that nothing overflows.
    Where they are `signed`, kernels have either sign and addends are 0.
    """
    random = np.random.default_rng(0)
    values: dict[int, Any] = {}
    for operation in operations:
        for variable in getattr(operation, "variables", []):
            if id(variable) in values or "float" not in str(variable.dtype):
                continue
            shape = tuple(variable.shape)
            scale = 1 / max(math.prod(shape[:-1]), 1)
            value = scale * random.uniform(0.5, 1.5, size=shape)
            if signed and len(shape) > 1:
                value *= random.choice([-1, 1], size=shape)
            elif signed and any(x in variable.name for x in ("bias", "beta")):
                value *= 0
            values[id(variable)] = keras.ops.convert_to_tensor(
                value.astype("float32"), dtype=variable.dtype
            )
    return values


class Question(NamedTuple):
    """Which positions of an input do the positions of an output see?

    Attributes:
        call: The call.
        place: Which of its inputs holds the positions.
        shapes: The shape of each input, without the batch.
        axis: The axis of positions of that one, counted with the batch.
        output: Which of its outputs.
        is_one_hot: Whether the input holds bases.
        constants: The values of inputs that no sequence changes, by their place.
    """

    call: Call
    place: int
    shapes: Sequence[Sequence[int]]
    axis: int
    output: int = 0
    is_one_hot: bool = False
    constants: Mapping[int, Array] = {}


def measured_rule(question: Question) -> tuple[Local | str, bool]:
    """Find out which positions of an input the positions of an output see.

    Args:
        question: Of which call.

    Returns:
        The rule; "none" where no positions are left, "whole" where each sees all,
        "constant" where nothing is seen; and whether statistics of the whole length
        were left out of it.

    Raises:
        ValueError: Positions that see no window that moves along.
    """
    probe = _Probe(question)
    length = probe.length
    count = length if length <= _ALL else _BLOCK
    while True:
        first = (length - count) // 2
        moved, has_statistics = probe.moved(range(first, first + count))
        rule = fitted(moved, first, first + count, length)
        if rule is not None or count == length:
            break
        if count >= _MOST:
            raise ValueError("its positions see more than can be measured")
        count = min(4 * count, _MOST, length)
    if rule is not None:
        return rule, has_statistics
    is_still = not has_statistics and not any(mask.any() for mask in moved)
    if len(moved) < 2:  # nothing but the batch and features
        is_switch = not question.call.step.outputs[question.output].shape
        return "constant" if is_switch and is_still else "none", False
    return "constant" if is_still else "whole", False


class _Probe:
    """Evaluates a call on inputs that differ at one position."""

    def __init__(self, question: Question) -> None:
        call, place, shapes, axis = question[:4]
        self._call = call
        self._place = place
        self._output = question.output
        self._constants = question.constants
        self._shapes = [tuple(shape) for shape in shapes]
        self._axis = axis - 1
        self._is_one_hot = question.is_one_hot
        self._weights = random_weights([call.operation])
        self._random = np.random.default_rng(1)
        self._is_integer = "int" in str(call.step.inputs[place].dtype)
        self.length = int(shapes[place][axis - 1])

    def moved(self, places: Sequence[int]) -> tuple[list[Array], bool]:
        """Return which outputs see each position, and whether statistics were left out.

        Returns:
            For each axis of the output, `(places, size)`.
        """
        masks: Array | None = None
        has_statistics = False
        for _ in range(_DRAWS):
            base = [self._draw(shape) for shape in self._shapes]
            for kind in ("up", "down"):
                values, plain = self._outputs(base, places, kind)
                scale = float(np.abs(plain).max()) or 1.0
                with np.errstate(invalid="ignore"):
                    mask = ~(np.abs(values - plain) <= MOVED * scale)
                if mask.reshape(len(mask), -1).all(axis=1).mean() > 0.5:
                    explained = self._statistics(values, plain, places, scale)
                    if explained is not None:
                        mask &= ~explained
                        has_statistics = True
                masks = mask if masks is None else masks | mask
        if masks is None:
            return [], False
        if not has_statistics and not self._is_integer:
            masks |= self._reached_by_nan(places, masks)
        masks = masks[:, None] if masks.ndim == 1 else masks
        axes = range(1, masks.ndim)
        return [
            np.asarray(masks.any(axis=tuple(other for other in axes if other != one)))
            for one in axes
        ], has_statistics

    def _draw(self, shape: tuple[int, ...]) -> Array:
        if self._is_integer:
            return self._random.integers(0, _BASES, size=shape)
        if self._is_one_hot:
            codes = self._random.integers(0, _BASES, size=shape)
            # One-hot along whichever axis has the bases: the last of that size.
            places = [i for i, size in enumerate(shape) if size == _BASES]
            base = next((i for i in reversed(places) if i != self._axis), None)
            if base is not None:
                codes = codes.take([0], axis=base)
                steps = np.arange(_BASES).reshape(
                    [-1 if i == base else 1 for i in range(len(shape))]
                )
                return np.asarray(codes == steps, dtype=np.float32)
        return self._random.uniform(0, 1, size=shape).astype(np.float32)

    def _changed(self, values: Array, kind: str) -> Array:
        """Return other values for one position."""
        if self._is_integer:
            return (values + 1) % _BASES
        if kind == "nan":
            return np.full_like(values, np.nan)
        if self._is_one_hot and values.size >= _BASES:
            return np.roll(values.reshape(-1), 1 if kind == "up" else 2).reshape(
                values.shape
            )
        size = np.asarray(
            self._random.uniform(1, 2, size=values.shape), dtype=np.float32
        )
        return size if kind == "up" else -size

    def _outputs(
        self, base: list[Array], places: Sequence[int], kind: str
    ) -> tuple[Array, Array]:
        """Return the outputs with each position changed, and with none."""
        source = base[self._place]
        results = []
        for part in self._parts(places, source.nbytes):
            batch = np.repeat(source[None], len(part) + 1, axis=0)
            for row, index in enumerate(part):
                where: list[Any] = [slice(None)] * source.ndim
                where[self._axis] = index
                batch[(row, *where)] = self._changed(source[tuple(where)], kind)
            results.append(self._evaluate(batch, base))
        plain = results[0][-1]
        return np.concatenate([x[:-1] for x in results]), plain

    def _parts(self, places: Sequence[int], num_bytes: int) -> Iterator[Sequence[int]]:
        size = max(1, _BYTES // max(num_bytes, 1))
        for first in range(0, len(places), size):
            yield places[first : first + size]

    def _evaluate(self, batch: Array, base: list[Array]) -> Array:
        given = []
        for place, symbolic in enumerate(self._call.step.inputs):
            if place in self._constants:
                values = self._constants[place]
            else:
                values = np.repeat(base[place][None], len(batch), axis=0)
            dtype = "float32" if symbolic.dtype in LOW else symbolic.dtype
            given.append(
                keras.ops.convert_to_tensor(
                    batch if place == self._place else values, dtype=dtype
                )
            )
        outputs = self._call.evaluate(given, self._weights)
        found = to_numpy(outputs[self._output]).astype(np.float32)
        is_one = found.ndim == 0  # the same for all
        return np.broadcast_to(found, len(batch)) if is_one else found

    def _reached_by_nan(self, places: Sequence[int], masks: Array) -> Array:
        """Return where NaN shows; nothing where it floods all that there is."""
        base = [self._draw(shape) for shape in self._shapes]
        values, _ = self._outputs(base, places, "nan")
        reached: Array = np.isnan(values)
        flooded = reached.reshape(len(reached), -1).all(axis=1)
        reached[flooded] = False
        return reached

    def _statistics(
        self, values: Array, plain: Array, places: Sequence[int], scale: float
    ) -> Array | None:
        """Return what a statistic of the whole length explains of a change.

        A mean, a variance or a gate changes each channel by one factor and one
        addend, which the far positions tell.

        Returns:
            Where the change is explained, shaped as the outputs; None where the far
            positions deny it.
        """
        axis = self._axis
        if plain.ndim <= axis or plain.shape[axis] < 8:
            return None
        before = np.moveaxis(plain, axis, 0)
        after = np.moveaxis(values, axis + 1, 1)
        positions = len(before)
        explained = np.zeros(after.shape, dtype=bool)
        for row, index in enumerate(places):
            nearest = index * positions / self.length
            far = np.abs(np.arange(positions) - nearest) > positions / 4
            x, y = before[far].astype(float), after[row][far].astype(float)
            mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
            spread = ((x - mean_x) ** 2).sum(axis=0)
            factor = ((x - mean_x) * (y - mean_y)).sum(axis=0)
            factor = np.divide(
                factor, spread, out=np.ones_like(spread), where=spread > 0
            )
            expected = factor * (before - mean_x) + mean_y
            explained[row] = np.abs(after[row] - expected) <= 10 * MOVED * scale
            if not explained[row][far].all():
                return None
        return np.moveaxis(explained, 1, axis + 1)
