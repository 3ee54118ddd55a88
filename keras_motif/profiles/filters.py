"""Filters that say nothing, or what another says too: dead ones and duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from keras_motif.matching import motif_match
from keras_motif.motifs import Motif, MotifsLike, as_motifs, is_dead

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["dead_filters", "duplicate_filters"]

_MIN_BITS = 0.5  # with no position above, a motif says nothing and resembles much


def dead_filters(motifs: MotifsLike) -> list[str]:
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


def duplicate_filters(motifs: MotifsLike, *, threshold: float = 0.001) -> pd.DataFrame:
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
            Those of RNA (a `MemeFile` says so) are compared on one strand.
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

    given = as_motifs(motifs, "motifs")
    kept = [motif.trim() for motif in given.motifs]
    kept = [motif for motif in kept if (motif.information() > _MIN_BITS).any()]
    found = _matches_of(kept, threshold, both_strands=not given.is_rna)
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
    motifs: list[Motif], threshold: float, *, both_strands: bool
) -> dict[tuple[str, str], tuple[float, int, str]]:
    """Return E-value, overlap and orientation by query and target."""
    # Tomtom needs a target, if only to check the threshold.
    targets = motifs or [Motif(np.eye(4)[:1], "none")]
    table = motif_match(
        motifs, targets, threshold=threshold, reverse_complement=both_strands
    )
    columns = ("Query_ID", "Target_ID", "E-value", "Overlap", "Orientation")
    rows = zip(*(table[column].tolist() for column in columns), strict=True)
    return {(query, target): tuple(values) for query, target, *values in rows}
