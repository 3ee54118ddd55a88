"""What filters say of measured values: rank correlation of activity and target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.matching import benjamini_hochberg
from keras_motif.motifs import Motif
from keras_motif.profiles.labels import checked_targets
from keras_motif.sequences import LabelsLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["target_correlation"]

Array = np.ndarray[Any, Any]

_FEWEST = 10  # sequences below which the t distribution is no measure


def target_correlation(
    activity: LabelsLike,
    targets: LabelsLike,
    *,
    filters: Iterable[str] | Iterable[Motif] | None = None,
    target_names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Say which measured values rise or fall with each filter's activity.

    Spearman's rank correlation of a filter's largest activation in each sequence with
    each target, over the sequences of which the target was measured. The p-value is
    two-sided, by Student's t distribution: the chance of a correlation at least as
    far from 0 were activity and target independent. It holds for sequences that are
    independent of each other and that the network was not trained on.

    Source: Spearman (1904), Am. J. Psychol. 15:72; Kendall & Stuart (1973), The
    Advanced Theory of Statistics 2, 31.19, for t; Benjamini & Hochberg (1995), J. R.
    Stat. Soc. B 57:289, for q-values.

    Args:
        activity: What `filter_activity` returned, `(n, num_filters)`; an array, an
            HDF5 data set or a DataFrame.
        targets: The measured values, `(n, num_targets)`, or `(n,)` for one: an array
            or a DataFrame; NaN where nothing was measured.
        filters: Names of the filters, or their motifs, in order. None stands for a
            DataFrame's columns, else filter0, filter1, ...
        target_names: The targets' names. None stands for a DataFrame's columns, else
            target0, target1, ...

    Returns:
        One row per filter and target, the smallest p-value first, of equal ones the
        correlation furthest from 0. Columns: filter, target, num_sequences (of which
        the target was measured), correlation (-1 to 1), p-value, q-value (over all
        rows). Of fewer than 10 sequences the p-value is 1; where activity or target
        is constant the correlation is NaN and the p-value 1.

    Raises:
        ValueError: Activity and targets of different length or another shape, values
            that are not finite, or names that don't fit.

    Example:
        >>> activity = np.arange(20.0)[:, None] ** 2
        >>> row = target_correlation(activity, np.arange(20.0)).iloc[0]
        >>> float(row["correlation"]), int(row["num_sequences"])
        (1.0, 20)
    """
    import pandas as pd

    values = _checked_activity(activity)
    labels = checked_targets(targets, target_names)
    if len(labels.table) != len(values):
        raise ValueError(
            "`targets` must have a row for each row of `activity`. Received "
            f"{len(labels.table)} rows and {len(values)}."
        )
    names = _filter_names(activity, filters, values.shape[1])
    num_targets = len(labels.names)
    correlation = np.full((values.shape[1], num_targets), np.nan)
    numbers = np.zeros(num_targets, dtype=np.int64)
    ranks = _centred_ranks(values)
    for place, target in enumerate(labels.table.T):
        known = ~np.isnan(target)
        numbers[place] = known.sum()
        if numbers[place] > 1:
            rows = ranks if known.all() else _centred_ranks(values[known])
            correlation[:, place] = _correlations(rows, target[known])
    p_values = _p_values(correlation, numbers)
    frame = pd.DataFrame(
        {
            "filter": np.repeat(np.array(names, dtype=object), num_targets),
            "target": np.tile(np.array(labels.names, dtype=object), len(names)),
            "num_sequences": np.tile(numbers, len(names)),
            "correlation": correlation.reshape(-1),
            "p-value": p_values.reshape(-1),
            "q-value": benjamini_hochberg(p_values.reshape(-1)),
        }
    )
    strength = np.nan_to_num(np.abs(correlation.reshape(-1)))
    order = np.lexsort((-strength, p_values.reshape(-1)))
    return frame.iloc[order].reset_index(drop=True)


def _checked_activity(activity: Any) -> Array:
    shape = np.shape(activity)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(
            "`activity` must have shape (n, num_filters), as `filter_activity` returns "
            f"it. Received shape {shape}."
        )
    values = np.asarray(activity)
    if values.dtype.kind not in "biuf" or np.isnan(values).any():
        raise ValueError(
            "`activity` must hold numbers, none of them NaN. Received "
            f"{values.dtype} values, {np.sum(values != values)} of them NaN."
        )
    return values


def _filter_names(
    activity: Any, filters: Iterable[str] | Iterable[Motif] | None, number: int
) -> list[str]:
    if filters is not None:
        names = [f.name if isinstance(f, Motif) else f for f in filters]
    elif hasattr(activity, "columns"):
        names = [str(name) for name in activity.columns]
    else:
        names = [f"filter{index}" for index in range(number)]
    if len(names) != number or len(set(names)) < number:
        raise ValueError(
            "`filters` must hold a different name for each column of `activity`. "
            f"Received {len(names)} names, {len(set(names))} different, for {number} "
            "columns."
        )
    return names


def _centred_ranks(values: Array) -> Array:
    """Return the ranks within each column about their mean, equal ones shared."""
    from scipy.stats import rankdata

    ranks: Array = rankdata(values, axis=0)
    return ranks - (len(values) + 1) / 2


def _correlations(ranks: Array, target: Array) -> Array:
    """Return Pearson's correlation of ranks, NaN where one side is constant."""
    other = _centred_ranks(target[:, None])[:, 0]
    norms = np.sqrt((ranks**2).sum(axis=0) * (other**2).sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.where(norms > 0, other @ ranks / norms, np.nan)
    return np.clip(found, -1, 1)


def _p_values(correlation: Array, numbers: Array) -> Array:
    """Return two-sided p-values, `(num_filters, num_targets)`."""
    from scipy.stats import t

    freedom = np.maximum(numbers - 2, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.abs(correlation) * np.sqrt(freedom / (1 - correlation**2))
        p_values = 2 * t.sf(score, freedom)
    # No order of n values is rarer than one of n! and its reverse.
    rarest = [2 / math.gamma(n + 1) if n < 100 else 0.0 for n in numbers.tolist()]
    p_values = np.maximum(p_values, rarest)
    is_open = np.isfinite(correlation) & (numbers >= _FEWEST)
    filled: Array = np.where(is_open, p_values, 1.0)
    return filled
