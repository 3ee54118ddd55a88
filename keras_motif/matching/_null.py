"""What alignments score by chance: the p-value of the best one."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.matching._targets import Entries

__all__ = ["Null"]

Array = np.ndarray[Any, Any]


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
