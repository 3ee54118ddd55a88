"""Which bases the positions of a map see, and the rules of Keras' layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_motif.layers import PWMConv1D, RevCompConv1D
from keras_motif.models import operations
from keras_motif.models.calls import Call

__all__ = ["Local", "ReceptiveField", "Track", "known_rule"]

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
    PWMConv1D,
    RevCompConv1D,
)
_POOLS = (
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
)
_WHOLE = (
    keras.layers.Attention,
    keras.layers.AdditiveAttention,
    keras.layers.GRU,
    keras.layers.GroupQueryAttention,
    keras.layers.LSTM,
    keras.layers.MultiHeadAttention,
    keras.layers.SimpleRNN,
)
_SHAPES = {"expanddims", "flatten", "reshape", "squeeze"}


class ReceptiveField(NamedTuple):
    """What the positions of a map see.

    Position p sees `size` bases from `starts()[p]`; at the ends some of them lie in
    the padding, outside the sequence.

    Attributes:
        start: First base that position 0 sees; negative with padding.
        size: Number of bases that a position sees.
        stride: Bases from one position to the next: negative where the positions run
            from the end of the sequence, a fraction where there are more than bases.
        length: Number of positions.
    """

    start: int | Fraction
    size: int
    stride: int | Fraction
    length: int

    def starts(self) -> np.ndarray[Any, Any]:
        """Return the first base that each position sees, `(length,)`."""
        stride, start = Fraction(self.stride), Fraction(self.start)
        divisor = math.lcm(stride.denominator, start.denominator)
        steps = int(stride * divisor) * np.arange(self.length)
        return np.asarray(-(-(int(start * divisor) + steps) // divisor))


class Local(NamedTuple):
    """What one operation does: position p sees `low + slope * p` to `high + slope * p`.

    Attributes:
        low: The first position of its input that position 0 of its output sees.
        high: The last one.
        slope: Positions of the input from one of the output to the next.
        length: Positions of the output.
        axis: The output's axis of positions.
    """

    low: Fraction
    high: Fraction
    slope: Fraction
    length: int
    axis: int

    @property
    def size(self) -> int:
        """How many positions of the input a position sees."""
        return math.floor(self.high - self.low) + 1


class Track(NamedTuple):
    """What the positions of a value see of the sequence.

    Attributes:
        low: The first base that position 0 sees.
        high: The last one.
        slope: Bases from one position to the next.
        length: Number of positions.
        axis: The axis of positions; None of a value that has none, such as an
            average over all.
    """

    low: Fraction
    high: Fraction
    slope: Fraction
    length: int
    axis: int | None

    @property
    def is_wide(self) -> bool:
        """Whether a position sees more than one base."""
        return self.high - self.low >= 1

    def after(self, local: Local) -> Track:
        """Return what is seen behind an operation."""
        ends = (self.slope * local.low, self.slope * local.high)
        return Track(
            low=self.low + min(ends),
            high=self.high + max(ends),
            slope=self.slope * local.slope,
            length=local.length,
            axis=local.axis,
        )

    def field(self) -> ReceptiveField:
        """Return it in whole bases."""
        if self.slope.denominator == 1:
            start = math.ceil(self.low)
            size = math.floor(self.high) - start + 1
            return ReceptiveField(start, size, int(self.slope), self.length)
        size = math.floor(self.high - self.low) + 1
        return ReceptiveField(self.low, size, self.slope, self.length)


def known_rule(
    call: Call, shape: Sequence[int | None], axis: int, length: int
) -> Local | str | None:
    """Return what one of Keras' own operations with one input does.

    Args:
        call: The call.
        shape: The shape of its input.
        axis: The axis of positions.
        length: How many there are.

    Returns:
        The rule; "none" where no positions are left, "whole" where each sees all;
        None for an operation without a rule.

    Raises:
        ValueError: An axis of positions that is not a spatial one.
    """
    operation, out = call.operation, call.step.outputs[0].shape
    if not operations.is_known(operation):
        return None
    name = operations.kind(operation)
    if operations.is_a(operation, (*_CONVOLUTIONS, *_POOLS)):
        return _sliding(operation, axis, length, len(shape))
    if operations.keeps_positions(operation):
        mixes = operations.is_a(operation, keras.layers.Dense)
        return "whole" if mixes and axis == len(shape) - 1 else _same(axis, length)
    if name.startswith("global") and "pooling" in name:
        return "none"
    if operations.is_a(operation, _WHOLE) or name == "bidirectional":
        return "whole"
    if name == "timedistributed":
        return _same(axis, length) if axis == 1 else None
    if name == "permute":
        return _same(1 + operation.dims.index(axis), length)
    if name == "transpose" and operation.axes:
        return _same([x % len(shape) for x in operation.axes].index(axis), length)
    if name in _SHAPES:
        return _reshaped(shape, axis, length, out)
    if name.startswith(("zeropadding", "cropping", "upsampling")):
        return _resized(operation, name, axis, length)
    return None


def _same(axis: int, length: int) -> Local:
    return Local(Fraction(0), Fraction(0), Fraction(1), length, axis)


def _spatial(operation: Any, axis: int, rank: int) -> int:
    """Return which of a layer's spatial axes is that of the positions."""
    is_first = operation.data_format == "channels_first"
    place = axis - (2 if is_first else 1)
    if axis == (1 if is_first else rank - 1):
        raise ValueError(
            f"The layer {operation.name!r} has data_format {operation.data_format!r}, "
            f"and takes axis {axis} of its input, the positions along the sequence, "
            "as channels."
        )
    return place


