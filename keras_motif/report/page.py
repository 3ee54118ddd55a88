"""The report: all filters, their motifs and their matches on one HTML page."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any

from keras_motif._checks import check_path
from keras_motif._files import whole_file
from keras_motif.letters import COLOR_SCHEMES, svg_glyphs
from keras_motif.logos import letters_to_draw, target_motifs
from keras_motif.motifs import Motif, TargetsLike, pool_motifs
from keras_motif.report._film import film_of
from keras_motif.report._methods import methods
from keras_motif.report._pictures import Pictures
from keras_motif.report._rendering import rendered_page
from keras_motif.report._rows import SERVED_Q
from keras_motif.report.sections import TOLD, ReportRun, RunSection, run_section

if TYPE_CHECKING:
    import pandas as pd

    from keras_motif.matching import MatchFractions, ShuffledShare

__all__ = ["ReportRun", "write_report"]

# The letters' colours on a dark page; on a light one they are COLOR_SCHEMES.
_DARK_SCHEMES = {
    "classic": {"A": "#4cc26a", "C": "#7aa8ff", "G": "#ffb52e", "T": "#ff7468"},
    "colorblind_safe": {
        "A": "#1fc9a8",
        "C": "#6cc3f2",
        "G": "#f0ab1f",
        "T": "#ececec",
    },
}


def write_report(
    path: str | os.PathLike[str],
    motifs: Iterable[Motif] | None = None,
    matches: pd.DataFrame | None = None,
    *,
    support: pd.DataFrame | None = None,
    shuffled: ShuffledShare | None = None,
    targets: TargetsLike | None = None,
    fractions: MatchFractions | None = None,
    positions: pd.DataFrame | None = None,
    enrichment: pd.DataFrame | None = None,
    correlation: pd.DataFrame | None = None,
    sites: pd.DataFrame | None = None,
    duplicates: pd.DataFrame | None = None,
    filmstrip: Mapping[int, Sequence[Motif]] | None = None,
    runs: Mapping[str, ReportRun | tuple[Any, ...]] | None = None,
    title: str = "Filter motifs",
    notes: Sequence[str] = (),
    made: Mapping[str, object] | None = None,
    alphabet: str | None = None,
) -> None:
    """Write one HTML page that shows what the filters have learned.

    The page opens from disk and loads nothing. It says first how many filters have a
    convincing name, how many are dead and how many repeat another, then shows each
    filter's logo above its best match, aligned, in a table that can be sorted and
    searched; matches that don't convince are pale and called weak. It carries the
    motifs as a MEME file and all tables, to download.

    The file is written whole or not at all.

    Args:
        path: The file; its folder must exist.
        motifs: The motifs, one per filter, under the names and with the trimming
            under which they were matched.
        matches: What `motif_match` returned for them. A motif without a row counts
            as unmatched. None: the page has logos alone.
        support: What `match_support` returned for `matches`. None: it is called. Of a
            table from a file that needs `targets`; without them, or where an id
            stands for two targets, the page says that matches were not judged.
        shuffled: What `shuffled_share` returned for `motifs`: how many names chance
            would give, beside how many they have.
        targets: The targets, as they were given to `motif_match`, for their logos
            and factor names; the name of a JASPAR release gives their families too.
            None: they are shown by their ids.
        fractions: What `match_fractions` returned for relevant factors; the page
            then says which share of the filters matches one of them, and which
            share of them is found.
        positions: What `site_positions` returned: where along the sequences each
            filter fires.
        enrichment: What `class_enrichment` returned: which classes each filter
            serves, those with a q-value of at most 0.05.
        correlation: What `target_correlation` returned: which measured values rise or
            fall with each filter.
        sites: What `activation_sites` returned: of each filter the page shows the five
            of the largest activations.
        duplicates: What `duplicate_filters` returned. None: it is called.
        filmstrip: Dict of epoch -> motifs of all filters, for a section on how the
            filters became motifs; see `filmstrip_svg`.
        runs: Dict of name -> `ReportRun`, in the place of all the above but `targets`:
            networks to put side by side, in the order given.
        title: The page's title.
        notes: Sentences to put at the page's top, such as what is missing on it.
        made: How the motifs were read, as dict of what -> value, such as
            `{"Model": "deepstarr.keras", "Sequences read": 20_000}`. The page lists it
            under "How this was made", where it tells database, options of matching,
            versions and date itself.
        alphabet: "ACGT", or "ACGU" for motifs of RNA: logos, consensus sequences and
            the MEME file then have U in the place of T. None takes that of
            `matches`, else "ACGT".

    Raises:
        ValueError: Both or neither of `motifs` and `runs`; no motif; two motifs of
            one name; tables that cannot belong to `motifs`; motifs or targets of
            another width than those that were matched; names that a MEME file
            cannot hold; another `alphabet`.
        TypeError: Something other than motifs, or `path` is no path.
        OSError: The folder does not exist or cannot be written.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> motifs = [Motif([[0.1, 0.7, 0.1, 0.1]] * 5, "filter0", num_sites=80)]
        >>> runs = {"ReLU": ReportRun(motifs), "exponential": ReportRun(motifs)}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_report(Path(folder, "report.html"), motifs)
        ...     write_report(Path(folder, "compared.html"), runs=runs)
    """
    check_path(path, "write_report(path, motifs, matches)")
    tables = (matches, fractions, positions, enrichment, duplicates, support, shuffled)
    if runs is None and motifs is not None:
        named = {
            "": ReportRun(
                motifs, *tables, correlation=correlation, sites=sites, made=made
            )
        }
    elif runs is not None and all(
        part is None for part in (motifs, *tables, correlation, sites, filmstrip)
    ):
        named = _checked_runs(runs)
    else:
        raise ValueError(
            "Pass either `motifs`, with the tables that belong to them, or `runs`, "
            "each with its own: `runs={'ReLU': ReportRun(motifs, matches), ...}`."
        )
    compared = [run.matches for run in named.values() if run.matches is not None]
    letters = letters_to_draw(alphabet, compared)
    pool = pool_motifs([] if targets is None else targets, "targets")
    known = target_motifs(pool)
    pictures = Pictures(known, letters)
    sections = [
        run_section(number, name, run, pictures, pool.families)
        for number, (name, run) in enumerate(named.items(), start=1)
    ]
    film = None
    if filmstrip is not None:
        factors = {row.name: row.factor for row in sections[0].rows}
        film = film_of(filmstrip, pictures, factors)
    best = _most_frequent(sections)
    database = _database(compared, pool.name, known)
    is_judged = all(s.verdict.judged for s in sections if s.verdict.compared)
    page = rendered_page(
        title=title,
        notes=[*notes, *_run_notes(named)],
        sections=sections,
        side_by_side=runs is not None,
        figure_names=_figure_names(sections),
        best=best,
        factors=sorted((label, sum(counts)) for label, counts in best),
        families=sorted(_families(sections).items()),
        glyphs=svg_glyphs("base-", letters),
        definitions=pictures.definitions,
        film=film,
        light=COLOR_SCHEMES,
        dark=_DARK_SCHEMES,
        database=database,
        methods=methods(
            [run.made or {} for run in named.values()],
            database=database if compared else "",
            settings=[table.attrs.get("settings", {}) for table in compared],
            is_judged=is_judged,
        ),
        criterion=_criterion(compared),
        served_q=SERVED_Q,
        told=TOLD,
        has_matches=bool(compared),
        is_judged=is_judged,
        has_families=bool(compared and pool.families),
        has_positions=any(section.length for section in sections),
        has_classes=any(section.has_classes for section in sections),
    )
    with whole_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _run_notes(runs: Mapping[str, ReportRun]) -> list[str]:
    """Return what is to be said of each run, behind its name."""
    return [f"{name}: {note}" for name, run in runs.items() for note in run.notes]


def _checked_runs(
    runs: Mapping[str, ReportRun | tuple[Any, ...]],
) -> dict[str, ReportRun]:
    if not isinstance(runs, Mapping) or not runs:
        raise ValueError(
            "`runs` must be a dict of name -> `ReportRun`, one at least. Received "
            f"{runs!r}."
        )
    checked = {}
    for name, run in runs.items():
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"`runs` must have names as keys. Received {name!r}.")
        if not isinstance(run, tuple) or not 1 <= len(run) <= len(ReportRun._fields):
            raise ValueError(
                "`runs` must hold `ReportRun(motifs, matches, ...)`. Received "
                f"{type(run).__name__} under {name!r}."
            )
        checked[name] = ReportRun(*run)
    return checked


def _figure_names(sections: list[RunSection]) -> list[str]:
    """Return the names of all sections' figures, in the order of the fullest."""
    fullest = max(sections, key=lambda section: len(section.figures))
    names = dict.fromkeys(fullest.figures)
    for section in sections:
        names.update(dict.fromkeys(section.figures))
    return list(names)


