"""What counts as a site: the rule, the window of each position, candidates."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from keras_motif.extraction.activation_maps import ActivationMap

__all__ = [
    "Block",
    "Rule",
    "Windows",
    "check_finite",
    "cutoffs",
    "merged",
    "windows",
]

Array = np.ndarray[Any, Any]


class Rule(NamedTuple):
    """Which positions count as sites, and the window about each.

    Attributes:
        threshold: Share of the filter's largest activation.
        select: "all", or "best" for each sequence's first maximum alone.
        window: Width of the window; None stands for the receptive field.
        released: Whether windows that touch an end are dropped.
        both_strands: Whether the reverse complements are searched too.
    """

    threshold: float
    select: Literal["all", "best"]
    window: int | None
    released: bool
    both_strands: bool


class Windows(NamedTuple):
    """The window of each position of a map.

    Attributes:
        starts: First base of each position's window, `(positions,)`.
        inside: Whether it lies in the sequence as it should, `(positions,)`.
        width: Number of bases.
        num_bases: How many bases of each row are the sequence's.
        is_piece: Whether rows are pieces of sequences, whose other windows count for
            nothing.
    """

    starts: Array
    inside: Array
    width: int
    num_bases: int
    is_piece: bool = False


class Block(NamedTuple):
    """A batch's candidates.

    The rows are the batch's sequences, then, where both strands are searched, their
    reverse complements.

    Attributes:
        codes: The bases, `(rows, length)`: 0 for N, 1 to 4 for A C G T.
        first: Index of the batch's first sequence in the data.
        num_sequences: Number of sequences in the batch.
        rows: Of each candidate, like all that follow: its row.
        positions: Its position in the map.
        filters: Its filter.
        activations: Its activation, float32.
    """

    codes: Array
    first: int
    num_sequences: int
    rows: Array
    positions: Array
    filters: Array
    activations: Array

    @property
    def num_bytes(self) -> int:
        """How much memory the block takes."""
        return sum(part.nbytes for part in self if isinstance(part, np.ndarray))

    def above(self, limits: Array) -> Block:
        """Return the block with the candidates above limits, `(num_filters,)`."""
        kept = self.activations > limits[self.filters]
        return self if kept.all() else self.only(kept)

    def compact(self) -> Block:
        """Return the block without the sequences that have no candidate."""
        used = np.zeros(len(self.codes), dtype=bool)
        used[self.rows] = True
        if used.all():
            return self
        rows = (np.cumsum(used) - 1)[self.rows].astype(self.rows.dtype)
        return self._replace(codes=self.codes[used], rows=rows)

    def only(self, kept: Array) -> Block:
        """Return the block with some candidates: a mask or their indices."""
        return self._replace(
            rows=self.rows[kept],
            positions=self.positions[kept],
            filters=self.filters[kept],
            activations=self.activations[kept],
        )


def merged(blocks: list[Block]) -> Block:
    """Return several blocks as one, whose rows no longer tell the sequences."""
    if len(blocks) == 1:
        return blocks[0]
    firsts = np.cumsum([0, *(len(block.codes) for block in blocks)])
    rows = [
        block.rows.astype(np.int64) + first
        for block, first in zip(blocks, firsts[:-1], strict=True)
    ]
    return Block(
        np.concatenate([block.codes for block in blocks]),
        blocks[0].first,
        int(firsts[-1]),
        np.concatenate(rows),
        np.concatenate([block.positions for block in blocks]),
        np.concatenate([block.filters for block in blocks]),
        np.concatenate([block.activations for block in blocks]),
    )


def check_finite(
    activations: Array, maps: ActivationMap, filters: Array | None = None
) -> None:
    """Raise on NaN and inf; -inf, as of log(0), may be.

    Args:
        activations: Of any number of positions.
        maps: The layer.
        filters: Each activation's filter; None stands for one each, in order.

    Raises:
        ValueError: Names the filters, and says whether the weights are at fault.
    """
    bad = np.flatnonzero(np.isnan(activations) | (activations == np.inf))
    if not len(bad):
        return
    named = bad if filters is None else np.unique(filters[bad])
    raise ValueError(
        f"The activations of the layer {maps.name!r} must be finite. Received NaN or "
        f"inf in filters {named.tolist()}. {_cause_of_infinity(maps)}"
    )


def _cause_of_infinity(maps: ActivationMap) -> str:
    if all(np.isfinite(weight).all() for weight in maps.weights()):
        return (
            "Likely causes: an exponential without batch norm before it, too high a "
            "learning rate, or float16 with Keras' own exponential; "
            "`keras_motif.Exponential()` stays finite for finite inputs."
        )
    return (
        "The weights themselves are NaN or inf: training has diverged. Load weights "
        "from before, or train anew with a lower learning rate, with `clipnorm=`, or "
        "with batch norm before the exponential; `keras.callbacks.TerminateOnNaN()` "
        "stops such a training."
    )


def cutoffs(largest: Array, threshold: float, is_known: bool = True) -> Array:
    """Return what an activation must exceed, `(num_filters,)`, in float64.

    Of the exact product the next float32 below, so that the comparison in float32
    decides as one of real numbers would. A filter whose largest activation is 0 or
    less gets inf; before that is known, 0.

    Args:
        largest: Each filter's largest activation, `(num_filters,)`, float32.
        threshold: Share of it.
        is_known: Whether `largest` is of all the data.

    Returns:
        The limits, `(num_filters,)`.
    """
    exact = threshold * largest.astype(np.float64)
    rounded = exact.astype(np.float32)
    below = np.nextafter(rounded, np.float32(-np.inf))
    limits = np.where(rounded > exact, below, rounded).astype(np.float64)
    return np.where(largest > 0, limits, np.inf if is_known else 0.0)


def windows(
    maps: ActivationMap, rule: Rule, length: int, num_bases: int | None = None
) -> Windows:
    """Return where each position's window lies in sequences of a length.

    Args:
        maps: The layer.
        rule: Says the width, and how near to the ends windows may be.
        length: Length of the sequences.
        num_bases: How many of these bases are the sequence's, in pieces of sequences,
            which may be too short for a window.

    Returns:
        Starts, whether they count, and the width.

    Raises:
        ValueError: A window smaller than the receptive field, or sequences too short
            for it.
    """
    field = maps.receptive_field(length)
    width = field.size if rule.window is None else rule.window
    if width < field.size:
        raise ValueError(
            f"`window` must be at least the receptive field, {field.size} bases. "
            f"Received {width}."
        )
    # A window [s, s + width) must lie in the sequence; the released code drops
    # those that touch an end as well.
    margin = 1 if rule.released else 0
    starts = field.starts() - (width - field.size + 1) // 2
    end = length if num_bases is None else num_bases
    inside = (starts >= margin) & (starts + width <= end - margin)
    if num_bases is None and not inside.any():
        raise ValueError(
            f"`sequences` must be long enough for windows of {width} bases. Received "
            f"length {length}."
        )
    return Windows(starts, inside, width, end, is_piece=num_bases is not None)
