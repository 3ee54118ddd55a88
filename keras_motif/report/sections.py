"""What the report says of each run: its verdict, its figures, its filters' rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from keras_motif.logos import check_matches, is_convincing, listed_motifs
from keras_motif.matching import (
    convincing_rows,
    family_table,
    knows_motifs,
    match_support,
)
from keras_motif.motifs import FactorFamily, MemeFile, Motif
from keras_motif.profiles import duplicate_filters
from keras_motif.report._downloads import downloads
from keras_motif.report._filter_row import FilterRow
from keras_motif.report._pictures import Pictures
from keras_motif.report._rows import filter_rows
from keras_motif.report._tables import (
    PROFILES,
    FilterTables,
    check_profile,
    largest_sites,
)

if TYPE_CHECKING:
    import pandas as pd

    from keras_motif.matching import MatchFractions, ShuffledShare

__all__ = ["TOLD", "ReportRun", "RunSection", "Verdict", "run_section"]

_NAMED = "filters with a convincing name"
_BY_CHANCE = "would be named by chance"
_MATCHED = "matched by Tomtom alone"
TOLD = (_NAMED, _BY_CHANCE, _MATCHED)  # figures that the headline tells, too


class ReportRun(NamedTuple):
    """One network among those that a report compares; a plain tuple will do as well.

    Attributes:
        motifs: The motifs, one per filter, as they were matched.
        matches: What `motif_match` returned for them.
        fractions: What `match_fractions` returned.
        positions: What `site_positions` returned.
        enrichment: What `class_enrichment` returned.
        duplicates: What `duplicate_filters` returned. None: it is called.
        support: What `match_support` returned for `matches`. None: it is called.
        shuffled: What `shuffled_share` returned for `motifs`.
        notes: Sentences to put at the page's top.
        correlation: What `target_correlation` returned.
        sites: What `activation_sites` returned; the page shows of each filter the five
            of the largest activations.
        made: How the motifs were read, as dict of what -> value, for "How this was
            made".
    """

    motifs: Iterable[Motif]
    matches: pd.DataFrame | None = None
    fractions: MatchFractions | None = None
    positions: pd.DataFrame | None = None
    enrichment: pd.DataFrame | None = None
    duplicates: pd.DataFrame | None = None
    support: pd.DataFrame | None = None
    shuffled: ShuffledShare | None = None
    notes: Sequence[str] = ()
    correlation: pd.DataFrame | None = None
    sites: pd.DataFrame | None = None
    made: Mapping[str, object] | None = None


@dataclass(frozen=True)
class Verdict:
    """What a run comes to, in filters."""

    compared: bool
    judged: bool  # whether it is known what the matches are worth
    filters: int
    named: int  # with a convincing match
    matched: int  # with any match in the table
    dead: int
    duplicates: int
    shuffled: ShuffledShare | None

    @property
    def counted(self) -> int:
        """Filters of the headline: those named, or, not judged, those matched."""
        return self.named if self.judged else self.matched

    @property
    def share(self) -> float:
        """Percent of the filters that the headline counts."""
        return 100 * self.counted / self.filters


@dataclass(frozen=True)
class RunSection:
    """One run, as the page shows it."""

    number: int
    name: str
    rows: list[FilterRow]
    verdict: Verdict
    figures: dict[str, str]
    downloads: list[tuple[str, str, str]]  # what, the file's name, its link
    length: int | None  # of the sequences, where the table of positions is given
    has_classes: bool


def run_section(
    number: int,
    name: str,
    run: ReportRun,
    pictures: Pictures,
    families: Mapping[str, FactorFamily],
) -> RunSection:
    """Check what was given of a run and turn it into what the page shows.

    Args:
        number: The run's place on the page, from 1.
        name: Its name; empty where the page has only one.
        run: Its motifs and tables.
        pictures: Draws the logos.
        families: Dict of target id -> class and family of its factor, where known.

    Returns:
        The run, ready for the page.

    Raises:
        ValueError: As `write_report`.
        TypeError: As `write_report`.
    """
    motifs = listed_motifs(run.motifs)
    duplicates = run.duplicates
    if duplicates is None:
        compared = MemeFile(motifs, alphabet=pictures.alphabet)
        duplicates = duplicate_filters(compared)
    run = run._replace(motifs=motifs, duplicates=duplicates)
    _check_run(motifs, run)
    support = _support(motifs, run, pictures.targets)
    tables = FilterTables(
        matches=run.matches,
        support=support,
        positions=run.positions,
        enrichment=run.enrichment,
        correlation=run.correlation,
        duplicates=duplicates,
        sites=None if run.sites is None else largest_sites(run.sites),
        families=_families(run.matches, support, pictures.targets, families),
    )
    rows = filter_rows(motifs, tables, pictures)
    verdict = _verdict(rows, run, judged=support is not None)
    return RunSection(
        number=number,
        name=name,
        rows=rows,
        verdict=verdict,
        figures=_figures(rows, verdict, run),
        downloads=downloads(motifs, tables, name, pictures.alphabet),
        length=_length(run.positions),
        has_classes=run.enrichment is not None,
    )


def _support(
    motifs: list[Motif], run: ReportRun, targets: Mapping[str, Motif]
) -> pd.DataFrame | None:
    """Return what the matches are worth; None where that can't be known."""
    if run.matches is None or run.support is not None:
        return run.support
    if knows_motifs(run.matches):
        try:
            return match_support(run.matches)
        except ValueError:  # an id that stands for two targets
            return None
    if set(run.matches["Target_ID"]) <= {*targets}:
        return match_support(run.matches, motifs, list(targets.values()))
    return None


