"""Tomtom's nine scores of a query column against target columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DISTANCES", "Columns", "Scorer"]

Array = np.ndarray[Any, Any]


class Columns(NamedTuple):
    """The columns of all targets, side by side.

    Attributes:
        frequencies: Array of shape `(4, num_columns)`, base first, so that one
            base of all columns lies together.
        num_sites: Array of shape `(num_columns,)`: the sites of each column's
            motif, 0 where unknown.
    """

    frequencies: Array
    num_sites: Array


# A query column of shape (4,) and its number of sites -> scores (num_columns,).
Scorer = Callable[[Array, float], Array]


def _sum_bases(terms: Array) -> Array:
    """Add up terms of shape (4, n) in the order A, C, G, T, as Tomtom does.

    The order matters: a score on the edge of a bin falls in another with another
    rounding. Works in place, on `terms[0]`.
    """
    total: Array = terms[0]
    for base in range(1, 4):
        total += terms[base]
    return total


def _squared_distances(targets: Columns) -> Callable[[Array], Array]:
    frequencies = targets.frequencies

    def squared_distances(column: Array) -> Array:
        total: Array = frequencies[0] - column[0]
        term = np.empty_like(total)
        np.multiply(total, total, out=total)
        for base in range(1, 4):  # in the order of `_sum_bases`
            np.subtract(frequencies[base], column[base], out=term)
            np.multiply(term, term, out=term)
            total += term
        return total

    return squared_distances


def _ed(targets: Columns, background: Array) -> Scorer:
    """Euclidean distance, negative: -sqrt(sum (q - t)^2)."""
    squared_distances = _squared_distances(targets)

    def score(column: Array, num_sites: float) -> Array:
        scores = squared_distances(column)
        np.sqrt(scores, out=scores)
        return np.asarray(np.negative(scores, out=scores))

    return score


def _sandelin(targets: Columns, background: Array) -> Scorer:
    """Sandelin-Wasserman similarity: 2 - sum (q - t)^2."""
    squared_distances = _squared_distances(targets)

    def score(column: Array, num_sites: float) -> Array:
        return np.asarray(2.0 - squared_distances(column))

    return score


def _pearson(targets: Columns, background: Array) -> Scorer:
    """Pearson correlation about 1/4; 0 where a column is uniform."""
    centred = targets.frequencies - 0.25
    squares = _sum_bases(centred * centred)

    def score(column: Array, num_sites: float) -> Array:
        query = (column - 0.25)[:, None]
        norms = np.sqrt(_sum_bases(query * query) * squares)
        products = _sum_bases(query * centred)
        scores: Array = np.zeros_like(norms)
        np.divide(products, norms, out=scores, where=norms > 0)
        return scores

    return score


def _kullback(targets: Columns, background: Array) -> Scorer:
    """Mean Kullback-Leibler divergence of both directions, negative, in log10."""
    t = targets.frequencies

    def score(column: Array, num_sites: float) -> Array:
        q = column[:, None]
        terms = q * np.log10(q / t) + t * np.log10(t / q)
        return np.asarray(-0.5 * _sum_bases(terms))

    return score


def _allr(targets: Columns, background: Array) -> Scorer:
    """Average log-likelihood ratio (Wang & Stormo 2003)."""
    t, sites = targets
    counts = sites * t
    logs = np.log(t / background[:, None])
    total_counts = _sum_bases(counts.copy())

    def score(column: Array, num_sites: float) -> Array:
        query_counts = num_sites * column
        query_logs = np.log(column / background)
        terms = counts * query_logs[:, None] + query_counts[:, None] * logs
        totals = total_counts + query_counts.sum()
        # Two motifs without sites say nothing about each other.
        scores: Array = np.zeros_like(totals)
        np.divide(_sum_bases(terms), totals, out=scores, where=totals > 0)
        return scores

    return score


def _pseudo_1(counts: Array) -> Array:
    """Estimate the source of counts (4, n) with one pseudocount per base."""
    return np.asarray((counts + 1.0) / (counts.sum(axis=0) + 4.0))


def _dirichlet_5(counts: Array) -> Array:
    """Estimate the source of counts (4, n) under five Dirichlet components.

    Alphas (5,1,1,1) and its permutations, and (2,2,2,2): all sum to 8, so the
    Gamma functions of a component's weight reduce to products, up to a factor
    that all five share.
    """
    own = (counts + 1) * (counts + 2) * (counts + 3) * (counts + 4) / 24.0
    flat = np.prod(counts + 1.0, axis=0)
    total_weight = own.sum(axis=0) + flat
    # Mean of component i: (counts + 1, 4 more at base i) / (total + 8).
    ones = (counts + 1.0) * (own.sum(axis=0) / total_weight)
    fours = 4.0 * own / total_weight
    twos = (counts + 2.0) * (flat / total_weight)
    return np.asarray((ones + fours + twos) / (counts.sum(axis=0) + 8.0))


def _log_likelihood(
    estimate: Callable[[Array], Array], *, factor: float, against_background: bool
) -> Callable[[Columns, Array], Scorer]:
    """Build blic (factor 2, against background) and llr (factor 1)."""

    def likelihood(counts: Array) -> Array:
        return _sum_bases(counts * np.log(estimate(counts)))

    def build(targets: Columns, background: Array) -> Scorer:
        counts = targets.num_sites * targets.frequencies
        own = likelihood(counts)
        log_background = np.log(background)[:, None]

        def score(column: Array, num_sites: float) -> Array:
            query = (num_sites * column)[:, None]
            joint = query + counts
            scores = factor * likelihood(joint) - likelihood(query) - own
            if against_background:
                scores -= _sum_bases(joint * log_background)
            return np.asarray(scores)

        return score

    return build


# Each takes the targets' columns and the background (4,) and returns a scorer.
DISTANCES: dict[str, Callable[[Columns, Array], Scorer]] = {
    "ed": _ed,
    "pearson": _pearson,
    "allr": _allr,
    "kullback": _kullback,
    "sandelin": _sandelin,
    "blic1": _log_likelihood(_pseudo_1, factor=2.0, against_background=True),
    "blic5": _log_likelihood(_dirichlet_5, factor=2.0, against_background=True),
    "llr1": _log_likelihood(_pseudo_1, factor=1.0, against_background=False),
    "llr5": _log_likelihood(_dirichlet_5, factor=1.0, against_background=False),
}
