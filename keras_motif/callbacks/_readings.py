"""A reading of the filters: their motifs, what they match, and that in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from keras_motif.matching import MatchFractions, match_fractions, motif_match
from keras_motif.motifs import Motif, MotifInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Reading", "read_motifs"]

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

    @property
    def alphabet(self) -> str:
        """The letters of the bases: "ACGU" where the targets are RNA."""
        return str(self.matches.attrs["settings"]["alphabet"])

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
    targets: MotifInput,
    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None,
    exclude: Sequence[str],
) -> Reading:
    """Match the motifs of filters and count.

    A filter without a site, or without a position above 0.5 bits, is not matched.

    Args:
        motifs: Untrimmed, in filter order. With none, the other arguments are checked.
        targets: What to match against; on one strand where it is RNA.
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
