"""Where filters fire: positions of a layer's maps that are sites.

The data are read once, with the largest activations so far as the measure. What
passes it is kept as a candidate, and measured again when the largest of all are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.sequences import base_codes

__all__ = [
    "Block",
    "Rule",
    "Search",
    "Windows",
    "check_finite",
    "cutoffs",
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
    """

    starts: Array
    inside: Array
    width: int


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


class Search:
    """One search through the data.

    The network runs in the caller's thread; a second one looks through the maps of
    the batch before.

    Args:
        maps: The layer.
        batches: The sequences.
        rule: What counts as a site.
        largest: Each filter's largest activation where it is known beforehand,
            `(num_filters,)`; the candidates then are the sites.

    Attributes:
        largest: Each filter's largest activation so far, never below 0.

    Raises:
        ValueError: While iterating: activations that are not finite, and what
            `SequenceBatches` and `windows` raise.
    """

    def __init__(
        self,
        maps: ActivationMap,
        batches: SequenceBatches,
        rule: Rule,
        largest: Array | None = None,
    ) -> None:
        self._maps = maps
        self._batches = batches
        self._rule = rule
        self._is_known = largest is not None
        self.largest: Array = (
            np.zeros(maps.num_filters, dtype=np.float32) if largest is None else largest
        )

    def __iter__(self) -> Iterator[tuple[Block, Windows]]:
        """Yield each batch's candidates with the windows of the positions."""
        found: Windows | None = None
        waiting: Future[Block] | None = None
        first = 0
        with ThreadPoolExecutor(1, thread_name_prefix="keras-motif") as executor:
            for batch in self._batches:
                if found is None:
                    found = windows(self._maps, self._rule, batch.shape[1])
                strands = [batch]
                if self._rule.both_strands:
                    strands.append(batch[:, ::-1, ::-1])
                rows = np.concatenate(strands) if len(strands) > 1 else batch
                values = self._maps(rows)
                if waiting is not None:
                    yield waiting.result(), found
                waiting = executor.submit(
                    self._block, rows, values, found, first, len(batch)
                )
                first += len(batch)
            if waiting is not None and found is not None:
                yield waiting.result(), found

    def _block(
        self, rows: Array, values: Array, found: Windows, first: int, number: int
    ) -> Block:
        """Find the candidates in a batch's maps, `(rows, positions, filters)`."""
        if first == 0 and not self._is_known:
            # A measure to begin with, without which all positions would pass.
            some = values[: max(1, len(values) // 16)]
            np.maximum(self.largest, some.max(axis=(0, 1)), out=self.largest)
            check_finite(self.largest, self._maps.name)
        limits = cutoffs(self.largest, self._rule.threshold, self._is_known)
        # NaN is below nothing, so it passes and is found out.
        flat = np.flatnonzero(~(values <= limits.astype(np.float32)))
        places, filters = np.divmod(flat, self._maps.num_filters)
        row, positions = np.divmod(places, values.shape[1])
        block = Block(
            base_codes(rows),
            first,
            number,
            row.astype(np.int32),
            positions.astype(np.int32),
            filters.astype(np.int32),
            values.reshape(-1)[flat],
        )
        if not self._is_known:
            np.maximum.at(self.largest, filters, block.activations)
            limits = cutoffs(self.largest, self._rule.threshold)
        check_finite(block.activations, self._maps.name, filters)
        if self._rule.select == "best":
            block = _best(block)
        inside = found.inside[block.positions]
        return block.only(inside & (block.activations > limits[block.filters]))


def check_finite(activations: Array, name: str, filters: Array | None = None) -> None:
    """Raise on NaN and inf; -inf, as of log(0), may be.

    Args:
        activations: Of any number of positions.
        name: The layer's name.
        filters: Each activation's filter; None stands for one each, in order.

    Raises:
        ValueError: Names the filters.
    """
    bad = np.flatnonzero(np.isnan(activations) | (activations == np.inf))
    if not len(bad):
        return
    named = bad if filters is None else np.unique(filters[bad])
    raise ValueError(
        f"The activations of the layer {name!r} must be finite. Received NaN or inf "
        f"in filters {named.tolist()}. Likely causes: an exponential without batch "
        "norm before it, too high a learning rate, or float16 with Keras' own "
        "exponential; `keras_motif.Exponential()` stays finite for finite inputs."
    )


def _best(block: Block) -> Block:
    """Keep of each sequence and filter the highest candidate, the first of equals."""
    sequence = block.rows % block.num_sequences
    place = np.lexsort((-block.activations, block.filters, sequence))
    pair = np.stack([sequence[place], block.filters[place]])
    is_new = np.ones(len(place), dtype=bool)
    is_new[1:] = (pair[:, 1:] != pair[:, :-1]).any(axis=0)
    return block.only(np.sort(place[is_new]))


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


def windows(maps: ActivationMap, rule: Rule, length: int) -> Windows:
    """Return where each position's window lies in sequences of a length.

    Args:
        maps: The layer.
        rule: Says the width, and how near to the ends windows may be.
        length: Length of the sequences.

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
    start = field.start - (width - field.size + 1) // 2
    # A window [s, s + width) must lie in the sequence; the released code drops
    # those that touch an end as well.
    margin = 1 if rule.released else 0
    starts = start + field.stride * np.arange(field.length)
    inside = (starts >= margin) & (starts + width <= length - margin)
    if not inside.any():
        raise ValueError(
            f"`sequences` must be long enough for windows of {width} bases. Received "
            f"length {length}."
        )
    return Windows(starts, inside, width)
