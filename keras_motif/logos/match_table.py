"""The table of matches as notebooks show it: with each match's logos.

pandas is imported here at module level, so import this module inside functions.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import pandas as pd

from keras_motif.logos.layout import spelled_consensus
from keras_motif.logos.svg import svg_alignment
from keras_motif.motifs import FactorFamily, Motif, factor_of
from keras_motif.sequences import ALPHABET

__all__ = ["LogoSources", "MatchRow", "MatchTable", "match_of_row"]

_VALUES = ("p-value", "E-value", "q-value")
_DRAWN = ("Optimal_offset", "Overlap", "Query_consensus", "Target_consensus")
_ONE_LINE = 'style="white-space:nowrap"'
_NEEDED = ("Query_ID", "Target_ID", "Optimal_offset", "Orientation")


class LogoSources(NamedTuple):
    """What a table's logos are drawn from: its queries and targets, by their ids."""

    queries: Mapping[str, Motif]
    targets: Mapping[str, Motif]
    alphabet: str = ALPHABET
    families: Mapping[str, str] = {}

    @classmethod
    def of(
        cls,
        queries: Iterable[Motif],
        targets: Iterable[Motif],
        matches: pd.DataFrame,
        alphabet: str = ALPHABET,
        families: Mapping[str, FactorFamily] | None = None,
    ) -> LogoSources:
        """Keep the motifs that a table's rows name, and the families of their factors.

        An id that two different targets have, in two databases, is left out: a row
        doesn't say which of them it means.
        """
        query_ids, target_ids = set(matches["Query_ID"]), set(matches["Target_ID"])
        named = {query.name: query for query in queries if query.name in query_ids}
        found: dict[str, Motif] = {}
        ambiguous = set()
        for target in targets:
            if target.name not in target_ids:
                continue
            if found.setdefault(target.name, target) != target:
                ambiguous.add(target.name)
        known = {key: found[key] for key in found if key not in ambiguous}
        told = {
            key: family.tf_family
            for key, family in (families or {}).items()
            if key in target_ids and family.tf_family
        }
        return cls(named, known, alphabet, told)


class MatchTable(pd.DataFrame):
    """A table of matches that shows its logos where a notebook displays it.

    It shows the target's factor and family too, where they are known, and leaves out
    what the logos tell. In all else it is a DataFrame. Rows and columns may be taken,
    sorted and left out; the logos follow as long as the columns that they are drawn
    from are there, and without these the table shows as any DataFrame does. Tables
    joined by `pandas.concat` or read from a file know no motifs and show none.
    """

    # pandas hands these attributes on to whatever it makes of the table, without a
    # copy (what stands in `attrs` would be copied each time).
    _metadata: ClassVar[list[str]] = ["_sources"]
    _sources: LogoSources | None = None

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return MatchTable

    @property
    def _constructor_sliced(self) -> Callable[..., pd.Series[Any]]:
        columns = self.columns

        def sliced(*args: Any, **options: Any) -> pd.Series[Any]:
            series = pd.Series(*args, **options)
            return MatchRow(series) if series.index.equals(columns) else series

        return sliced

    def _repr_html_(self) -> str | None:
        """Return pandas' own table with a column of logos beside the target."""
        shown = pd.DataFrame(self)
        if self._sources is None or not _is_drawable(shown):
            return _plain_html(shown)
        # pandas decides which rows to show and escapes what stands in them. Marks
        # of letters for private use hold the logos' places until then.
        marks = [f"\ue000{row}\ue001" for row in range(len(shown))]
        rows, sources = shown[list(_NEEDED)], self._sources
        place = list(shown.columns).index("Target_ID") + 1
        shown.insert(place, "Logos", marks, allow_duplicates=True)
        for name, column in _told_of_targets(sources, rows["Target_ID"]).items():
            place += 1
            shown.insert(place, name, column, allow_duplicates=True)
        html = _plain_html(_fitted(shown))
        if html is None:
            return None
        html = html.replace("<td>\ue002", f"<td {_ONE_LINE}>")
        html = re.sub("<th>([pEq]-value)</th>", rf"<th {_ONE_LINE}>\1</th>", html)
        return re.sub(
            "\ue000([0-9]+)\ue001",
            lambda mark: _logos(sources, *rows.iloc[int(mark[1])].tolist()),
            html,
        )


