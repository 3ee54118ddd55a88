"""What the report says of each run: its verdict, its figures, its filters' rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from keras_motif.logos import check_matches, listed_motifs
from keras_motif.matching import family_table
from keras_motif.motifs import FactorFamily, MemeFile, Motif
from keras_motif.profiles import duplicate_filters
from keras_motif.report._downloads import downloads
from keras_motif.report._filter_row import FilterRow
from keras_motif.report._pictures import Pictures
from keras_motif.report._rows import filter_rows
from keras_motif.report._tables import PROFILES, FilterTables, check_profile

if TYPE_CHECKING:
    import pandas as pd

    from keras_motif.matching import MatchFractions

__all__ = ["ReportRun", "RunSection", "Verdict", "run_section"]


class ReportRun(NamedTuple):
    """One network among those that a report compares; a plain tuple will do as well.

    Attributes:
        motifs: The motifs, one per filter, as they were matched.
        matches: What `motif_match` returned for them.
        fractions: What `match_fractions` returned.
        positions: What `site_positions` returned.
        enrichment: What `class_enrichment` returned.
        duplicates: What `duplicate_filters` returned. None: it is called.
    """

    motifs: Iterable[Motif]
    matches: pd.DataFrame | None = None
    fractions: MatchFractions | None = None
    positions: pd.DataFrame | None = None
    enrichment: pd.DataFrame | None = None
    duplicates: pd.DataFrame | None = None


@dataclass(frozen=True)
class Verdict:
    """What a run comes to, in filters."""

    compared: bool
    filters: int
    matched: int
    unmatched: int
    dead: int
    duplicates: int

    @property
    def share(self) -> float:
        """Percent of the filters that match."""
        return 100 * self.matched / self.filters


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
    tables = FilterTables(
        run.matches,
        run.positions,
        run.enrichment,
        duplicates,
        _families(run.matches, pictures.targets, families),
    )
    rows = filter_rows(motifs, tables, pictures)
    verdict = _verdict(rows, run.matches is not None)
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


def _families(
    matches: pd.DataFrame | None,
    targets: Mapping[str, Motif],
    families: Mapping[str, FactorFamily],
) -> pd.DataFrame | None:
    if matches is None or not families:
        return None
    factors = {key: target.alt_name for key, target in targets.items()}
    return family_table(matches, factors, families)


def _check_run(motifs: list[Motif], run: ReportRun) -> None:
    if run.matches is not None:
        check_matches(motifs, run.matches)
    elif run.fractions is not None:
        raise ValueError(
            "`fractions` must come with the `matches` that they were counted from. "
            "Received `matches=None`."
        )
    for argument, (_, maker, columns) in PROFILES.items():
        check_profile(motifs, getattr(run, argument), argument, maker, columns)


def _length(positions: pd.DataFrame | None) -> int | None:
    """Return the length of the sequences, where it is known."""
    if positions is None or positions.empty:
        return None
    return int(positions["end"].max())


def _verdict(rows: list[FilterRow], compared: bool) -> Verdict:
    states = Counter(row.state for row in rows)
    return Verdict(
        compared=compared,
        filters=len(rows),
        matched=states["matched"],
        unmatched=states["unmatched"],
        dead=states["dead"],
        duplicates=sum(bool(row.duplicates) for row in rows),
    )


def _figures(rows: list[FilterRow], verdict: Verdict, run: ReportRun) -> dict[str, str]:
    """Return the figures that the page opens with, by what they are."""
    figures = {}
    if verdict.compared:
        labels = {row.best.label for row in rows if row.best}
        figures["filters matched"] = f"{verdict.share:.0f} %"
        figures["different motifs matched"] = str(len(labels))
    if run.fractions is not None:
        if round(run.fractions.any * verdict.filters) != verdict.matched:
            what = "matched, uninformative targets left out"
            figures[what] = f"{100 * run.fractions.any:.0f} %"
        relevant = f"{100 * run.fractions.relevant:.0f} %"
        figures["match a relevant factor"] = relevant
        coverage = f"{100 * run.fractions.coverage:.0f} %"
        figures["of the relevant factors found"] = coverage
    if run.enrichment is not None:
        classes = run.enrichment["class"].nunique()
        served = {share.name for row in rows for share in row.served}
        figures["classes served"] = f"{len(served)} of {classes}"
    figures["dead filters"] = str(verdict.dead)
    figures["filters with a duplicate"] = str(verdict.duplicates)
    information = sum(row.information for row in rows) / len(rows)
    figures["mean information"] = f"{information:.1f} bits"
    return figures
