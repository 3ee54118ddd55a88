"""q-values: the false discovery rate at which each p-value would be reported."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["Bootstrap", "benjamini_hochberg"]

Array = np.ndarray[Any, Any]

_BOOTSTRAP_MIN_ENTRIES = 101  # with fewer p-values, pi0 is 1
_NUM_LAMBDAS = 100
_NUM_BOOTSTRAPS = 100
_NUM_DRAWS = 1000
_BOOTSTRAP_SEED = 4357


def benjamini_hochberg(p_values: Array, num_tests: int | None = None) -> Array:
    """Return the q-value of each p-value, taking every null for true.

    Source: Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289.

    Args:
        p_values: Array of shape `(n,)`, in any order.
        num_tests: How many tests were made, where only the `n` smallest p-values are
            at hand. None stands for `n`.

    Returns:
        Array of shape `(n,)`, float64, each from its p-value up to 1; equal
        p-values have equal q-values.

    Example:
        >>> benjamini_hochberg(np.array([0.02, 0.5, 0.01])).round(3).tolist()
        [0.03, 0.5, 0.03]
    """
    ordered = np.sort(np.asarray(p_values, dtype=np.float64))
    # Equal p-values share the rank of the last of them.
    ranks = np.searchsorted(ordered, ordered, side="right")
    raw = ordered * (len(ordered) if num_tests is None else num_tests) / ranks
    smallest = np.minimum.accumulate(raw[::-1])[::-1]
    places = np.searchsorted(ordered, p_values)
    return np.asarray(np.minimum(smallest, 1.0)[places])


class Bootstrap:
    """Storey's q-values, with Tomtom's bootstrap of the share of true nulls.

    Source: Storey & Tibshirani (2003), PNAS 100:9440. The random numbers are those
    of the program: the Mersenne Twister, seeded the old (1998) way by 4357, running
    on from query to query.
    """

    def __init__(self, num_entries: int) -> None:
        key = np.empty(624, dtype=np.uint32)
        word = _BOOTSTRAP_SEED
        for place in range(len(key)):
            key[place] = word
            word = 69069 * word % 2**32
        twister = np.random.MT19937()
        twister.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": 624}}
        self._random = np.random.Generator(twister)
        self._num_entries = num_entries
        self._lambdas = 0.5 * np.arange(1, _NUM_LAMBDAS + 1) / _NUM_LAMBDAS
        shifts = np.arange(_NUM_BOOTSTRAPS) * (_NUM_LAMBDAS + 1)
        self._shifts = shifts[:, None]

    def draws(self) -> Array:
        """Return the entries that the next query's bootstraps draw.

        Returns:
            Array of shape `(num_bootstraps, num_draws)`, places in the order of
            ascending p-values; empty where there are too few entries for a bootstrap.
        """
        count = self._num_entries
        if count < _BOOTSTRAP_MIN_ENTRIES:
            return np.empty((0, _NUM_DRAWS), dtype=np.intp)
        words = self._random.integers(
            2**32, size=(_NUM_BOOTSTRAPS, _NUM_DRAWS, 2), dtype=np.uint32
        )
        # uniform x num_entries, uniform = (first x 2^32 + second) / 2^64: the second
        # word matters only where the first leaves less than `count` to a whole number.
        products = words[..., 0].astype(np.uint64)
        products *= np.uint64(count)
        places = (products >> np.uint64(32)).astype(np.intp)
        near = products.astype(np.uint32) >= np.uint32(2**32 - count)
        if near.any():
            numbers = words[near, 1] * 2.0**-32
            numbers += words[near, 0]
            numbers *= count * 2.0**-32
            # Rounding can make the largest uniform number 1.
            places[near] = np.minimum(numbers.astype(np.intp), count - 1)
        return places

    def q_values(self, p_values: Array, order: Array, draws: Array) -> Array:
        """Return the q-value of each p-value, as float32.

        Args:
            p_values: Array of shape `(num_entries,)`, float32.
            order: Entries by ascending p-value.
            draws: As `draws` returns them, each query its own.
        """
        count = self._num_entries
        ordered = p_values[order].astype(np.float64)
        share = self._null_share(ordered, draws)
        q_values = np.minimum(share * ordered * count / np.arange(1, count + 1), 1.0)
        q_values = np.minimum.accumulate(q_values[::-1])[::-1]
        result = np.empty(count, dtype=np.float32)
        result[order] = q_values
        return result

    def _null_share(self, p_values: Array, draws: Array) -> float:
        """Return pi0, the share of entries that match by chance.

        Args:
            p_values: Array of shape `(num_entries,)`, ascending: the draws are
                places in this order.
            draws: As `draws` returns them.
        """
        if self._num_entries < _BOOTSTRAP_MIN_ENTRIES:
            return 1.0
        # How many lambdas each p-value reaches.
        reached = np.searchsorted(self._lambdas, p_values, side="right")
        counts = np.bincount(reached, minlength=_NUM_LAMBDAS + 1)
        if not reached.any():
            return 1.0  # no p-value reaches the smallest lambda
        observed = self._shares(counts[None], self._num_entries)[0]
        size = _NUM_BOOTSTRAPS * (_NUM_LAMBDAS + 1)
        codes = reached.take(draws)
        codes += self._shifts
        counts = np.bincount(codes.ravel(), minlength=size)
        sampled = self._shares(counts.reshape(_NUM_BOOTSTRAPS, -1), _NUM_DRAWS)
        errors = ((sampled - observed.min()) ** 2).sum(axis=0)
        return float(min(max(observed[errors.argmin()], 0.0), 1.0))

    def _shares(self, counts: Array, size: int) -> Array:
        """Turn counts of lambdas reached, one row per sample, into pi(lambda)."""
        above = counts[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        shares = above / ((1.0 - self._lambdas) * size)
        return np.where(above == 0, np.inf, shares)