def _told_of_targets(
    sources: LogoSources, target_ids: pd.Series[Any]
) -> dict[str, list[str]]:
    """Return factor and family of each row's target, as far as any is known."""
    listed = target_ids.tolist()
    targets = [sources.targets.get(key) for key in listed]
    factors = ["" if m is None else factor_of(m.name, m.alt_name) for m in targets]
    families = [sources.families.get(key, "") for key in listed]
    columns = {"Factor": factors, "Family": families}
    return {name: column for name, column in columns.items() if any(column)}


def _fitted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table that fits a notebook's width: short numbers, nothing twice.

    The logos show offset, overlap and consensus. A mark before each number keeps it
    on one line.
    """
    frame = frame.drop(columns=[name for name in _DRAWN if name in frame.columns])
    for name in _VALUES:
        if name in frame.columns and pd.api.types.is_float_dtype(frame[name]):
            frame[name] = [f"\ue002{value:.2g}" for value in frame[name].tolist()]
    return frame


class MatchRow(pd.Series):
    """A row of the table, which knows the table's motifs."""

    _metadata: ClassVar[list[str]] = ["_name", "_sources"]
    _sources: LogoSources | None = None

    @property
    def _constructor(self) -> Callable[..., pd.Series[Any]]:
        return MatchRow


class RowMatch(NamedTuple):
    """A match as `plot_alignment` draws it."""

    query: Motif
    target: Motif
    offset: int
    orientation: Literal["+", "-"]
    alphabet: str


def match_of_row(row: pd.Series[Any] | pd.DataFrame) -> RowMatch:
    """Return the match that a row of the table tells, with its motifs.

    Args:
        row: A row, or a table of one row.

    Raises:
        ValueError: It isn't one row, lacks a column, or doesn't know its motifs.
    """
    if isinstance(row, pd.DataFrame):
        if len(row) != 1:
            raise ValueError(
                "`query` must be one row of the table of matches. Received a table of "
                f"{len(row)} rows. Pass one, such as `matches.iloc[0]`."
            )
        row = row.iloc[0]
    missing = [name for name in _NEEDED if name not in row.index]
    if missing:
        raise ValueError(
            "`query` must be a motif or a row of `motif_match`'s table. Received a row "
            f"without {', '.join(missing)}."
        )
    sources: LogoSources | None = getattr(row, "_sources", None)
    query_id, target_id, offset, orientation = row[list(_NEEDED)].tolist()
    query = sources and sources.queries.get(query_id)
    target = sources and sources.targets.get(target_id)
    if not sources or query is None or target is None:
        raise ValueError(
            "`query`, a row of a table of matches, must know its motifs. This one "
            "doesn't, as where the table was read from a file, joined of several, or "
            "an id stands for two targets. Pass them: `plot_alignment(query, target, "
            'offset=row["Optimal_offset"], orientation=row["Orientation"])`.'
        )
    return RowMatch(query, target, int(offset), orientation, sources.alphabet)


def _plain_html(frame: pd.DataFrame) -> str | None:
    html: str | None = frame._repr_html_()  # type: ignore[operator]
    return html


def _is_drawable(frame: pd.DataFrame) -> bool:
    columns = list(frame.columns)
    return all(columns.count(name) == 1 for name in _NEEDED)


def _logos(
    sources: LogoSources,
    query_id: str,
    target_id: str,
    offset: int,
    orientation: str,
) -> str:
    """Return a match's logos as an image; empty where they cannot be drawn."""
    query, target = sources.queries.get(query_id), sources.targets.get(target_id)
    if query is None or target is None:
        return ""
    try:
        picture = svg_alignment(
            query, target, int(offset), orientation, sources.alphabet
        )
    except (TypeError, ValueError):  # a row that was edited
        return ""
    # An image, since notebooks that aren't trusted show no inline SVG.
    data = b64encode(picture.encode()).decode("ascii")
    source = f"data:image/svg+xml;base64,{data}"
    label = f"{spelled_consensus(query, sources.alphabet)} above its target"
    return f'<img alt="{label}" style="max-width:260px;height:auto" src="{source}">'
