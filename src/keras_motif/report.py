"""The report: all filters, their motifs and their matches on one HTML page."""

from __future__ import annotations

import base64
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_motif._files import whole_file
from keras_motif.logo_layout import COLOR_SCHEMES, align, is_dead, oriented
from keras_motif.logos import check_matches, listed_motifs, target_label, target_motifs
from keras_motif.matching import write_matches
from keras_motif.meme import write_meme
from keras_motif.motif import Motif
from keras_motif.svg_logos import PlacedLogo, svg_glyphs, svg_letters, svg_picture

if TYPE_CHECKING:
    import pandas as pd

    from keras_motif.matching import MatchFractions

__all__ = ["write_report"]

_MATCHES_SHOWN = 10  # per filter; the table to download holds all

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
    motifs: Iterable[Motif],
    matches: pd.DataFrame | None = None,
    *,
    targets: Any = None,
    fractions: MatchFractions | None = None,
    title: str = "Filter motifs",
) -> None:
    """Write one HTML page that shows what the filters have learned.

    The page opens from disk and loads nothing. It says first how many filters
    match a known motif, then shows each filter's logo above its best match,
    aligned, in a table that can be sorted and searched. It carries the motifs as
    a MEME file and the matches as a table, to download.

    The file is written whole or not at all.

    Args:
        path: The file; its folder must exist.
        motifs: The motifs, one per filter, under the names and with the trimming
            under which they were matched.
        matches: What `motif_match` returned for them. A motif without a row counts
            as unmatched. None: the page has logos alone.
        targets: The targets, as they were given to `motif_match`, for their logos
            and factor names. None: they are shown by their ids.
        fractions: What `match_fractions` returned for relevant factors; the page
            then says which share of the filters matches one of them, and which
            share of them is found.
        title: The page's title.

    Raises:
        ValueError: No motif; two motifs of one name; `matches` or `fractions` that
            cannot belong to `motifs`; motifs or targets of another width than
            those that were matched; names that a MEME file cannot hold.
        TypeError: Something other than motifs.
        OSError: The folder does not exist or cannot be written.
    """
    listed = listed_motifs(motifs)
    if matches is not None:
        check_matches(listed, matches)
    elif fractions is not None:
        raise ValueError(
            "`fractions` must come with the `matches` that they were counted from. "
            "Received `matches=None`."
        )
    known = target_motifs(targets)
    pictures = _Pictures(known)
    rows = _rows(listed, matches, pictures)
    page = _render(
        title=title,
        rows=rows,
        verdict=_verdict(rows, matches is not None),
        fractions=fractions,
        best=_most_frequent(rows),
        glyphs=svg_glyphs("base-"),
        definitions=pictures.definitions,
        light=COLOR_SCHEMES,
        dark=_DARK_SCHEMES,
        meme=_data_link(lambda file: write_meme(listed, file), "motifs.meme"),
        table=None
        if matches is None
        else _data_link(lambda file: write_matches(matches, file), "matches.tsv"),
        database=_database(matches, targets, known),
        criterion=_criterion(matches),
    )
    with whole_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


@dataclass(frozen=True)
class _Hit:
    """One match of a filter, as the page shows it."""

    target_id: str
    label: str
    p_value: float
    e_value: float
    q_value: float
    overlap: int
    offset: int
    orientation: str
    picture: str | None


@dataclass(frozen=True)
class _Row:
    """One filter, as the page shows it."""

    name: str
    alt_name: str
    state: str
    num_sites: float | None
    information: float
    width: int
    consensus: str
    picture: str
    hits: list[_Hit]
    num_hits: int

    @property
    def best(self) -> _Hit | None:
        return self.hits[0] if self.hits else None

    @property
    def search_text(self) -> str:
        words = [self.name, self.alt_name, self.consensus]
        return " ".join(words + [hit.label for hit in self.hits]).lower()


