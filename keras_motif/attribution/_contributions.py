"""Gradients at points, gathered to one array for each sequence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from keras_motif.attribution._references import References
from keras_motif.attribution._run import Run, parts_of

__all__ = ["Attribution", "contributions", "gradient"]

Array = np.ndarray[Any, Any]


class Attribution(NamedTuple):
    """Contributions, and how well they add up.

    Attributes:
        values: Hypothetical contributions h, `(n, length, 4)`, float32.
        completeness_error: `sum(x * h) - (f(x) - mean f(references))` of each
            sequence, `(n,)`, float64, in units of the score.
    """

    values: Array
    completeness_error: Array


def gradient(run: Run, num: int, batch: Callable[[Array], Array]) -> Array:
    """Return the mean gradient over `num` points of each sequence, float32."""
    n = len(run.sequences)
    run.expect(n * num)
    rows = np.repeat(np.arange(n), num)
    sums = np.zeros(run.sequences.shape, np.float64)
    for part, found in run.gradients(rows, batch):
        _add(sums, rows[part], found)
    run.check(sums)
    return (sums / num).astype(np.float32)


def contributions(
    run: Run,
    references: References,
    num_places: int,
    places: Callable[[int], Array] | None,
    return_completeness: bool,
) -> Array | Attribution:
    """Return the mean contributions over references.

    Args:
        run: The model and the sequences.
        references: What they are compared with.
        num_places: Points on each way from a reference.
        places: Gives where they are on some ways, `(ways, num_places)`, from 0 at the
            reference to 1 at the sequence; None for DeepLIFT's multipliers.
        return_completeness: Whether to return an `Attribution`.
    """
    x = run.sequences
    num = references.num
    others = num + 1 if return_completeness else 0
    run.expect(len(x) * (num * num_places + others))
    values = np.zeros(x.shape, np.float64)
    difference = np.zeros(len(x))
    is_flat = True
    for start, stop in run.chunks(num):
        drawn = references.of(start, stop)
        drawn = drawn.reshape(-1, *x.shape[1:])
        ways = np.arange(len(drawn)) // num + start
        found = _along(run, drawn, ways, num_places, places)
        for part, slopes in found:
            is_flat = is_flat and not slopes.any()
            ends = drawn[part // num_places]
            shifted = slopes - (ends * slopes).sum(axis=2, keepdims=True)
            _add(values, ways[part // num_places], shifted)
        if return_completeness:
            rows = np.arange(start, stop)
            score = run.predict(rows, parts_of(x[start:stop]))
            below = run.predict(ways, parts_of(drawn))
            difference[start:stop] = score - below.reshape(-1, num).mean(axis=1)
    if is_flat or not np.isfinite(values).all():
        run.check(values)
    run.warn()
    result = (values / (num * num_places)).astype(np.float32)
    if not return_completeness:
        return result
    total = (x * result).sum(axis=(1, 2), dtype=np.float64)
    return Attribution(result, total - difference)


def _add(sums: Array, rows: Array, found: Array) -> None:
    """Add what was found for rows, which ascend: many times faster than `np.add.at`."""
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    sums[rows[starts]] += np.add.reduceat(found, starts, axis=0, dtype=np.float64)


def _along(
    run: Run,
    drawn: Array,
    ways: Array,
    num_places: int,
    places: Callable[[int], Array] | None,
) -> Any:
    """Give the slopes at the points of some ways, batch by batch."""
    if places is None:
        return run.multipliers(ways, parts_of(drawn))
    shares = places(len(ways))

    def points(part: Array) -> Array:
        way, step = np.divmod(part, num_places)
        start = drawn[way]
        share = shares[way, step][:, None, None]
        return np.asarray(start + share * (run.sequences[ways[way]] - start))

    return run.gradients(np.repeat(ways, num_places), points)
