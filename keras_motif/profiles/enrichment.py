"""For whom filters fire: the classes whose sequences hold their sites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.matching import benjamini_hochberg
from keras_motif.motifs import Motif
from keras_motif.profiles._sites import check_columns, check_order, filter_index
from keras_motif.profiles.labels import checked_classes
from keras_motif.sequences import LabelsLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["class_enrichment"]

Array = np.ndarray[Any, Any]

_MOST_CELLS = 2**22  # filters times sequences that are looked at together


def class_enrichment(
    sites: pd.DataFrame,
    labels: LabelsLike,
    *,
    class_names: Sequence[str] | None = None,
    filters: Iterable[str] | Iterable[Motif] | None = None,
) -> pd.DataFrame:
    """Say which classes' positives activate each filter more often than the rest.

    The unit is the sequence: it counts once however many sites it has, because sites
    of one sequence aren't independent. The p-value is that of Fisher's exact test,
    one-sided: the chance that sequences drawn without regard to their labels would
    hold at least as many positives. It holds for sequences that are independent of
    each other and that the network was not trained on; overlapping windows of a
    genome, and a sequence beside its reverse complement, are not independent.

    Source: Fisher's exact test as the tail of the hypergeometric distribution;
    Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57:289, for q-values; Haldane
    (1956) and Anscombe (1956), both on binomial response, for odds ratios of tables
    with an empty cell.

    Args:
        sites: What `activation_sites` returned: one row per site, with the columns
            filter and sequence (an index into `labels`).
        labels: 0 or 1 of each sequence and class, `(n, num_classes)`, or `(n,)` for
            one class; an array or a DataFrame. NaN where it isn't known: the sequence
            then counts neither way.
        class_names: The classes' names. None stands for a DataFrame's columns, else
            class0, class1, ...
        filters: Names of filters, or their motifs: those to test. None stands for
            those in the table.

    Returns:
        One row per filter and class, the smallest p-value first, of equal ones the
        largest odds ratio. Columns: filter, class, positives_with_site, positives,
        negatives_with_site, negatives, odds_ratio, p-value, q-value (over all rows).
        Of a table with an empty cell, 0.5 is added to all four before the odds ratio
        is taken; where nothing can be compared (no positive, no negative, or all or
        none of the sequences with a site) it is NaN and the p-value is 1.

    Raises:
        ValueError: A column is missing, labels other than 0 and 1 or of another
            shape, a sequence without labels, or names that don't fit the labels;
            sites whose sequences came in an order that labels given apart can't
            follow.

    Example:
        >>> import pandas as pd
        >>> sites = pd.DataFrame({"filter": "filter0", "sequence": [0, 0, 1]})
        >>> row = class_enrichment(sites, [1, 1, 0, 0]).iloc[0]
        >>> int(row["positives_with_site"]), int(row["negatives_with_site"])
        (2, 0)
        >>> round(float(row["p-value"]), 6)  # 1 of 6 ways to draw 2 of 4
        0.166667
    """
    import pandas as pd
    from scipy.stats import hypergeom

    check_columns(sites, ("filter", "sequence"))
    check_order(sites)
    classes = checked_classes(labels, class_names)
    names, index = filter_index(sites, filters)
    sequences = sites["sequence"].to_numpy()
    num_sequences = len(classes.table)
    if len(sequences) and not 0 <= sequences.min() <= sequences.max() < num_sequences:
        raise ValueError(
            f"`labels` must have a row for each sequence. Received {num_sequences} "
            f"rows and sites in sequences {sequences.min()} to {sequences.max()}. Pass "
            "the labels of the sequences that were given to `activation_sites`."
        )
    with_site, positives_with = _sequences_with_site(
        sequences, index, len(names), classes.table
    )
    positives = (classes.table == 1).sum(axis=0)[None]  # (1, num_classes)
    counts = np.stack(
        np.broadcast_arrays(
            positives_with,
            positives,
            with_site - positives_with,
            (classes.table == 0).sum(axis=0)[None],
        )
    ).reshape(4, -1)  # filter by filter
    hits, positives, false_hits, negatives = counts
    p_values = hypergeom.sf(
        hits - 1, positives + negatives, positives, hits + false_hits
    )
    odds_ratios = _odds_ratios(*counts)
    frame = pd.DataFrame(
        {
            "filter": np.repeat(np.array(names, dtype=object), len(classes.names)),
            "class": np.tile(np.array(classes.names, dtype=object), len(names)),
            "positives_with_site": hits,
            "positives": positives,
            "negatives_with_site": false_hits,
            "negatives": negatives,
            "odds_ratio": odds_ratios,
            "p-value": p_values,
            "q-value": benjamini_hochberg(p_values),
        }
    )
    order = np.lexsort((-np.nan_to_num(odds_ratios), p_values))
    return frame.iloc[order].reset_index(drop=True)


def _sequences_with_site(
    sequences: Array, index: Array, num_filters: int, labels: Array
) -> tuple[Array, Array]:
    """Count, per filter and class, the sequences that hold a site.

    Returns:
        All whose class is known, and the positives, each `(num_filters,
        num_classes)`.
    """
    known = np.stack([~np.isnan(labels), labels == 1]).astype(np.float64)
    counts = np.zeros((2, num_filters, labels.shape[1]), dtype=np.int64)
    step = max(1, _MOST_CELLS // len(labels))
    for first in range(0, num_filters, step):
        own = np.flatnonzero((index >= first) & (index < first + step))
        number = min(step, num_filters - first)
        has_site = np.zeros((number, len(labels)), dtype=bool)
        has_site[index[own] - first, sequences[own]] = True
        counts[:, first : first + number] = has_site.astype(np.float64) @ known
    return counts[0], counts[1]


def _odds_ratios(
    hits: Array, positives: Array, false_hits: Array, negatives: Array
) -> Array:
    """Return odds ratios, with 0.5 added to all cells where one is empty."""
    cells = np.stack(
        [hits, positives - hits, false_hits, negatives - false_hits]
    ).astype(np.float64)
    cells += 0.5 * (cells == 0).any(axis=0)
    ratios = cells[0] * cells[3] / (cells[1] * cells[2])
    with_site = hits + false_hits
    total = positives + negatives
    is_open = (positives > 0) & (negatives > 0) & (with_site > 0) & (with_site < total)
    return np.where(is_open, ratios, np.nan)
