"""How a model takes its sequences: which axis has the positions, which the bases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["BASES", "Layout", "find_layout"]

Array = np.ndarray[Any, Any]

BASES = 4
_KNOWN = (
    "(length, 4), (4, length), the same with an axis of 1 anywhere, more channels than "
    "4 with the bases first, or (length,) of integer codes"
)


class Layout(NamedTuple):
    """The layout of a model's input, the batch counted as axis 0.

    Attributes:
        shape: The input's shape; None for sizes that are open.
        positions: Its axis of positions.
        bases: Its axis of bases; None of integer codes.
        codes: The codes of A C G T and N; None of one-hot bases.
        unknown: What the model is given for each base of an N; None for what is given.
    """

    shape: tuple[int | None, ...]
    positions: int
    bases: int | None
    codes: tuple[int, ...] | None = None
    unknown: float | None = None

    @property
    def length(self) -> int | None:
        """The length of the sequences that the model takes; None for any."""
        return self.shape[self.positions]

    @property
    def channels(self) -> int:
        """How many channels a position has, the four bases first."""
        size = None if self.bases is None else self.shape[self.bases]
        return BASES if size is None else size

    def is_own(self, shape: Sequence[int]) -> bool:
        """Return whether an array is laid out as the model's own input.

        Where it could as well be `(n, length, 4)`, it is taken for that.
        """
        if len(shape) == 3 and shape[2] in (BASES, self.channels):
            return False
        fits = zip(shape[1:], self.shape[1:], strict=False)
        return len(shape) == len(self.shape) and all(b in (None, a) for a, b in fits)

    def from_model(self, batch: Array) -> Array:
        """Return an array of the model's own layout as `(n, length, channels)`.

        Raises:
            ValueError: Integer codes that stand for no base.
        """
        if self.codes is not None:
            codes = np.asarray(batch)
            known = np.isin(codes, self.codes)
            if not known.all():
                sequence, position = np.argwhere(~known)[0]
                raise ValueError(
                    f"`sequences` must hold the codes {list(self.codes)} for A C G T "
                    f"and N. Received {codes[sequence, position]} at sequence "
                    f"{sequence}, position {position}. Pass one-hot sequences of shape "
                    "(n, length, 4) instead."
                )
            table = np.array(self.codes[:BASES])
            return np.asarray(codes[..., None] == table, dtype=np.int8)
        moved = np.moveaxis(batch, (self.positions, self.bases or 0), (1, 2))
        return moved.reshape(moved.shape[:3])

    def to_model(self, batch: Array) -> Array:
        """Return sequences `(n, length, 4 or more)` as the model takes them.

        Channels that are missing are 0.

        Raises:
            ValueError: N, where the model's codes have none.
        """
        unknown = ~(batch[..., :BASES] == 1).any(axis=-1)
        if self.codes is not None:
            if unknown.any() and len(self.codes) == BASES:
                raise ValueError(
                    "`sequences` must not hold N: the model takes the codes "
                    f"{list(self.codes)} of A C G T, and has none for N. Leave those "
                    "sequences out."
                )
            codes = np.array(self.codes)
            index = batch[..., :BASES].argmax(axis=-1)
            index[unknown] = BASES
            return np.asarray(codes[index])
        if self.unknown is not None and unknown.any():
            dtype = np.result_type(batch.dtype, np.float32 if self.unknown else np.int8)
            batch = batch.astype(dtype)
            batch[..., :BASES][unknown] = self.unknown
        missing = self.channels - batch.shape[2]
        if missing > 0:
            batch = np.pad(batch, ((0, 0), (0, 0), (0, missing)))
        for axis in range(3, len(self.shape)):
            batch = np.expand_dims(batch, axis)
        return np.moveaxis(batch, (1, 2), (self.positions, self.bases or 0))


def find_layout(
    name: str,
    shape: Sequence[int | None],
    dtype: str = "float32",
    vocabulary: tuple[int, bool] | None = None,
) -> Layout:
    """Tell how a model takes its sequences, by the shape of its input.

    Args:
        name: The input's name, for the message.
        shape: Its shape, batch included.
        dtype: Its dtype.
        vocabulary: Of the embedding behind it: how many codes there are, and whether 0
            is masked.

    Returns:
        The layout.

    Raises:
        ValueError: A shape that sequences don't have.
    """
    shape = tuple(shape)
    sizes = shape[1:]
    if len(sizes) == 1 and (vocabulary is not None or "int" in dtype):
        return Layout(shape, 1, None, _codes(vocabulary))
    if len(sizes) == 2:
        bases = _base_axis(sizes, [0, 1])
        if bases is not None:
            return Layout(shape, 2 - bases, 1 + bases)
    if len(sizes) == 3:
        for single in (i for i, size in enumerate(sizes) if size == 1):
            others = [i for i in range(3) if i != single]
            bases = _base_axis(sizes, others)
            if bases is not None:
                positions = next(i for i in others if i != bases)
                return Layout(shape, 1 + positions, 1 + bases)
    raise ValueError(
        f"The input {name!r} of the model must take sequences of a shape such as "
        f"{_KNOWN}. It takes {sizes}. Where another input takes the sequences, name it "
        "with `inputs=`; else pass a model of the part behind what makes this shape."
    )


def _base_axis(sizes: Sequence[int | None], axes: list[int]) -> int | None:
    """Return which of two axes has the bases: the last of 4, or the smaller above."""
    exact = [i for i in axes if sizes[i] == BASES]
    if exact:
        return exact[-1]
    known = [(size, i) for i in axes if (size := sizes[i]) is not None]
    if not known:
        return axes[-1]
    size, axis = min(known)
    is_open = len(known) < len(axes)
    return axis if size > BASES and (is_open or size < max(known)[0]) else None


def _codes(vocabulary: tuple[int, bool] | None) -> tuple[int, ...]:
    """Return the codes of A C G T and, where there is one, N."""
    count, masks_zero = vocabulary or (BASES + 1, False)
    if masks_zero:
        return (1, 2, 3, 4, 0)
    return (0, 1, 2, 3, 4) if count > BASES else (0, 1, 2, 3)