class _Pictures:
    """Draws logos; each motif's letters stand once in the page, however often used."""

    def __init__(self, targets: dict[str, Motif]) -> None:
        self.targets = targets
        self.definitions: list[str] = []
        self._ids: dict[Motif, str] = {}

    def alone(self, motif: Motif) -> str:
        label = f"Logo of {motif.name}, consensus {motif.consensus}"
        return svg_picture([self._placed(motif, 0)], label)

    def aligned(self, query: Motif, target: Motif, offset: int, strand: str) -> str:
        placed = align(query.width, target.width, offset)
        shown = oriented(target, strand)
        logos = [
            self._placed(query, placed.query_start),
            self._placed(shown, placed.target_start),
        ]
        reverse = ", reverse complement," if strand == "-" else ""
        label = (
            f"Logo of {query.name}, consensus {query.consensus}, above the logo of "
            f"{target_label(target.name, target)}{reverse} consensus "
            f"{shown.consensus}; {placed.overlap} columns overlap"
        )
        first = placed.overlap_start
        return svg_picture(logos, label, range(first, first + placed.overlap))

    def _placed(self, motif: Motif, start: int) -> PlacedLogo:
        if motif not in self._ids:
            self._ids[motif] = f"motif-{len(self._ids)}"
            letters = svg_letters(motif, prefix="base-")
            self.definitions.append(f'<g id="{self._ids[motif]}">{letters}</g>')
        reference = f'<use href="#{self._ids[motif]}"/>'
        return PlacedLogo(start, motif.width, reference)


def _rows(
    motifs: list[Motif], matches: pd.DataFrame | None, pictures: _Pictures
) -> list[_Row]:
    found: dict[str, list[dict[str, Any]]] = {motif.name: [] for motif in motifs}
    if matches is not None:
        for record in matches.to_dict("records"):
            found[record["Query_ID"]].append({str(k): v for k, v in record.items()})
    return [_row(motif, found[motif.name], pictures) for motif in motifs]


def _row(motif: Motif, found: list[dict[str, Any]], pictures: _Pictures) -> _Row:
    hits = [_hit(motif, record, pictures) for record in found[:_MATCHES_SHOWN]]
    state = "dead" if is_dead(motif) else "matched" if hits else "unmatched"
    return _Row(
        name=motif.name,
        alt_name=motif.alt_name,
        state=state,
        num_sites=motif.num_sites,
        information=float(motif.information().sum()),
        width=motif.width,
        consensus=motif.consensus,
        picture="" if state == "dead" else pictures.alone(motif),
        hits=hits,
        num_hits=len(found),
    )


def _hit(query: Motif, record: dict[str, Any], pictures: _Pictures) -> _Hit:
    target_id, strand = str(record["Target_ID"]), str(record["Orientation"])
    offset = int(record["Optimal_offset"])
    target = pictures.targets.get(target_id)
    picture = None
    if target is not None:
        picture = pictures.aligned(query, target, offset, strand)
    return _Hit(
        target_id=target_id,
        label=target_label(target_id, target),
        p_value=float(record["p-value"]),
        e_value=float(record["E-value"]),
        q_value=float(record["q-value"]),
        overlap=int(record["Overlap"]),
        offset=offset,
        orientation=strand,
        picture=picture,
    )


def _verdict(rows: list[_Row], compared: bool) -> dict[str, Any]:
    """Return the figures that the page opens with."""
    states = Counter(row.state for row in rows)
    return {
        "compared": compared,
        "filters": len(rows),
        "matched": states["matched"],
        "unmatched": states["unmatched"],
        "dead": states["dead"],
        "information": sum(row.information for row in rows) / len(rows),
    }


def _most_frequent(rows: list[_Row]) -> list[tuple[str, int]]:
    """Return the labels of best matches and how many filters have each."""
    return Counter(row.best.label for row in rows if row.best).most_common()


def _database(matches: pd.DataFrame | None, targets: Any, known: Sized) -> str:
    """Return what the motifs were compared with, as far as it is known."""
    if isinstance(targets, str) and not Path(targets).exists():
        return targets
    ids = () if matches is None else matches.attrs.get("target_ids", ())
    number = len(ids) or len(known)
    return f"{number:,} known motifs" if number else "known motifs"


def _criterion(matches: pd.DataFrame | None) -> str:
    """Return what counted as a match, where the table still knows: "E ≤ 0.1"."""
    settings = {} if matches is None else matches.attrs.get("settings", {})
    if not {"threshold", "threshold_on"} <= set(settings):
        return ""
    return f"{settings['threshold_on'][0].upper()} ≤ {settings['threshold']:g}"


def _data_link(write: Callable[[Path], None], name: str) -> str:
    """Return a file as a `data:` link, written by the function that writes files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        write(file)
        content = base64.b64encode(file.read_bytes()).decode("ascii")
    return f"data:text/plain;charset=utf-8;base64,{content}"


def _render(**values: object) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("keras_motif"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figures"] = lambda value: f"{value:.2g}"
    return environment.get_template("report.html.j2").render(**values)
