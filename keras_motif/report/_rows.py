"""What the report says of each filter: logos, matches, sites, classes, duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_motif.letters import PlacedLogo, svg_picture
from keras_motif.logos import align, oriented, svg_letters, target_label
from keras_motif.motifs import Motif, is_dead
from keras_motif.report._histograms import svg_histogram

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SERVED_Q",
    "FilterRow",
    "FilterTables",
    "Pictures",
    "check_profile",
    "filter_rows",
]

SERVED_Q = 0.05  # a filter serves a class when the enrichment's q-value is no larger

_SHOWN = 10  # matches and classes per filter; the tables to download hold all
_Records = dict[str, list[dict[str, Any]]]


class FilterTables(NamedTuple):
    """The tables of one run; None where a table was not given."""

    matches: pd.DataFrame | None = None
    positions: pd.DataFrame | None = None
    enrichment: pd.DataFrame | None = None
    duplicates: pd.DataFrame | None = None


@dataclass(frozen=True)
class Hit:
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
class Positions:
    """Where along the sequences a filter's sites lie."""

    total: int
    median: float  # the middle of the bin that holds the median site
    length: int
    picture: str


@dataclass(frozen=True)
class ClassShare:
    """How often a filter fires on a class and on the other sequences."""

    name: str
    positives: int
    negatives: int
    positive_share: float  # percent; NaN without positives
    negative_share: float
    odds_ratio: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Duplicate:
    """Another filter with the same motif."""

    name: str
    index: int  # its row, from 1
    e_value: float
    orientation: str


@dataclass(frozen=True)
class FilterRow:
    """One filter, as the page shows it."""

    index: int  # from 1
    name: str
    alt_name: str
    state: str
    num_sites: float | None
    information: float
    width: int
    consensus: str
    picture: str
    hits: list[Hit]
    num_hits: int
    positions: Positions | None
    classes: list[ClassShare]
    num_classes: int
    served: list[ClassShare]
    duplicates: list[Duplicate]

    @property
    def best(self) -> Hit | None:
        """The best match."""
        return self.hits[0] if self.hits else None

    @property
    def states(self) -> str:
        """What the page can filter rows by, between blanks."""
        return f"{self.state} duplicate" if self.duplicates else self.state

    @property
    def search_text(self) -> str:
        """What the page's search looks at, in lower case."""
        words = [self.name, self.alt_name, self.consensus]
        words += [hit.label for hit in self.hits]
        return " ".join(words + [share.name for share in self.served]).lower()


class Pictures:
    """Draws logos; each motif's letters stand once in the page, however often used."""

    def __init__(self, targets: Mapping[str, Motif]) -> None:
        self.targets = targets
        self.definitions: list[str] = []
        self._ids: dict[Motif, str] = {}

    def alone(self, motif: Motif) -> str:
        """Return the logo of one motif."""
        label = f"Logo of {motif.name}, consensus {motif.consensus}"
        return svg_picture([self._placed(motif, 0)], label)

    def aligned(self, query: Motif, target: Motif, offset: int, strand: str) -> str:
        """Return a query's logo above its target's, as Tomtom aligned them."""
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


def filter_rows(
    motifs: list[Motif], tables: FilterTables, pictures: Pictures
) -> list[FilterRow]:
    """Return one row per motif, in their order.

    Args:
        motifs: The motifs, under different names.
        tables: What is known of them, checked before.
        pictures: Draws their logos, and keeps what the page must define for them.

    Returns:
        The rows.

    Raises:
        ValueError: A match at an offset that cannot be.
    """
    hits = _by_filter(tables.matches, "Query_ID")
    bins = _by_filter(tables.positions, "filter")
    shares = _by_filter(tables.enrichment, "filter")
    pairs = _duplicates(motifs, tables.duplicates)
    rows = []
    for index, motif in enumerate(motifs, start=1):
        found = hits.get(motif.name, [])
        state = "dead" if is_dead(motif) else "matched" if found else "unmatched"
        classes = [_class_share(record) for record in shares.get(motif.name, [])]
        classes.sort(key=lambda share: share.p_value)
        rows.append(
            FilterRow(
                index=index,
                name=motif.name,
                alt_name=motif.alt_name,
                state=state,
                num_sites=motif.num_sites,
                information=float(motif.information().sum()),
                width=motif.width,
                consensus=motif.consensus,
                picture="" if state == "dead" else pictures.alone(motif),
                hits=[_hit(motif, record, pictures) for record in found[:_SHOWN]],
                num_hits=len(found),
                positions=_positions(motif.name, bins.get(motif.name, [])),
                classes=classes[:_SHOWN],
                num_classes=len(classes),
                served=[share for share in classes if share.q_value <= SERVED_Q],
                duplicates=pairs[motif.name],
            )
        )
    return rows