def _families(
    matches: pd.DataFrame | None,
    support: pd.DataFrame | None,
    targets: Mapping[str, Motif],
    families: Mapping[str, FactorFamily],
) -> pd.DataFrame | None:
    """Return the families of all matches; named are filters by convincing ones."""
    if matches is None or not families:
        return None
    factors = {key: target.alt_name for key, target in targets.items()}
    table = family_table(matches, factors, families)
    good = matches[:0] if support is None else convincing_rows(matches, support)
    named = family_table(good, factors, families).reindex(table.index, fill_value="")
    return table.assign(named_family=named["named_family"], members=named["members"])


def _check_run(motifs: list[Motif], run: ReportRun) -> None:
    if run.matches is not None:
        check_matches(motifs, run.matches)
        if run.support is not None:
            is_convincing(run.matches, run.support)
    for argument in ("fractions", "support", "shuffled"):
        if run.matches is None and getattr(run, argument) is not None:
            raise ValueError(
                f"`{argument}` must come with the `matches` of the motifs. Received "
                "`matches=None`."
            )
    for argument, (_, maker, columns) in PROFILES.items():
        check_profile(motifs, getattr(run, argument), argument, maker, columns)


def _length(positions: pd.DataFrame | None) -> int | None:
    """Return the length of the sequences, where it is known."""
    if positions is None or positions.empty:
        return None
    return int(positions["end"].max())


def _verdict(rows: list[FilterRow], run: ReportRun, *, judged: bool) -> Verdict:
    states = Counter(row.state for row in rows)
    return Verdict(
        compared=run.matches is not None,
        judged=judged,
        filters=len(rows),
        named=states["named"],
        matched=sum(bool(row.hits) for row in rows),
        dead=states["dead"],
        duplicates=sum(bool(row.duplicates) for row in rows),
        shuffled=run.shuffled,
    )


def _figures(rows: list[FilterRow], verdict: Verdict, run: ReportRun) -> dict[str, str]:
    """Return the figures that the page opens with, by what they are."""
    figures = {}
    if verdict.judged:
        names = {row.hits[0].label for row in rows if row.state == "named"}
        figures[_NAMED] = f"{verdict.share:.0f} %"
        figures["different names"] = str(len(names))
    if verdict.shuffled is not None:
        by_chance = f"{100 * verdict.shuffled.convincing:.0f} %"
        figures[_BY_CHANCE] = by_chance
    if verdict.compared:
        matched = f"{100 * verdict.matched / verdict.filters:.0f} %"
        figures[_MATCHED] = matched
    if run.fractions is not None:
        counted = round(run.fractions.any * verdict.filters)
        rule = ""
        if counted != verdict.counted:
            rule = ", by Tomtom alone"
            if counted != verdict.matched:
                rule = f", of {counted} that count"
        relevant = f"{100 * run.fractions.relevant:.0f} %"
        figures[f"match a relevant factor{rule}"] = relevant
        coverage = f"{100 * run.fractions.coverage:.0f} %"
        figures[f"of the relevant factors found{rule}"] = coverage
    if run.enrichment is not None:
        classes = run.enrichment["class"].nunique()
        served = {share.name for row in rows for share in row.served}
        figures["classes served"] = f"{len(served)} of {classes}"
    if run.correlation is not None:
        targets = run.correlation["target"].nunique()
        followed = {share.name for row in rows for share in row.followed}
        figures["targets followed"] = f"{len(followed)} of {targets}"
    figures["dead filters"] = str(verdict.dead)
    figures["filters with a duplicate"] = str(verdict.duplicates)
    information = sum(row.information for row in rows) / len(rows)
    figures["mean information"] = f"{information:.1f} bits"
    return figures
