"""What alignments score by chance: the p-value of the best one."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.matching._targets import Entries

__all__ = ["Null"]

Array = np.ndarray[Any, Any]

# Multiplications of one product: BLAS would share a large one among threads, which
# costs more than it gains where these have to wait.
_MOST_MULTIPLICATIONS = 2**18


class Null:
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
        self._lasts, self._lengths, self._weights = self._span_table()

    def _span_table(self) -> tuple[Array, Array, Array]:
        """Return the spans that each target width aligns, and how often each.

        Returns:
            Three arrays of shape `(num_target_widths, most spans)`: each span's last
            column, its length and its weight; unused places hold span 0, 1 with
            weight 0.
        """
        width = self._width
        tables = []
        for target in self._target_widths:
            spans: dict[tuple[int, int], int] = {}
            for c in range(1, width + int(target)):
                first, end = max(width - c, 0), min(width - c + int(target), width)
                span = end - 1, end - first
                spans[span] = spans.get(span, 0) + 1
            tables.append(spans)
        shape = len(tables), max(map(len, tables))
        lasts: Array = np.zeros(shape, dtype=np.intp)
        lengths, weights = np.ones_like(lasts), np.zeros(shape)
        for row, spans in enumerate(tables):
            lasts[row, : len(spans)], lengths[row, : len(spans)] = zip(
                *spans, strict=True
            )
            weights[row, : len(spans)] = list(spans.values())
        return lasts, lengths, weights

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
        lengths, used = self._lengths[kinds], self._weights[kinds]
        # Unaligned columns are sure to score `zero`, top - zero below the highest.
        outside = self._width - lengths
        inside = depths[:, None] - outside * (top - zero)
        tails = _SpanTails(top - scores, self._longest, int(inside.max()) + 1)
        # Below the reach of the longest span, nothing is left to add.
        chances = np.where(
            inside < 0, 0.0, tails.at(self._lasts[kinds], lengths, inside)
        )
        with np.errstate(divide="ignore"):
            logs = np.log1p(-np.minimum(chances, 1.0))
        # A chance of 1 is a log of -inf, which a weight of 0 must not turn into nan.
        logs = np.multiply(logs, used, out=np.zeros_like(logs), where=used > 0)
        p_values = -np.expm1(self._strands * logs.sum(axis=1))
        return np.asarray(p_values.astype(np.float32)[places.reshape(-1)])


class _SpanTails:
    """Each span's chance of a score at most so far below the highest.

    A span's tail is that of the span without its last column, convolved with the
    last column's chances. Done as matrix products, in blocks as wide as a column's
    reach: sums of positive terms, as exact as the plain convolution (an FFT would
    lose tails below 1e-16). A span of n columns has n blocks, and one more, of
    ones, so that what depends on its end finds it there.

    Args:
        depths: Array of shape `(width, num_columns)`, int: how far each score of each
            query column is below the highest.
        longest: Length of the longest span wanted.
        num_depths: How many depths are wanted, from 0.
    """

    def __init__(self, depths: Array, longest: int, num_depths: int) -> None:
        width, num_columns = depths.shape
        reach = max(int(depths.max()), 1)
        counts = [np.bincount(row, minlength=reach + 1) for row in depths]
        columns = np.stack(counts) / num_columns
        # The blocks of all spans that end with one column lie one below the other.
        most = -(-min(num_depths, longest * reach + 1) // reach)
        self._sizes = np.minimum(np.arange(longest) + 2, most)
        ends = self._sizes.cumsum()
        self._starts = ends - self._sizes
        self._longest, self._reach = longest, reach
        self._blocks = np.empty((width, ends[-1], reach))
        first = ends[0]
        self._blocks[:, :first] = 1.0
        alone = columns.cumsum(axis=1)[:, : first * reach]
        self._blocks.reshape(width, -1)[:, : alone.shape[1]] = alone
        if longest > 1:
            self._convolve(_bands(columns), ends)

    def _convolve(self, bands: Array, ends: Array) -> None:
        """Fill in the spans of more than one column, from left to right."""
        first, reach = ends[0], self._reach
        height = max(_MOST_MULTIPLICATIONS // (2 * reach * reach), 1)
        before = np.zeros((-(-ends[-1] // height) * height, reach))
        added = np.ones((ends[-1] + 1, reach))  # the last row: ones that end a span
        # Each block of a longer span comes from the same one of that before it.
        sources = np.full(ends[-1] - first, -1)
        for start, size in zip(ends[:-1], self._sizes[:-1], strict=True):
            place = start - first
            sources[place : place + size] = np.arange(start - size, start)
        for last in range(1, len(bands)):
            count = min(last, self._longest - 1)
            used, end = ends[count - 1], ends[count]
            padded = -(-used // height) * height
            before[:used] = self._blocks[last - 1, :used]
            parts = before[:padded].reshape(-1, height, reach)
            product = (parts @ np.ascontiguousarray(bands[last])).reshape(padded, -1)
            product[ends[:count] - 1, reach:] = 0.0  # after a span, another begins
            added[0] = product[0, :reach]
            np.add(
                product[1:used, :reach],
                product[: used - 1, reach:],
                out=added[1:used],
            )
            np.take(
                added,
                sources[: end - first],
                axis=0,
                out=self._blocks[last, first:end],
                mode="wrap",
            )

    def at(self, lasts: Array, lengths: Array, depths: Array) -> Array:
        """Return chances; those of negative depths mean nothing.

        Args:
            lasts: Array of any shape: each span's last column.
            lengths: Array of the same shape, from 1 to `longest`.
            depths: Array of the same shape.
        """
        ends = self._sizes * self._reach - 1
        starts = self._starts * self._reach
        places = np.minimum(depths, ends.take(lengths - 1))
        np.maximum(places, 0, out=places)
        places += starts.take(lengths - 1)
        places += lasts * (self._blocks.shape[1] * self._reach)
        return np.asarray(self._blocks.reshape(-1).take(places))


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
