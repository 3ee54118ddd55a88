"""Tomtom's statistics on arrays: which target motifs resemble a query motif.

Source: Gupta et al. (2007), Genome Biology 8:R24, and the behaviour of MEME Suite's
tomtom 5.4.1, whose printed figures these functions reproduce.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_motif.matching._alignments import BINS, Alignments
from keras_motif.matching._null import Null
from keras_motif.matching._targets import Entries
from keras_motif.matching._workers import in_order
from keras_motif.matching.column_scores import DISTANCES, Columns, Scorer
from keras_motif.matching.qvalues import Bootstrap

__all__ = ["Comparison", "Criterion", "compare", "smooth", "smooth_background"]

Array = np.ndarray[Any, Any]
Criterion = Literal["evalue", "qvalue", "pvalue"]

DEFAULT_SITES = 20  # Tomtom's number of sites where a motif states none
_BACKGROUND_FLOOR = 5e-7  # added to each base's background frequency
_KEPT_BYTES = 2**24  # above what a query of 30 columns takes against 1,500 motifs


class Comparison(NamedTuple):
    """One query against every entry of the target pool, in the pool's order.

    With reverse complements, entry 2 i is target i and entry 2 i + 1 its reverse
    complement; without, entry i is target i.

    Attributes:
        p_values: Array of shape `(num_entries,)`, float32, in [0, 1].
        e_values: Array of shape `(num_entries,)`, float64: p-value x targets.
        q_values: Array of shape `(num_entries,)`, float32, in [0, 1].
        offsets: Array of shape `(num_entries,)`: where the query begins in the
            target, in target positions; negative when it begins before it.
        overlaps: Array of shape `(num_entries,)`: aligned positions.
        order: Array of shape `(num_entries,)`: entries from best to worst.
        strands: 2, or 1 without reverse complements.
    """

    p_values: Array
    e_values: Array
    q_values: Array
    offsets: Array
    overlaps: Array
    order: Array
    strands: int

    def hits(self, threshold: float, criterion: Criterion = "evalue") -> Array:
        """Return the entries that Tomtom reports, best first.

        Args:
            threshold: The largest value to report.
            criterion: What the threshold is on.

        Returns:
            Array of entries: of each target the better strand, as long as its
            value does not exceed the threshold.
        """
        if criterion == "evalue":
            reported = self.e_values <= threshold
        else:
            values = self.q_values if criterion == "qvalue" else self.p_values
            # In single precision, so that a value of 0.1 is at a threshold of 0.1.
            reported = values <= np.float32(min(threshold, 1.0))
        kept = self.order[reported[self.order]]
        _, first = np.unique(kept // self.strands, return_index=True)
        return np.asarray(kept[np.sort(first)])


def smooth(frequencies: Array, num_sites: float, weight: float, prior: Array) -> Array:
    """Add the pseudocount as Tomtom does.

    Args:
        frequencies: Array of shape `(width, 4)`.
        num_sites: Sites of the motif, truncated to a whole number; 20 stands in
            for 0.
        weight: The pseudocount, in sites, shared out by `prior`.
        prior: Array of shape `(4,)` that sums to 1.

    Returns:
        Array of shape `(width, 4)`: (frequencies x sites + weight x prior) /
        (sites + weight).
    """
    if weight == 0:
        return frequencies
    sites = int(num_sites) if num_sites > 0 else DEFAULT_SITES
    return np.asarray((frequencies * sites + weight * prior) / (sites + weight))


def smooth_background(background: Array) -> Array:
    """Make a background equal on both strands and nowhere 0, as Tomtom does.

    Args:
        background: Array of shape `(4,)`, 0 or more, not all 0.

    Returns:
        Array of shape `(4,)` that sums to 1, A = T and C = G.
    """
    background = background / background.sum()
    background = (background + background[::-1]) / 2 + _BACKGROUND_FLOOR
    return np.asarray(background / background.sum())


def compare(
    queries: Sequence[Array],
    query_sites: Sequence[float],
    entries: Entries,
    *,
    distance: str = "ed",
    background: Array,
    min_overlap: int = 1,
    internal: bool = False,
    num_threads: int = 1,
) -> Iterator[Comparison]:
    """Compare each query with every entry of the pool.

    Args:
        queries: Arrays of shape `(width, 4)`, pseudocount included.
        query_sites: The sites of each, 0 where unknown.
        entries: The target pool.
        distance: A key of `column_scores.DISTANCES`.
        background: Array of shape `(4,)`, for allr, blic1 and blic5.
        min_overlap: Fewest aligned positions; the narrower motif's width where
            that is less.
        internal: Whether the narrower motif must lie wholly inside the wider.
        num_threads: How many queries are compared at a time. Results don't depend on
            it.

    Yields:
        One comparison per query, in their order, on which the q-values depend: the
        random numbers of the bootstrap run on from query to query.
    """
    _keep_freed_memory()
    pool = Columns(entries.columns, entries.num_sites)
    scorer = DISTANCES[distance](pool, background)
    bootstrap = Bootstrap(len(entries.widths))
    alignments: dict[int, Alignments] = {}
    nulls: dict[int, Null] = {}

    def tasks() -> Iterator[_Task]:
        for query, sites in zip(queries, query_sites, strict=True):
            width = len(query)
            if width not in alignments:
                alignments[width] = Alignments(width, entries, min_overlap, internal)
                nulls[width] = Null(width, entries)
            yield _Task(
                query, sites, alignments[width], nulls[width], bootstrap.draws()
            )

    def search(task: _Task) -> _Found:
        scores, zero = _discrete_scores(task.query, task.num_sites, scorer)
        totals, overlaps, offsets = task.alignments.best(scores - zero)
        totals += len(scores) * zero
        p_values = task.null.p_values(scores, totals, zero)
        order = np.lexsort((entries.ranks, -overlaps, p_values))
        q_values = bootstrap.q_values(p_values, order, task.draws)
        return _Found(p_values, q_values, offsets, overlaps, order)

    for found in in_order(search, tasks(), min(num_threads, len(queries) or 1)):
        yield Comparison(
            **found._asdict(),
            e_values=found.p_values.astype(np.float64)
            * len(found.p_values)
            / entries.strands,
            strands=entries.strands,
        )


def _keep_freed_memory() -> None:
    """Let what one query frees stay with the process, for the next.

    The C library of Linux gives memory back to the system and takes it anew page by
    page, which costs a third of the time, unless a larger piece was freed before.
    """
    np.empty(_KEPT_BYTES, dtype=np.uint8)


class _Task(NamedTuple):
    """A query, what all of its width share, and its draws."""

    query: Array
    num_sites: float
    alignments: Alignments
    null: Null
    draws: Array


class _Found(NamedTuple):
    """What one query gives by itself; see `Comparison`."""

    p_values: Array
    q_values: Array
    offsets: Array
    overlaps: Array
    order: Array


def _discrete_scores(query: Array, sites: float, scorer: Scorer) -> tuple[Array, int]:
    """Score each query column against the pool, in whole numbers.

    Each query column's median is taken off first, so that an unaligned column,
    which scores 0, is an average one ("complete scores").

    Returns:
        Array of shape `(width, num_columns)`, int16, from 0 to 100; and the bin of
        a score of 0.
    """
    rows = []  # apart: each is small enough to stay in the processor's cache
    for column in query:
        row = scorer(column, sites)
        row -= _tomtom_median(row)
        rows.append(row)
    lowest = min(float(row.min()) for row in rows)
    highest = max(float(row.max()) for row in rows)
    if lowest == highest:
        lowest = highest - 1
    offset = np.floor(lowest)
    scale = np.floor(BINS / (highest - offset))
    scores = np.empty((len(rows), len(rows[0])), dtype=np.int16)
    for place, row in enumerate(rows):
        row -= offset
        row *= scale
        row += 0.5
        scores[place] = row  # drops what is behind the point: none is below 0
    return scores, int(-offset * scale)


def _tomtom_median(row: Array) -> float:
    """Return the median; of an even number the lower one, as Tomtom does."""
    low = max(len(row) // 2 - 1, 0)
    high = max(-(-len(row) // 2) - 1, low)
    ordered = np.partition(row, (low, high) if low < high else low)
    return float((ordered[low] + ordered[high]) / 2)
