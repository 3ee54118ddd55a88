"""What the report says of each run: its verdict, its figures and its downloads."""

from __future__ import annotations

import base64
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from keras_motif.logos import check_matches, listed_motifs
from keras_motif.matching import write_matches
from keras_motif.motifs import Motif, write_meme
from keras_motif.profiles import duplicate_filters
from keras_motif.report._rows import (
    FilterRow,
    FilterTables,
    Pictures,
    check_profile,
    filter_rows,
)

if TYPE_CHECKING:
    import pandas as pd

    from keras_motif.matching import MatchFractions

__all__ = ["ReportRun", "RunSection", "Verdict", "run_section"]


# Of each table: its name on the page, the function that makes it, and the columns
# that the page needs.
_PROFILES = {
    "positions": (
        "Positions",
        "site_positions",
        ("filter", "start", "end", "num_sites"),
    ),
    "enrichment": (
        "Classes",
        "class_enrichment",
        (
            "filter",
            "class",
            "positives_with_site",
            "positives",
            "negatives_with_site",
            "negatives",
            "odds_ratio",
            "p-value",
            "q-value",
        ),
    ),
    "duplicates": (
        "Duplicates",
        "duplicate_filters",
        ("filter", "duplicate", "E-value", "orientation"),
    ),
}


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
    number: int, name: str, run: ReportRun, pictures: Pictures
) -> RunSection:
    """Check what was given of a run and turn it into what the page shows.

    Args:
        number: The run's place on the page, from 1.
        name: Its name; empty where the page has only one.
        run: Its motifs and tables.
        pictures: Draws the logos.

    Returns:
        The run, ready for the page.

    Raises:
        ValueError: As `write_report`.
        TypeError: As `write_report`.
    """
    motifs = listed_motifs(run.motifs)
    duplicates = duplicate_filters(motifs) if run.duplicates is None else run.duplicates
    run = run._replace(motifs=motifs, duplicates=duplicates)
    _check_run(motifs, run)
    rows = filter_rows(
        motifs,
        FilterTables(run.matches, run.positions, run.enrichment, duplicates),
        pictures,
    )
    verdict = _verdict(rows, run.matches is not None)
    return RunSection(
        number=number,
        name=name,
        rows=rows,
        verdict=verdict,
        figures=_figures(rows, verdict, run),
        downloads=_downloads(motifs, run, name),
        length=_length(run.positions),
        has_classes=run.enrichment is not None,
    )


def _check_run(motifs: list[Motif], run: ReportRun) -> None:
    if run.matches is not None:
        check_matches(motifs, run.matches)
    elif run.fractions is not None:
        raise ValueError(
            "`fractions` must come with the `matches` that they were counted from. "
            "Received `matches=None`."
        )
    for argument, (_, maker, columns) in _PROFILES.items():
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


def _downloads(
    motifs: list[Motif], run: ReportRun, name: str
) -> list[tuple[str, str, str]]:
    """Return the files that the page carries: what, the file's name, its link."""
    suffix = "-" + re.sub(r"[^\w.-]+", "-", name) if name else ""
    meme = _data_link(lambda file: write_meme(motifs, file))
    downloads = [("Motifs (MEME)", f"motifs{suffix}.meme", meme)]
    if run.matches is not None:
        matches = run.matches
        link = _data_link(lambda file: write_matches(matches, file))
        downloads.append(("Matches (TSV)", f"matches{suffix}.tsv", link))
    for what, (label, _, _) in _PROFILES.items():
        table = getattr(run, what)
        if table is not None and len(table):
            text = table.to_csv(sep="\t", index=False, lineterminator="\n")
            link = _link_to(text.encode())
            downloads.append((f"{label} (TSV)", f"{what}{suffix}.tsv", link))
    return downloads


def _data_link(write: Callable[[Path], None]) -> str:
    """Return a file as a `data:` link, written by the function that writes files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        write(file)
        return _link_to(file.read_bytes())


def _link_to(content: bytes) -> str:
    encoded = base64.b64encode(content).decode("ascii")
    return f"data:text/plain;charset=utf-8;base64,{encoded}"
