"""Motifs compared with known ones: what `match` and `report` share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keras_motif.cli._inputs import check_one_stdin, parse_relevant, read_motifs
from keras_motif.cli._outputs import note
from keras_motif.matching import MatchFractions, match_fractions, motif_match
from keras_motif.motifs import MemeFile, jaspar_releases

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]


class Comparison:
    """Motifs, what they were compared with, and what came out."""

    def __init__(
        self,
        queries: MemeFile,
        targets: Any,
        matches: pd.DataFrame,
        relevant: dict[str, list[str]] | None,
    ) -> None:
        self.queries = queries
        self.targets = targets
        self.matches = matches
        self.is_relevant_known = relevant is not None
        self.fractions: MatchFractions = match_fractions(
            matches, len(queries.motifs), relevant
        )

    @property
    def num_matched(self) -> int:
        """Number of motifs with a match."""
        return int(self.matches["Query_ID"].nunique())

    def summary(self) -> dict[str, Any]:
        """Return what JSON says beside the matches."""
        shares = self.fractions._asdict()
        if not self.is_relevant_known:
            shares = {"any": shares["any"]}
        return {
            "num_motifs": len(self.queries.motifs),
            "num_matched": self.num_matched,
            "fractions": shares,
            "settings": self.matches.attrs["settings"],
        }

    def note(self) -> None:
        """Say in one line what came out."""
        settings = self.matches.attrs["settings"]
        criterion = f"{settings['threshold_on']} <= {settings['threshold']:g}"
        line = f"{self.num_matched} of {len(self.queries.motifs)} motifs match"
        line = f"{line} ({criterion})."
        if self.is_relevant_known:
            line += (
                f" Relevant match {self.fractions.relevant:.3f}, coverage "
                f"{self.fractions.coverage:.3f}."
            )
        note(line)


def compare(
    motifs: str,
    databases: tuple[str, ...],
    min_bits: float | None,
    relevant: tuple[str, ...],
    one_strand: bool | None,
    **options: Any,
) -> Comparison:
    check_one_stdin(motifs, *databases)
    queries = read_motifs(motifs)
    # By its name, a single release is named in the report.
    targets: Any = databases[0]
    if len(databases) > 1 or targets not in jaspar_releases():
        targets = [read_motifs(name) for name in databases]
    compared = queries
    if min_bits is not None:
        kept = [
            motif for motif in queries.motifs if (motif.information() > min_bits).any()
        ]
        compared = replace(queries, motifs=kept)
    both_strands = None if one_strand is None else not one_strand
    matches = motif_match(compared, targets, reverse_complement=both_strands, **options)
    return Comparison(queries, targets, matches, parse_relevant(relevant))
