"""Motifs compared with known ones: what `match` and `report` share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from keras_motif.cli._inputs import (
    check_one_stdin,
    load_databases,
    load_motifs,
    parse_relevant,
)
from keras_motif.cli._outputs import note, records
from keras_motif.matching import (
    MatchFractions,
    ShuffledShare,
    convincing_rows,
    leave_out,
    match_fractions,
    match_support,
    motif_match,
    shuffled_share,
    warn_of_unknown,
)
from keras_motif.motifs import MemeFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]


class Comparison(NamedTuple):
    """Motifs, what they were compared with, and what came out.

    Attributes:
        queries: All motifs, compared or not.
        targets: What they were compared with.
        matches: The table of `motif_match`, without the targets that are left out.
        support: The table of `match_support`; None where an id stands for two targets,
            so that it can't be made.
        shuffled: What share of all motifs chance would name; None where not asked for.
        fractions: The shares of the matches that count.
        is_relevant_known: Whether the relevant targets were named.
    """

    queries: MemeFile
    targets: Any
    matches: pd.DataFrame
    support: pd.DataFrame | None
    shuffled: ShuffledShare | None
    fractions: MatchFractions
    is_relevant_known: bool

    @property
    def num_matched(self) -> int:
        """Number of motifs with a match."""
        return int(self.matches["Query_ID"].nunique())

    @property
    def num_named(self) -> int | None:
        """Number of motifs with a convincing match; None where that isn't known."""
        if self.support is None:
            return None
        return int(convincing_rows(self.matches, self.support)["Query_ID"].nunique())

    def records(self) -> list[dict[str, Any]]:
        """Return the rows of the matches, with what each is worth."""
        table = self.matches
        if self.support is not None:
            table = table.join(self.support)
        return records(table)

    def summary(self) -> dict[str, Any]:
        """Return what JSON says beside the matches."""
        shares = self.fractions._asdict()
        if not self.is_relevant_known:
            shares = {"any": shares["any"]}
        return {
            "num_motifs": len(self.queries.motifs),
            "num_matched": self.num_matched,
            "num_named": self.num_named,
            "shuffled": None if self.shuffled is None else self.shuffled._asdict(),
            "fractions": shares,
            "settings": self.matches.attrs["settings"],
        }

    def note(self, name: str = "") -> None:
        """Say in a line or two what came out, behind a name."""
        settings = self.matches.attrs["settings"]
        criterion = f"{settings['threshold_on']} <= {settings['threshold']:g}"
        matched = f"Tomtom alone: {self.num_matched} match ({criterion})."
        have = "has" if self.num_named == 1 else "have"
        named = f"{self.num_named} of {len(self.queries.motifs)} motifs {have}"
        line = f"{named} a convincing name. {matched}"
        if self.support is None:
            line = (
                f"{matched} What that is worth can't be judged, since two targets "
                "have one id: compare with one database at a time."
            )
        if self.shuffled is not None:
            line += (
                " With their columns shuffled, "
                f"{self.shuffled.convincing:.3f} of them would have a convincing name."
            )
        if self.is_relevant_known:
            line += (
                f" Relevant match {self.fractions.relevant:.3f}, coverage "
                f"{self.fractions.coverage:.3f}."
            )
        note(f"{name}{line}")


def compare(
    motifs: str,
    databases: tuple[str, ...],
    min_bits: float | None,
    relevant: tuple[str, ...],
    one_strand: bool | None,
    exclude: tuple[str, ...],
    verdict: str,
    shuffles: int | None,
    **options: Any,
) -> Comparison:
    check_one_stdin(motifs, *databases)
    queries = load_motifs(motifs)
    targets = load_databases(databases)
    compared = queries
    if min_bits is not None:
        kept = [
            motif for motif in queries.motifs if (motif.information() > min_bits).any()
        ]
        compared = replace(queries, motifs=kept)
    both_strands = None if one_strand is None else not one_strand
    options["reverse_complement"] = both_strands
    matches = motif_match(compared, targets, **options)
    warn_of_unknown(matches, exclude)
    matches = leave_out(matches, exclude)
    support = _support(matches)
    shuffled = None
    if shuffles != 0 and support is not None:
        share = len(compared.motifs) / max(len(queries.motifs), 1)
        found = shuffled_share(
            compared, targets, num_shuffles=shuffles, exclude=exclude, **options
        )
        shuffled = ShuffledShare(*(share * value for value in found))
    counted = matches
    if verdict == "convincing" and support is not None:
        counted = convincing_rows(matches, support)
    expected = parse_relevant(relevant)
    number = len(queries.motifs)
    return Comparison(
        queries=queries,
        targets=targets,
        matches=matches,
        support=support,
        shuffled=shuffled,
        fractions=match_fractions(counted, number, expected, exclude=()),
        is_relevant_known=expected is not None,
    )


def _support(matches: pd.DataFrame) -> pd.DataFrame | None:
    """Return what matches are worth; None where an id stands for two targets."""
    try:
        return match_support(matches)
    except ValueError:
        return None
