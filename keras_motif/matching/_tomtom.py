"""Tomtom's statistics on arrays: which target motifs resemble a query motif.

Source: Gupta et al. (2007), Genome Biology 8:R24, and the behaviour of MEME Suite's
tomtom 5.4.1, whose printed figures these functions reproduce.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from keras_motif.matching.column_scores import DISTANCES, Columns, Scorer
from keras_motif.matching.qvalues import Bootstrap

__all__ = [
    "Comparison",
    "Criterion",
    "Entries",
    "compare",
    "consensus",
    "entry_consensus",
    "pool_targets",
    "smooth",
    "smooth_background",
]

Array = np.ndarray[Any, Any]
Criterion = Literal["evalue", "qvalue", "pvalue"]

_BINS = 100  # a discrete score lies in 0 .. 100
_DEFAULT_SITES = 20  # Tomtom's number of sites where a motif states none
_BACKGROUND_FLOOR = 5e-7  # added to each base's background frequency
_SAMPLE_STEP = 16  # for medians, one value in 16 tells where to look
_NOT_ALLOWED = -(2**62)  # ranks an alignment below every allowed one


class Entries(NamedTuple):
    """The target pool: every motif, and after each its reverse complement.

    Attributes:
        columns: Array of shape `(4, num_columns)`, all entries side by side.
        num_sites: Array of shape `(num_columns,)`, 0 where unknown.
        widths: Array of shape `(num_entries,)`.
        starts: Array of shape `(num_entries,)`: each entry's first column.
        ranks: Array of shape `(num_entries,)`: the place of each entry among equals,
            by strand, then by the bytes of its id.
        strands: 2, or 1 without reverse complements.
    """

    columns: Array
    num_sites: Array
    widths: Array
    starts: Array
    ranks: Array
    strands: int


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
    sites = int(num_sites) if num_sites > 0 else _DEFAULT_SITES
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


def consensus(frequencies: Array) -> str:
    """Return the most frequent base of each position, ties as in Tomtom.

    Tomtom keeps the maximum so far in single precision, so of two equal
    frequencies the later base wins where single precision rounds down.

    Args:
        frequencies: Array of shape `(width, 4)`.

    Returns:
        A string of `width` letters.
    """
    best = np.zeros(len(frequencies), dtype=np.intp)
    largest = np.zeros(len(frequencies), dtype=np.float32)
    for base in range(4):
        value = frequencies[:, base]
        better = value > largest.astype(np.float64)
        best[better] = base
        largest[better] = value[better]
    return "".join("ACGT"[base] for base in best)


def entry_consensus(entries: Entries) -> list[str]:
    """Return the consensus of each entry, of its own strand."""
    whole = consensus(entries.columns.T)
    spans = zip(entries.starts.tolist(), entries.widths.tolist(), strict=True)
    return [whole[start : start + width] for start, width in spans]


def pool_targets(
    targets: Sequence[Array],
    num_sites: Sequence[float],
    ids: Sequence[str],
    *,
    reverse_complement: bool = True,
) -> Entries:
    """Lay out all targets side by side, each followed by its reverse complement.

    Args:
        targets: Arrays of shape `(width, 4)`, at least one, pseudocount included.
        num_sites: The sites of each, 0 where unknown.
        ids: The name of each; decides between equals.
        reverse_complement: Whether to pool both strands.

    Returns:
        The pool.
    """
    entries, sites, keys = [], [], []
    for target, count, name in zip(targets, num_sites, ids, strict=True):
        entries.append(target)
        keys.append(b"+" + name.encode())
        if reverse_complement:
            entries.append(target[::-1, ::-1])
            keys.append(b"-" + name.encode())
        sites += [count] * (1 + reverse_complement)
    widths = np.array([len(entry) for entry in entries])
    ranks = np.empty(len(keys), dtype=np.intp)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return Entries(
        columns=np.ascontiguousarray(np.concatenate(entries).T, dtype=np.float64),
        num_sites=np.repeat(np.array(sites, dtype=np.float64), widths),
        widths=widths,
        starts=np.cumsum(widths) - widths,
        ranks=ranks,
        strands=1 + reverse_complement,
    )


def compare(
    queries: Sequence[Array],
    query_sites: Sequence[float],
    entries: Entries,
    *,
    distance: str = "ed",
    background: Array,
    min_overlap: int = 1,
    internal: bool = False,
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

    Yields:
        One comparison per query, in their order, on which the q-values depend: the
        random numbers of the bootstrap run on from query to query.
    """
    pool = Columns(entries.columns, entries.num_sites)
    scorer = DISTANCES[distance](pool, background)
    bootstrap = Bootstrap(len(entries.widths))
    alignments: dict[int, _Alignments] = {}
    nulls: dict[int, _Null] = {}
    for query, sites in zip(queries, query_sites, strict=True):
        width = len(query)
        if width not in alignments:
            alignments[width] = _Alignments(width, entries, min_overlap, internal)
            nulls[width] = _Null(width, entries)
        scores, zero = _discrete_scores(query, sites, scorer)
        totals, overlaps, offsets = alignments[width].best(scores - zero)
        p_values = nulls[width].p_values(scores, totals + width * zero, zero)
        order = np.lexsort((entries.ranks, -overlaps, p_values))
        yield Comparison(
            p_values=p_values,
            e_values=p_values.astype(np.float64) * len(p_values) / entries.strands,
            q_values=bootstrap.q_values(p_values, order),
            offsets=offsets,
            overlaps=overlaps,
            order=order,
            strands=entries.strands,
        )


