"""The table of matches: its columns, the rows that fill it, its text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif._checks import CONTROL, check_path, quoted
from keras_motif._files import whole_file
from keras_motif.matching._tomtom import Comparison, Criterion
from keras_motif.motifs import FactorFamily, Motif
from keras_motif.sequences import ALPHABET

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Rows", "check_columns", "no_matches", "write_matches", "write_support"]

_COLUMNS = (
    "Query_ID",
    "Target_ID",
    "Optimal_offset",
    "p-value",
    "E-value",
    "q-value",
    "Overlap",
    "Query_consensus",
    "Target_consensus",
    "Orientation",
)
_DTYPES = {
    "Optimal_offset": np.int64,
    "p-value": np.float32,
    "E-value": np.float64,
    "q-value": np.float32,
    "Overlap": np.int64,
}


class Rows:
    """The columns of the table, query by query."""

    def __init__(self, threshold: float, criterion: Criterion) -> None:
        self._threshold = threshold
        self._criterion = criterion
        self._columns: dict[str, list[Any]] = {column: [] for column in _COLUMNS}

    def extend(
        self,
        query_ids: list[str],
        query_consensus: list[str],
        comparisons: Iterable[Comparison],
        target_ids: list[str],
        target_consensus: list[str],
    ) -> None:
        """Add what Tomtom reports of each query, best match first."""
        queries = zip(query_ids, query_consensus, comparisons, strict=True)
        for name, consensus, comparison in queries:
            hits = comparison.hits(self._threshold, self._criterion)
            listed = hits.tolist()
            strands = comparison.strands
            values: tuple[Iterable[Any], ...] = (
                [name] * len(listed),
                [target_ids[entry // strands] for entry in listed],
                comparison.offsets[hits],
                comparison.p_values[hits],
                comparison.e_values[hits],
                comparison.q_values[hits],
                comparison.overlaps[hits],
                [consensus] * len(listed),
                [target_consensus[entry] for entry in listed],
                ["+-"[entry % strands] for entry in listed],
            )
            for column, added in zip(_COLUMNS, values, strict=True):
                self._columns[column].extend(added)

    def table(
        self,
        queries: list[Motif],
        targets: list[Motif],
        alphabet: str,
        families: Mapping[str, FactorFamily] | None = None,
    ) -> pd.DataFrame:
        """Return the rows, with the motifs that a notebook draws beside them."""
        import pandas as pd

        from keras_motif.logos.match_table import LogoSources, MatchTable

        table = MatchTable(
            {
                column: pd.Series(values, dtype=_DTYPES.get(column, object))
                for column, values in self._columns.items()
            }
        )
        table._sources = LogoSources.of(queries, targets, table, alphabet, families)
        return table


def no_matches() -> pd.DataFrame:
    """Return the table of no query at all."""
    return Rows(0.1, "evalue").table([], [], ALPHABET)


def write_matches(matches: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table of matches as Tomtom writes it, whole or not at all.

    The text is that of `tomtom -text`, but for the comments at its end, which name
    this library and, where the table knows them, the options.

    Args:
        matches: What `motif_match` returned, or rows of it.
        path: The file, tab-separated text; its folder must exist.

    Raises:
        ValueError: A column is missing, or a name holds a tab or a line break.
        TypeError: `path` is no path.
        OSError: The folder does not exist or cannot be written.
    """
    check_path(path, "write_matches(matches, path)")
    check_columns(matches)
    columns = [_texts(matches[column]) for column in _COLUMNS]
    lines = ["\t".join(row) for row in zip(*columns, strict=True)]
    lines = ["\t".join(_COLUMNS), *lines, "", *_comments(matches.attrs)]
    with whole_file(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def write_support(
    matches: pd.DataFrame, support: pd.DataFrame, path: str | os.PathLike[str]
) -> None:
    """Write what matches are worth, whole or not at all.

    Args:
        matches: What `motif_match` returned, or rows of it.
        support: What `match_support` returned for them.
        path: The file, tab-separated text: Query_ID, Target_ID and the columns of
            `support`; its folder must exist.

    Raises:
        OSError: The folder does not exist or cannot be written.
    """
    table = matches[["Query_ID", "Target_ID"]].join(support)
    text = table.to_csv(sep="\t", index=False, lineterminator="\n", float_format="%.6g")
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _texts(column: pd.Series[Any]) -> list[str]:
    """Return a column's values as Tomtom prints them."""
    if str(column.name).endswith("-value"):
        # C's %g of single precision, E-values included.
        return [f"{value:g}" for value in column.to_numpy(np.float32).tolist()]
    texts = [str(value) for value in column]
    for text in texts:
        if CONTROL.search(text):
            raise ValueError(
                "Names in a table of matches must not hold tabs or line breaks, or "
                f"other control characters. Received {quoted(text)} in {column.name}. "
                "Rename the motif."
            )
    return texts


def _comments(attrs: Mapping[Any, Any]) -> list[str]:
    comments = ["# Tomtom's statistics, by keras-motif."]
    if settings := attrs.get("settings"):
        listed = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        comments.append(f"# motif_match: {listed}")
    return comments


def check_columns(matches: pd.DataFrame) -> None:
    """Refuse what is no table of `motif_match`.

    Raises:
        ValueError: A column is missing.
    """
    missing = [column for column in _COLUMNS if column not in matches.columns]
    if missing:
        raise ValueError(
            "`matches` must be a table of `motif_match`. These columns are missing: "
            f"{', '.join(missing)}."
        )