def _most_frequent(sections: list[RunSection]) -> list[tuple[str, list[int]]]:
    """Return the names of filters, and how many of each run have each."""
    counts = [
        Counter(row.factor for row in section.rows if row.factor)
        for section in sections
    ]
    total: Counter[str] = sum(counts, Counter())
    return [(label, [c[label] for c in counts]) for label, _ in total.most_common()]


def _families(sections: list[RunSection]) -> Counter[str]:
    """Return the families that filters are named after, and how many have each."""
    return Counter(
        row.family for section in sections for row in section.rows if row.family
    )


def _database(tables: list[pd.DataFrame], name: str, known: Sized) -> str:
    """Return what the motifs were compared with, as far as it is known."""
    if name:
        return f"{name} ({len(known):,} motifs)"
    ids = tables[0].attrs.get("target_ids", ()) if tables else ()
    number = len(ids) or len(known)
    return f"{number:,} known motifs" if number else "known motifs"


def _criterion(tables: list[pd.DataFrame]) -> str:
    """Return what counted as a match, where the tables know and agree: "E ≤ 0.1"."""
    criteria = set()
    for table in tables:
        settings = table.attrs.get("settings", {})
        if not {"threshold", "threshold_on"} <= set(settings):
            return ""
        letter = settings["threshold_on"][0].upper()
        criteria.add(f"{letter} ≤ {settings['threshold']:g}")
    return criteria.pop() if len(criteria) == 1 else ""
