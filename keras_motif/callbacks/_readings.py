"""A reading of the filters: their motifs, what they match, and that in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_motif.extraction import (
    ActivationMap,
    ExtractionOptions,
    sites_from_map,
    take_subset,
)
from keras_motif.matching import MatchFractions, match_fractions, motif_match
from keras_motif.motifs import Motif
from keras_motif.profiles import class_enrichment, site_positions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Profile", "Reading", "read_motifs", "read_profile"]

_PROFILE_SEQUENCES = 20_000  # their sites are held in memory
_MIN_BITS = 0.5  # a motif without a position above it is not matched


class Reading(NamedTuple):
    """What the motifs of a network's filters say.

    Attributes:
        motifs: The motifs, untrimmed, in filter order.
        trimmed: The same, as they were matched.
        matches: The table of `motif_match`.
        fractions: Which shares of filters and factors were matched.
        information: Bits of each trimmed motif, 0 of a filter without a site.
    """

    motifs: list[Motif]
    trimmed: list[Motif]
    matches: pd.DataFrame
    fractions: MatchFractions
    information: list[float]

    def metrics(self, name: str) -> dict[str, float]:
        """Return the numbers of the whole layer, by their names in `logs`."""
        return {
            f"{name}_match": self.fractions.any,
            f"{name}_relevant": self.fractions.relevant,
            f"{name}_information": float(np.mean(self.information)),
        }

    def targets(self) -> list[str | None]:
        """Return the id of each filter's best match, None where it has none."""
        best = self.matches.drop_duplicates("Query_ID")
        ids = dict(zip(best["Query_ID"], best["Target_ID"], strict=True))
        return [ids.get(motif.name) for motif in self.motifs]


def read_motifs(
    motifs: Sequence[Motif],
    targets: Sequence[Motif],
    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None,
    exclude: Sequence[str],
) -> Reading:
    """Match the motifs of filters and count.

    A filter without a site, or without a position above 0.5 bits, is not matched.

    Args:
        motifs: Untrimmed, in filter order. With none, the other arguments are checked.
        targets: What to match against.
        relevant: See `match_fractions`.
        exclude: See `match_fractions`.

    Returns:
        Motifs, matches and numbers.

    Raises:
        ValueError: As `motif_match` and `match_fractions`.
    """
    trimmed = [motif.trim() for motif in motifs]
    informative = [
        motif
        for motif in trimmed
        if motif.num_sites and (motif.information() > _MIN_BITS).any()
    ]
    matches = motif_match(informative, targets)
    num_filters = max(len(motifs), 1)
    return Reading(
        motifs=list(motifs),
        trimmed=trimmed,
        matches=matches,
        fractions=match_fractions(matches, num_filters, relevant, exclude=exclude),
        information=[
            float(motif.information().sum()) if motif.num_sites else 0.0
            for motif in trimmed
        ],
    )


class Profile(NamedTuple):
    """Where filters fire, and for which classes.

    Attributes:
        positions: The table of `site_positions`.
        enrichment: The table of `class_enrichment`; None without labels.
    """

    positions: pd.DataFrame
    enrichment: pd.DataFrame | None


def read_profile(
    maps: ActivationMap,
    sequences: Any,
    motifs: Sequence[Motif],
    labels: Any,
    class_names: Sequence[str] | None,
    options: ExtractionOptions,
) -> Profile:
    """Find the sites in at most 20,000 sequences and tell where and in what they are.

    Args:
        maps: Whose filters.
        sequences: See `extraction.extract_motifs`.
        motifs: The filters' motifs, in order.
        labels: Classes of all sequences, see `class_enrichment`; None for none.
        class_names: The names of the classes.
        options: How sites are found.

    Returns:
        The tables.

    Raises:
        ValueError: As `class_enrichment`, for labels that don't fit the sequences.
    """
    part = take_subset(maps, sequences, _PROFILE_SEQUENCES)
    sites = sites_from_map(maps, part.sequences, **options)
    positions = site_positions(sites, sites.attrs["length"], filters=motifs)
    enrichment = None
    if labels is not None:
        enrichment = class_enrichment(
            sites,
            np.asarray(labels)[part.rows],
            class_names=class_names,
            filters=motifs,
        )
    return Profile(positions, enrichment)