def check_profile(
    motifs: Iterable[Motif],
    table: pd.DataFrame | None,
    argument: str,
    maker: str,
    columns: tuple[str, ...],
) -> None:
    """Raise unless a table of `filter_profiles` can belong to the motifs.

    Args:
        motifs: The motifs.
        table: The table; None passes.
        argument: The argument's name, for the message.
        maker: The function that makes such tables.
        columns: Those needed.

    Raises:
        ValueError: A column is missing, or a filter is not among the motifs.
    """
    if table is None:
        return
    present = list(getattr(table, "columns", []))
    if missing := [column for column in columns if column not in present]:
        raise ValueError(
            f"`{argument}` must be a table that `{maker}` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {type(table).__name__} with "
            f"{', '.join(map(str, present)) or 'none'}."
        )
    names = {motif.name for motif in motifs}
    listed = [table[column] for column in columns if column in ("filter", "duplicate")]
    unknown = sorted({str(name) for part in listed for name in set(part) - names})
    if unknown:
        raise ValueError(
            f"`{argument}` must be of the same filters as `motifs`. It holds "
            f"{unknown[0]!r} ({len(unknown)} such), which is not among the motifs' "
            f"names. Pass the motifs to `{maker}`."
        )


def _by_filter(table: pd.DataFrame | None, column: str) -> _Records:
    """Return a table's rows by filter, in their order."""
    found: _Records = {}
    if table is not None:
        for record in table.to_dict("records"):
            row = {str(key): value for key, value in record.items()}
            found.setdefault(str(row[column]), []).append(row)
    return found


def _hit(query: Motif, record: dict[str, Any], pictures: Pictures) -> Hit:
    target_id, strand = str(record["Target_ID"]), str(record["Orientation"])
    offset = int(record["Optimal_offset"])
    target = pictures.targets.get(target_id)
    picture = None
    if target is not None:
        picture = pictures.aligned(query, target, offset, strand)
    return Hit(
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


def _positions(name: str, bins: list[dict[str, Any]]) -> Positions | None:
    """Return the histogram of a filter; None where it has no site."""
    bins = sorted(bins, key=lambda bin_: bin_["start"])
    counts = [int(bin_["num_sites"]) for bin_ in bins]
    total = sum(counts)
    if total == 0:
        return None
    half = int(np.searchsorted(np.cumsum(counts), total / 2))
    most = int(np.argmax(counts))
    label = (
        f"Sites of {name} along the sequence: {total:,}, most of them, "
        f"{counts[most]:,}, from base {bins[most]['start']} to {bins[most]['end']}"
    )
    return Positions(
        total=total,
        median=(bins[half]["start"] + bins[half]["end"]) / 2,
        length=int(bins[-1]["end"]),
        picture=svg_histogram(counts, label),
    )


def _class_share(record: dict[str, Any]) -> ClassShare:
    positives, negatives = int(record["positives"]), int(record["negatives"])
    return ClassShare(
        name=str(record["class"]),
        positives=positives,
        negatives=negatives,
        positive_share=_percent(record["positives_with_site"], positives),
        negative_share=_percent(record["negatives_with_site"], negatives),
        odds_ratio=float(record["odds_ratio"]),
        p_value=float(record["p-value"]),
        q_value=float(record["q-value"]),
    )


def _percent(part: int, whole: int) -> float:
    return 100 * int(part) / whole if whole else float("nan")


def _duplicates(
    motifs: list[Motif], table: pd.DataFrame | None
) -> dict[str, list[Duplicate]]:
    """Return each filter's duplicates, the surest first."""
    places = {motif.name: index for index, motif in enumerate(motifs, start=1)}
    found: dict[str, list[Duplicate]] = {motif.name: [] for motif in motifs}
    for record in [] if table is None else table.to_dict("records"):
        e_value, strand = float(record["E-value"]), str(record["orientation"])
        one, other = str(record["filter"]), str(record["duplicate"])
        found[one].append(Duplicate(other, places[other], e_value, strand))
        found[other].append(Duplicate(one, places[one], e_value, strand))
    for listed in found.values():
        listed.sort(key=lambda duplicate: duplicate.e_value)
    return found
