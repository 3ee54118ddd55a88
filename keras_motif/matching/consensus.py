"""What several networks learnt alike: clusters of filters that match each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif.matching.match import motif_match
from keras_motif.matching.support import match_support
from keras_motif.motifs import Motif, MotifsLike, as_motifs

__all__ = ["ConsensusMotif", "consensus_motifs"]

_MIN_BITS = 0.5  # with no position above, a motif says nothing and resembles much


class ConsensusMotif(NamedTuple):
    """A motif that filters of one or more networks agree on.

    Attributes:
        motif: The mean of the members.
        num_networks: How many networks hold it.
        members: The network, counted from 0, and the name of each filter; the first
            is the one that all others were aligned with.
    """

    motif: Motif
    num_networks: int
    members: tuple[tuple[int, str], ...]


class _Place(NamedTuple):
    """Where a motif lies above another: its first column there, and its strand."""

    start: int
    orientation: str


def consensus_motifs(
    networks: Iterable[MotifsLike], *, threshold: float = 0.001
) -> list[ConsensusMotif]:
    """Return what the filters of several networks agree on.

    Trained from different seeds, networks share what the data taught them, and differ
    in what chance did. The motifs are trimmed and all are matched with all, as in
    `duplicate_filters`: two agree where each is a convincing match of the other (see
    `match_support`) with an E-value up to the threshold. The one that most others
    agree with takes these as its members, then the next of what is left.

    Args:
        networks: For each network its motifs: what `extract_motifs` returned, or
            whatever else `motif_match` takes, trimmed or not. Motifs with no position
            above 0.5 bits are left out.
        threshold: The largest E-value of two that agree, finite and above 0.

    Returns:
        The consensus motifs, those of most networks first, then those of most filters.
        They are named consensus0, consensus1, ...; a filter alone is one too. The
        mean is over the members that reach a column, of the columns that at least
        half of them reach; its `num_sites` is the number that would vary as much, None
        where a member's is unknown.

    Raises:
        ValueError: A value that is no motif, two motifs of one name in a network, or
            a threshold out of range.
        TypeError: Motifs of a kind that cannot be used, or a single network's.

    Example:
        >>> word = Motif(np.eye(4)[[0, 2, 2, 3, 1, 0, 2, 2]], "filter0")
        >>> other = Motif(np.eye(4)[[3, 3, 1, 0, 1, 1, 1, 3]], "filter1")
        >>> found = consensus_motifs([[word, other], [word.reverse_complement()]])
        >>> [(item.motif.consensus, item.num_networks) for item in found]
        [('AGGTCAGG', 2), ('TTCACCCT', 1)]
        >>> found[0].members
        ((0, 'filter0'), (1, 'filter0'))
    """
    motifs = _pooled(networks)
    places = _agreements(list(motifs.values()), threshold)
    clusters = _clusters(motifs, places)
    found = []
    for members in clusters:
        keys = [_key(name) for name in members]
        holders = {network for network, _ in keys}
        found.append((len(holders), members, tuple(keys)))
    found.sort(key=lambda item: (-item[0], -len(item[1])))
    return [
        ConsensusMotif(
            _mean(f"consensus{number}", motifs, members, places), num_networks, keys
        )
        for number, (num_networks, members, keys) in enumerate(found)
    ]


def _pooled(networks: Iterable[Any]) -> dict[str, Motif]:
    """Return all motifs that say something, trimmed, as "network/filter" -> motif."""
    if isinstance(networks, str | Mapping | Motif) or not isinstance(
        networks, Iterable
    ):
        raise TypeError(
            "`networks` must be a list with the motifs of each network. Received "
            f"{type(networks).__name__}; pass `[motifs_of_one, motifs_of_another]`."
        )
    pooled = {}
    for number, network in enumerate(networks):
        if isinstance(network, Motif):
            raise TypeError(
                "`networks` must be a list with the motifs of each network. Received "
                f"a single motif at index {number}; pass `[motifs_of_one, ...]`."
            )
        for motif in as_motifs(network, f"networks[{number}]").motifs:
            if (motif.information() > _MIN_BITS).any():
                name = f"{number}/{motif.name}"
                pooled[name] = Motif(
                    motif.trim().frequencies, name, num_sites=motif.num_sites
                )
    return pooled


def _key(name: str) -> tuple[int, str]:
    network, _, motif = name.partition("/")
    return int(network), motif


def _agreements(
    motifs: Sequence[Motif], threshold: float
) -> dict[str, dict[str, _Place]]:
    """Return where each motif has those that agree with it: motif -> other -> place."""
    # Tomtom needs a target, if only to check the threshold.
    table = motif_match(
        motifs, motifs or [Motif(np.eye(4)[:1], "none")], threshold=threshold
    )
    table = table[match_support(table)["is_convincing"].to_numpy()]
    columns = ("Query_ID", "Target_ID", "Optimal_offset", "Orientation")
    rows = list(zip(*(table[column].tolist() for column in columns), strict=True))
    pairs = {(query, target) for query, target, *_ in rows}
    widths = {motif.name: motif.width for motif in motifs}
    places: dict[str, dict[str, _Place]] = {motif.name: {} for motif in motifs}
    for query, target, offset, orientation in rows:
        if query != target and (target, query) in pairs:
            start = offset
            if orientation == "-":
                # The query lies there above the target turned round; turn both.
                start = widths[target] - offset - widths[query]
            places[target][query] = _Place(start, orientation)
    return places


def _clusters(
    motifs: Mapping[str, Motif], places: Mapping[str, Mapping[str, _Place]]
) -> list[list[str]]:
    """Return the members of each cluster, the one in the middle first."""
    left = dict.fromkeys(motifs)
    bits = {name: motif.information().sum() for name, motif in motifs.items()}
    clusters = []
    while left:
        agree = {name: [o for o in places[name] if o in left] for name in left}
        centre = max(left, key=lambda name: (len(agree[name]), bits[name]))
        others = set(agree[centre])
        clusters.append([centre, *(name for name in left if name in others)])
        for name in clusters[-1]:
            del left[name]
    return clusters


def _mean(
    name: str,
    motifs: Mapping[str, Motif],
    members: Sequence[str],
    places: Mapping[str, Mapping[str, _Place]],
) -> Motif:
    """Return the mean of motifs, aligned with the first of them."""
    centre = members[0]
    where = {centre: _Place(0, "+"), **places[centre]}
    left = min(where[member].start for member in members)
    right = max(where[member].start + motifs[member].width for member in members)
    sums, reached = np.zeros((right - left, 4)), np.zeros(right - left)
    for member in members:
        start, orientation = where[member]
        motif = motifs[member]
        turned = motif if orientation == "+" else motif.reverse_complement()
        columns = slice(start - left, start - left + motif.width)
        sums[columns] += turned.frequencies
        reached[columns] += 1
    kept = np.flatnonzero(2 * reached >= len(members))
    inside = slice(int(kept[0]), int(kept[-1]) + 1)
    frequencies = sums[inside] / reached[inside, None]
    sites = [motifs[member].num_sites for member in members]
    return Motif(frequencies, name, num_sites=_sites_of_mean(sites))


def _sites_of_mean(sites: Sequence[float | None]) -> float | None:
    """Return how many sites vary as much as the mean of motifs does.

    The variance of a mean of k frequencies is the sum of each one's, which goes with
    1 / its sites, over k^2.
    """
    known = [number for number in sites if number]
    if len(known) < len(sites):
        return None
    return len(known) ** 2 / sum(1 / number for number in known)
