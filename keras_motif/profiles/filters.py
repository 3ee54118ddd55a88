"""What is known of a filter beyond its matrix: where it fires, for whom, and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.matching import benjamini_hochberg, motif_match
from keras_motif.motifs import Motif, as_motifs, is_dead

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["class_enrichment", "dead_filters", "duplicate_filters", "site_positions"]

Array = np.ndarray[Any, Any]

_MIN_BITS = 0.5  # with no position above, a motif says nothing and resembles much


def site_positions(
    sites: pd.DataFrame,
    length: int,
    *,
    num_bins: int = 20,
    filters: Iterable[str] | Iterable[Motif] | None = None,
) -> pd.DataFrame:
    """Count where along the sequences each filter fires.

    A site counts in the bin that holds its middle base, the right one of two. Sites
    lie wholly inside the sequence, so the outermost bins can hold fewer than those
    between: with windows of 19, no middle lies within 9 bases of either end.

    Args:
        sites: What `activation_sites` returned: one row per site, with the columns
            filter, start and end (0-based, end not included).
        length: Length of the sequences, in bases.
        num_bins: How many bins to cut the sequence into, 1 to `length`. Their
            widths are whole bases, and differ by at most one.
        filters: Names of filters, or their motifs, in the order of the result;
            filters without a site count 0, and other filters' sites are left out.
            None stands for those in the table, filter2 before filter10.

    Returns:
        One row per filter and bin, in order. Columns: filter, start and end of the
        bin (0-based, end not included), num_sites.

    Raises:
        ValueError: A column is missing, a site outside the sequence, or an option
            out of range.

    Example:
        >>> import pandas as pd
        >>> columns = ["filter", "sequence", "start", "end"]
        >>> sites = pd.DataFrame([["filter0", 7, 3, 6]], columns=columns)
        >>> site_positions(sites, 10, num_bins=2)["num_sites"].tolist()
        [1, 0]
    """
    import pandas as pd

    _check_columns(sites, ("filter", "start", "end"))
    _check_whole("length", length, "of bases, 1 or more", 1, np.inf)
    _check_whole("num_bins", num_bins, f"from 1 to the `length` {length}", 1, length)
    starts, ends = (sites[name].to_numpy() for name in ("start", "end"))
    if len(sites) and (starts.min() < 0 or ends.max() > length):
        raise ValueError(
            f"`sites` must lie within sequences of `length` {length}. Received sites "
            f"from {starts.min()} to {ends.max()}. Pass the length of the sequences "
            "that were given to `activation_sites`."
        )
    names, index = _filter_index(sites, filters)
    edges = np.arange(num_bins + 1) * length // num_bins
    bins = np.searchsorted(edges, (starts + ends) // 2, side="right") - 1
    cells = index * num_bins + bins
    counts = np.bincount(cells[index >= 0], minlength=len(names) * num_bins)
    return pd.DataFrame(
        {
            "filter": np.repeat(np.array(names, dtype=object), num_bins),
            "start": np.tile(edges[:-1], len(names)),
            "end": np.tile(edges[1:], len(names)),
            "num_sites": counts,
        }
    )


def class_enrichment(
    sites: pd.DataFrame,
    labels: Any,
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
            one class; an array or a DataFrame.
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
            shape, a sequence without labels, or names that don't fit the labels.

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

    _check_columns(sites, ("filter", "sequence"))
    table, classes = _checked_labels(labels, class_names)
    names, index = _filter_index(sites, filters)
    with_site, positives_with = _sequences_with_site(sites, index, len(names), table)
    positives = table.sum(axis=0, dtype=np.int64)[None]  # (1, num_classes)
    counts = np.stack(
        np.broadcast_arrays(
            positives_with,
            positives,
            with_site[:, None] - positives_with,
            len(table) - positives,
        )
    ).reshape(4, -1)  # filter by filter
    hits, positives, false_hits, negatives = counts
    p_values = hypergeom.sf(
        hits - 1, positives + negatives, positives, hits + false_hits
    )
    odds_ratios = _odds_ratios(*counts)
    frame = pd.DataFrame(
        {
            "filter": np.repeat(np.array(names, dtype=object), len(classes)),
            "class": np.tile(np.array(classes, dtype=object), len(names)),
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


def dead_filters(motifs: Any) -> list[str]:
    """Return the names of filters that never fired.

    Args:
        motifs: What `extract_motifs` returned, or whatever else `motif_match` takes.

    Returns:
        The names of motifs with `num_sites` 0 and no information, in their order: no
        position of any sequence was above the threshold. A motif with information
        is alive whatever its `num_sites`, since files of other programs often hold
        `nsites= 0`.

    Raises:
        ValueError: A value that is no motif, or two motifs of one name.
        TypeError: `motifs` of a kind that cannot be used.

    Example:
        >>> dead_filters([Motif([[0.25] * 4], "filter0", num_sites=0)])
        ['filter0']
    """
    return [
        motif.name for motif in as_motifs(motifs, "motifs").motifs if is_dead(motif)
    ]


def duplicate_filters(motifs: Any, *, threshold: float = 0.001) -> pd.DataFrame:
    """Return the pairs of filters whose motifs match each other.

    The motifs are trimmed and matched with themselves by `motif_match`, and a pair
    counts where the match holds in both directions: Tomtom's p-value depends on which
    of the two is the query. An E-value is the p-value times the number of motifs
    compared. The default is strict because Tomtom's p-values are rough among so few
    targets. Members of a factor's family share a motif, so filters of two related
    factors can be a pair.

    Args:
        motifs: What `extract_motifs` returned, or whatever else `motif_match` takes,
            trimmed or not. Motifs with no position above 0.5 bits are left out.
        threshold: The largest E-value of a pair, finite and above 0.

    Returns:
        One row per unordered pair, the smallest E-value first. Columns: filter and
        duplicate (in the order of `motifs`), E-value (the larger of the two
        directions), overlap (aligned positions), orientation ("-" where one is the
        other's reverse complement). `attrs["settings"]` holds the threshold.

    Raises:
        ValueError: A value that is no motif, two motifs of one name, or a threshold
            out of range.
        TypeError: `motifs` of a kind that cannot be used.

    Example:
        >>> motif = Motif(np.eye(4)[[0, 2, 2, 3, 1, 0, 2, 2]], "filter0")
        >>> reverse = Motif(motif.reverse_complement().frequencies, "filter1")
        >>> pairs = duplicate_filters([motif, reverse])
        >>> pairs[["filter", "duplicate", "orientation"]].values.tolist()
        [['filter0', 'filter1', '-']]
    """
    import pandas as pd

    kept = [motif.trim() for motif in as_motifs(motifs, "motifs").motifs]
    kept = [motif for motif in kept if (motif.information() > _MIN_BITS).any()]
    found = _matches_of(kept, threshold)
    order = {motif.name: place for place, motif in enumerate(kept)}
    rows = [
        (query, target, max(values[0], found[target, query][0]), *values[1:])
        for (query, target), values in found.items()
        if order[query] < order[target] and (target, query) in found
    ]
    rows.sort(key=lambda row: row[2])
    columns = ["filter", "duplicate", "E-value", "overlap", "orientation"]
    frame = pd.DataFrame(rows, columns=columns)
    frame.attrs["settings"] = {"threshold": threshold, "threshold_on": "evalue"}
    return frame


def _matches_of(
    motifs: list[Motif], threshold: float
) -> dict[tuple[str, str], tuple[float, int, str]]:
    """Return E-value, overlap and orientation by query and target."""
    # Tomtom needs a target, if only to check the threshold.
    targets = motifs or [Motif(np.eye(4)[:1], "none")]
    table = motif_match(motifs, targets, threshold=threshold)
    columns = ("Query_ID", "Target_ID", "E-value", "Overlap", "Orientation")
    rows = zip(*(table[column].tolist() for column in columns), strict=True)
    return {(query, target): tuple(values) for query, target, *values in rows}


def _sequences_with_site(
    sites: pd.DataFrame, index: Array, num_filters: int, labels: Array
) -> tuple[Array, Array]:
    """Count, per filter, the sequences that hold a site.

    Returns:
        All of them, `(num_filters,)`, and the positives, `(num_filters,
        num_classes)`.
    """
    sequences = sites["sequence"].to_numpy()
    if len(sequences) and not 0 <= sequences.min() <= sequences.max() < len(labels):
        raise ValueError(
            f"`labels` must have a row for each sequence. Received {len(labels)} rows "
            f"and sites in sequences {sequences.min()} to {sequences.max()}. Pass the "
            "labels of the sequences that were given to `activation_sites`."
        )
    with_site = np.zeros(num_filters, dtype=np.int64)
    positives = np.zeros((num_filters, labels.shape[1]), dtype=np.int64)
    for place in range(num_filters):
        once = np.unique(sequences[index == place])
        with_site[place] = len(once)
        positives[place] = labels[once].sum(axis=0)
    return with_site, positives


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


def _filter_index(
    sites: pd.DataFrame, filters: Iterable[str] | Iterable[Motif] | None
) -> tuple[list[str], Array]:
    """Return the filters' names, and the place of each site's filter, -1 for none."""
    import pandas as pd

    if filters is None:
        names = sorted(sites["filter"].unique(), key=_natural)
    else:
        names = [f.name if isinstance(f, Motif) else f for f in filters]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(
            "`filters` must hold each name once. Received "
            f"{repeated[0]!r} more than once."
        )
    return names, pd.Index(names, dtype=object).get_indexer(sites["filter"])


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts filter2 before filter10."""
    parts = re.split("([0-9]+)", name)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def _checked_labels(
    labels: Any, class_names: Sequence[str] | None
) -> tuple[Array, list[str]]:
    """Return labels as booleans, `(n, num_classes)`, and the classes' names."""
    table = np.asarray(labels)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(
            "`labels` must have shape (n, num_classes), or (n,) for one class. "
            f"Received shape {np.shape(labels)}."
        )
    wrong = ~((table == 0) | (table == 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            "`labels` must be 0 or 1, one column per class. Received "
            f"{table.item(row, column)!r} at row {row}, column {column}. For class "
            "numbers, pass `np.eye(num_classes)[labels]`; for probabilities, "
            "`labels > 0.5`."
        )
    if class_names is None and hasattr(labels, "columns"):
        class_names = [str(name) for name in labels.columns]
    elif class_names is None:
        class_names = [f"class{index}" for index in range(table.shape[1])]
    names = list(class_names)
    if len(names) != table.shape[1] or len(set(names)) < len(names):
        raise ValueError(
            "`class_names` must hold a different name for each column of `labels`. "
            f"Received {len(names)} names, {len(set(names))} different, for "
            f"{table.shape[1]} columns."
        )
    return table.astype(bool), names


def _check_columns(sites: pd.DataFrame, needed: tuple[str, ...]) -> None:
    columns = list(getattr(sites, "columns", []))
    if missing := [name for name in needed if name not in columns]:
        raise ValueError(
            "`sites` must be a table that `activation_sites` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {type(sites).__name__} with "
            f"{', '.join(map(str, columns)) or 'none'}."
        )


def _check_whole(name: str, value: object, wanted: str, low: int, high: float) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(
            f"`{name}` must be a whole number {wanted}. Received {value!r}."
        )