def _size(sizes: Any, place: int) -> int:
    return int(sizes[place] if isinstance(sizes, tuple | list) else sizes)


def _sliding(operation: Any, axis: int, length: int, rank: int) -> Local | str:
    """Return the rule of a window that slides along the positions."""
    place = _spatial(operation, axis, rank)
    is_pool = hasattr(operation, "pool_size")
    taps = _size(operation.pool_size if is_pool else operation.kernel_size, place)
    stride = _size(operation.strides, place)
    dilation = 1 if is_pool else _size(operation.dilation_rate, place)
    reach = (taps - 1) * dilation + 1
    if operation.padding == "valid":
        before, positions = 0, (length - reach) // stride + 1
    else:
        positions = -(-length // stride)
        needed = max((positions - 1) * stride + reach - length, 0)
        before = reach - 1 if operation.padding == "causal" else needed // 2
    low = Fraction(-before)
    return Local(low, low + reach - 1, Fraction(stride), max(positions, 0), axis)


def _reshaped(
    shape: Sequence[int | None], axis: int, length: int, out: Sequence[int | None]
) -> Local | str | None:
    """Return where the positions lie after a change of shape."""
    old = [length if i == axis else size for i, size in enumerate(shape)][1:]
    if None in old:
        return None
    new = [length if size is None else size for size in out][1:]
    before = math.prod(x for x in old[: axis - 1] if x is not None)
    for place, size in enumerate(new):
        if size == length and math.prod(new[:place]) == before:
            return _same(place + 1, length)
    return "none" if len(new) == 1 else None


def _resized(operation: Any, name: str, axis: int, length: int) -> Local | None:
    """Return the rule of padding, cropping and upsampling."""
    is_first = getattr(operation, "data_format", None) == "channels_first"
    is_flat = operation.__class__.__name__.endswith("1D")
    place = axis - (2 if is_first else 1)
    if place not in ((0,) if is_flat else (0, 1)):  # along the channels
        return _same(axis, length)
    if name.startswith("upsampling"):
        if getattr(operation, "interpolation", "nearest") != "nearest":
            return None
        factor = _size(operation.size, place)
        low = Fraction(1 - factor, factor)
        return Local(low, Fraction(0), Fraction(1, factor), length * factor, axis)
    sizes = operation.padding if name.startswith("zero") else operation.cropping
    pair = sizes if is_flat else sizes[place]
    before, after = (pair, pair) if isinstance(pair, int) else pair
    sign = 1 if name.startswith("zero") else -1
    shift = Fraction(-sign * before)
    return Local(shift, shift, Fraction(1), length + sign * (before + after), axis)