def _discrete_scores(query: Array, sites: float, scorer: Scorer) -> tuple[Array, int]:
    """Score each query column against the pool, in whole numbers.

    Each query column's median is taken off first, so that an unaligned column,
    which scores 0, is an average one ("complete scores").

    Returns:
        Array of shape `(width, num_columns)`, int16, from 0 to 100; and the bin of
        a score of 0.
    """
    rows = []
    for column in query:
        row = scorer(column, sites)
        row -= _tomtom_median(row)
        rows.append(row)
    scores = np.stack(rows)
    lowest, highest = float(scores.min()), float(scores.max())
    if lowest == highest:
        lowest = highest - 1
    offset = np.floor(lowest)
    scale = np.floor(_BINS / (highest - offset))
    scores -= offset
    scores *= scale
    scores += 0.5
    np.floor(scores, out=scores)
    return scores.astype(np.int16), int(-offset * scale)


def _tomtom_median(row: Array) -> float:
    """Return the median; of an even number the lower one, as Tomtom does."""
    low = max(len(row) // 2 - 1, 0)
    high = max(-(-len(row) // 2) - 1, low)
    if low == high:
        return _order_statistic(row, low)
    return (_order_statistic(row, low) + _order_statistic(row, high)) / 2


def _order_statistic(row: Array, place: int) -> float:
    """Return the value at `place` of the sorted row, as `np.partition` does.

    Every 16th value, sorted, tells between which two the wanted one very likely
    lies; then only those between have to be partitioned, a third of the time.
    """
    sample = np.sort(row[::_SAMPLE_STEP])
    middle = place // _SAMPLE_STEP
    margin = 2 * int(np.sqrt(len(sample)))
    if margin <= middle < len(sample) - margin:
        low, high = sample[middle - margin], sample[middle + margin]
        place_inside = place - int(np.count_nonzero(row < low))
        inside = row[(row >= low) & (row <= high)]
        if 0 <= place_inside < len(inside):
            row, place = inside, place_inside
    return float(np.partition(row, place)[place])


class _Alignments:
    """All ungapped alignments of a query of one width with every entry.

    Configuration c = 1 .. width + L - 1 of an entry of width L puts the entry's
    first column under query column width - c. Scores are added up for all
    entries at once: between entries lie width - 1 empty columns, so that each
    configuration of each entry has a place of its own.
    """

    def __init__(
        self, width: int, entries: Entries, min_overlap: int, internal: bool
    ) -> None:
        widths = entries.widths
        numbers = np.arange(len(widths))
        sizes = widths + width - 1
        self._width = width
        self._starts = entries.starts + numbers * (width - 1)
        self._num_places = int(sizes.sum())
        # The place of each pool column in the spread-out row.
        owner = np.repeat(numbers, widths)
        self._places = np.arange(len(owner)) + owner * (width - 1)
        # Ranks: the larger overlap first, then the smaller configuration.
        wide = np.repeat(widths, sizes)
        c = np.arange(self._num_places) - np.repeat(self._starts, sizes) + 1
        overlap = np.minimum(np.minimum(c, wide + width - c), np.minimum(wide, width))
        self._base = width + int(widths.max())
        self._factor = (width + 1) * self._base
        self._ranks = overlap * self._base + self._base - c
        least = np.minimum(min_overlap, np.minimum(wide, width))
        allowed = overlap >= (np.minimum(wide, width) if internal else least)
        self._ranks[~allowed] = _NOT_ALLOWED

    def best(self, scores: Array) -> tuple[Array, Array, Array]:
        """Return the best alignment with each entry: score, overlap, offset.

        Args:
            scores: Array of shape `(width, num_columns)`, 0 for an unaligned column.

        Returns:
            Three arrays of shape `(num_entries,)`.
        """
        width, num_places = self._width, self._num_places
        small = _BINS * width < np.iinfo(np.int16).max
        kind = np.int16 if small else np.int32
        spread: Array = np.zeros(num_places, dtype=kind)
        sums: Array = np.zeros(num_places, dtype=kind)
        for column, row in enumerate(scores):
            spread[self._places] = row
            shift = width - 1 - column
            sums[shift:] += spread[: num_places - shift]
        keys = sums.astype(np.int64) * self._factor + self._ranks
        best = np.maximum.reduceat(keys, self._starts)
        totals, ranks = np.divmod(best, self._factor)
        overlaps, rest = np.divmod(ranks, self._base)
        return totals, overlaps, self._base - rest - self._width


class _Null:
    """P-values of a query of one width: the best of all alignments by chance.

    The alignments of an entry are taken as independent. Each aligns a span of
    query columns; the score of a span by chance is a sum of independent draws,
    one per column, from that column's scores against the pool.

    Scores are counted down from the highest possible. So a sum's upper tail is
    added up from its smallest probability, keeps its precision to 1e-100 and
    below, and what lies under the lowest score in use is never computed.
    """

    def __init__(self, width: int, entries: Entries) -> None:
        self._width = width
        self._strands = entries.strands
        self._target_widths, self._kinds = np.unique(
            entries.widths, return_inverse=True
        )
        self._longest = min(width, int(entries.widths.max()))
        self._spans, self._weights = self._span_table()
        self._lengths = self._spans % self._longest + 1

    def _span_table(self) -> tuple[Array, Array]:
        """Return the spans that each target width aligns, and how often each.

        Returns:
            Two arrays of shape `(num_target_widths, most spans)`; unused places
            hold span 0 with weight 0. The span of `length` columns that ends with
            column `last` has the number last x longest + length - 1.
        """
        width = self._width
        tables = []
        for target in self._target_widths:
            spans: dict[int, int] = {}
            for c in range(1, width + int(target)):
                first, end = max(width - c, 0), min(width - c + int(target), width)
                span = (end - 1) * self._longest + end - first - 1
                spans[span] = spans.get(span, 0) + 1
            tables.append(spans)
        shape = len(tables), max(map(len, tables))
        numbers, weights = np.zeros(shape, dtype=np.intp), np.zeros(shape)
        for row, spans in enumerate(tables):
            numbers[row, : len(spans)] = list(spans)
            weights[row, : len(spans)] = list(spans.values())
        return numbers, weights

    def p_values(self, scores: Array, totals: Array, zero: int) -> Array:
        """Return the p-value of each entry's best alignment.

        Args:
            scores: Array of shape `(width, num_columns)`, int, from 0 to 100.
            totals: Array of shape `(num_entries,)`: best sums, `zero` counted for each
                unaligned query column.
            zero: What an unaligned query column counts.

        Returns:
            Array of shape `(num_entries,)`, float32.
        """
        # Many entries share width and score, hence their p-value.
        top = int(scores.max())
        depths = top * self._width - totals
        deepest = int(depths.max()) + 1
        codes, places = np.unique(self._kinds * deepest + depths, return_inverse=True)
        kinds, depths = np.divmod(codes, deepest)
        spans, used = self._spans[kinds], self._weights[kinds]
        # Unaligned columns are sure to score `zero`, top - zero below the highest.
        outside = self._width - self._lengths[kinds]
        inside = depths[:, None] - outside * (top - zero)
        tails = _span_tails(top - scores, self._longest, int(inside.max()) + 1)
        # Below the reach of the longest span, nothing is left to add.
        places_inside = np.clip(inside, 0, tails.shape[1] - 1)
        chances = np.where(inside < 0, 0.0, tails[spans, places_inside])
        with np.errstate(divide="ignore"):
            logs = np.log1p(-np.minimum(chances, 1.0))
        # A chance of 1 is a log of -inf, which a weight of 0 must not turn into nan.
        logs = np.multiply(logs, used, out=np.zeros_like(logs), where=used > 0)
        p_values = -np.expm1(self._strands * logs.sum(axis=1))
        return np.asarray(p_values.astype(np.float32)[places.reshape(-1)])


def _span_tails(depths: Array, longest: int, num_depths: int) -> Array:
    """Return each span's chance of a score at most so far below the highest.

    A span's tail is that of the span without its last column, convolved with the
    last column's chances. Done as matrix products, in blocks as wide as a column's
    reach: sums of positive terms, as exact as the plain convolution (an FFT would
    lose tails below 1e-16).

    Args:
        depths: Array of shape `(width, num_columns)`, int: how far each score of each
            query column is below the highest.
        longest: Length of the longest span wanted.
        num_depths: How many depths are wanted, from 0.

    Returns:
        Array of shape `(width * longest, about num_depths)`; where it ends earlier,
        every chance after its end is 1. The span of `length` columns that ends with
        column `last` stands in row last x longest + length - 1; rows of spans that
        would begin before the query hold nothing.
    """
    width, num_columns = depths.shape
    reach = max(int(depths.max()), 1)
    codes = depths + (reach + 1) * np.arange(width)[:, None]
    counts = np.bincount(codes.ravel(), minlength=width * (reach + 1))
    columns = counts.reshape(width, reach + 1) / num_columns
    bands = _bands(columns)
    num_blocks = -(-min(num_depths, longest * reach + 1) // reach)
    blocks = np.empty((width, longest, num_blocks, reach))
    tails = blocks.reshape(width, longest, num_blocks * reach)
    for last, column in enumerate(columns):
        tails[last, 0] = 1.0
        alone = column.cumsum()[: tails.shape[2]]
        tails[last, 0, : len(alone)] = alone
        count = min(last, longest - 1)
        if count:
            # One small product per span: BLAS would share a large one among
            # threads, which costs more than it gains where these have to wait.
            before = blocks[last - 1, :count]
            product = before @ np.ascontiguousarray(bands[last])
            blocks[last, 1 : count + 1] = product[:, :, :reach]
            blocks[last, 1 : count + 1, 1:] += product[:, :-1, reach:]
    return tails.reshape(width * longest, -1)


def _bands(columns: Array) -> Array:
    """Return the matrix that convolves a block with each column's chances.

    Args:
        columns: Array of shape `(width, reach + 1)`.

    Returns:
        A view of shape `(width, reach, 2 * reach)`: chance k of a column stands k
        places right of the diagonal.
    """
    width, reach = len(columns), columns.shape[1] - 1
    padded = np.zeros((width, 3 * reach))
    padded[:, reach : 2 * reach + 1] = columns
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach, axis=1)
    return windows[:, reach:0:-1]
