"""Which known motifs a motif resembles: Tomtom's table, and what it adds up to."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

import numpy as np

from keras_motif import tomtom
from keras_motif._files import whole_file
from keras_motif.column_scores import DISTANCES
from keras_motif.jaspar import jaspar_releases, load_jaspar
from keras_motif.meme import MemeFile, read_meme
from keras_motif.motif import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MatchFractions", "match_fractions", "motif_match", "write_matches"]

Array = np.ndarray[Any, Any]

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
_CRITERIA = ("evalue", "qvalue", "pvalue")
_UNIFORM = (0.25, 0.25, 0.25, 0.25)


class MatchFractions(NamedTuple):
    """What share of the filters was named, each from 0 to 1.

    Attributes:
        any: Queries with a match.
        relevant: Queries that match one of the relevant ids; 0 where none are given.
        coverage: Factors that some query matches; 0 where none are given.
    """

    any: float
    relevant: float
    coverage: float


def motif_match(
    queries: Any,
    targets: Any = "JASPAR2026",
    *,
    distance: str = "ed",
    threshold: float = 0.1,
    threshold_on: Literal["evalue", "qvalue", "pvalue"] = "evalue",
    min_overlap: int = 1,
    internal: bool = False,
    reverse_complement: bool = True,
    pseudocount: float = 0.1,
    background: Sequence[float] | Array | None = None,
) -> pd.DataFrame:
    """Say which known motifs each query resembles, with Tomtom's numbers.

    Equal to MEME Suite 5.4.1's `tomtom` in every printed digit. It hides nothing: a
    uniform query can match targets with spacer columns, as in the program. q-values
    depend on the order of the queries, as there.

    Source: Gupta et al. (2007), Genome Biology 8:R24; Tanaka et al. (2011).

    Args:
        queries: Motifs, one motif, an array of shape `(f, width, 4)`, a dict of
            arrays `(width, 4)`, Biopython motifs, DataFrames with the columns A C G
            T, a `MemeFile`, or a MEME file's path.
        targets: The same, or the name of a JASPAR release, or a list of several of
            these, which are pooled.
        distance: "ed", "pearson", "allr", "kullback", "sandelin", "blic1", "blic5",
            "llr1" or "llr5".
        threshold: Largest value to report, above 0.
        threshold_on: What the threshold is on: "evalue", "qvalue" or "pvalue".
        min_overlap: Fewest aligned positions, 1 or more; the narrower motif's width
            where that is less.
        internal: Whether the narrower motif must lie wholly inside the wider.
        reverse_complement: Whether to compare with both strands of the targets.
        pseudocount: Sites to add to each position, shared out by the background;
            0 or more.
        background: Frequencies of A C G T. None stands for those of the query file
            where there is one, else uniform.

    Returns:
        One row per match, by query in their order, best match first. Columns as
        Tomtom's: Query_ID, Target_ID, Optimal_offset, p-value and q-value (float32),
        E-value (float64), Overlap, Query_consensus, Target_consensus, Orientation.
        No queries give an empty table. `attrs["target_ids"]` holds the ids of all
        targets.

    Raises:
        ValueError: An option out of range, an unknown release, motifs that cannot
            be used, two motifs of one name, or no target.
        TypeError: `queries` or `targets` of a kind that cannot be used.

    Example:
        >>> runx = load_jaspar("JASPAR2016")[0]
        >>> matches = motif_match(runx, "JASPAR2016")
        >>> matches[["Target_ID", "Optimal_offset", "Orientation"]].iloc[0].tolist()
        ['MA0002.2', 0, '+']
    """
    _check_options(distance, threshold, threshold_on, min_overlap, pseudocount)
    query_motifs, file_background = _as_motifs(queries, "queries")
    target_motifs = _pool(targets)
    if not target_motifs:
        raise ValueError("`targets` must hold at least one motif. Received none.")
    base = tomtom.smooth_background(
        _checked_background(file_background if background is None else background)
    )
    pair = [
        [_Smoothed(motif, pseudocount, base) for motif in motifs]
        for motifs in (query_motifs, target_motifs)
    ]
    if distance == "allr":
        # The logarithm of 0 has no value, so the program leaves such motifs out.
        pair = [[m for m in motifs if m.frequencies.all()] for motifs in pair]
    usable_queries, usable_targets = pair
    rows: Iterable[tuple[Any, ...]] = ()
    if usable_queries and usable_targets:
        entries = tomtom.pool_targets(
            [target.frequencies for target in usable_targets],
            [target.num_sites for target in usable_targets],
            [target.name for target in usable_targets],
            reverse_complement=reverse_complement,
        )
        comparisons = tomtom.compare(
            [query.frequencies for query in usable_queries],
            [query.num_sites for query in usable_queries],
            entries,
            distance=distance,
            background=base,
            min_overlap=min_overlap,
            internal=internal,
        )
        rows = (
            row
            for query, comparison in zip(usable_queries, comparisons, strict=True)
            for row in _rows(query, usable_targets, comparison, threshold, threshold_on)
        )
    return _table(rows, [motif.name for motif in target_motifs])


class _Smoothed:
    """A motif as Tomtom compares it: with pseudocount."""

    def __init__(self, motif: Motif, pseudocount: float, background: Array) -> None:
        self.name = motif.name
        self.num_sites = float(motif.num_sites or 0)
        self.frequencies = tomtom.smooth(
            motif.frequencies, self.num_sites, pseudocount, background
        )

    def consensus(self, strand: int) -> str:
        frequencies = self.frequencies[::-1, ::-1] if strand else self.frequencies
        return tomtom.consensus(frequencies)


def _rows(
    query: _Smoothed,
    targets: list[_Smoothed],
    comparison: tomtom.Comparison,
    threshold: float,
    criterion: Literal["evalue", "qvalue", "pvalue"],
) -> Iterator[tuple[Any, ...]]:
    consensus = query.consensus(0)
    for entry in comparison.hits(threshold, criterion):
        index, strand = divmod(int(entry), comparison.strands)
        yield (
            query.name,
            targets[index].name,
            comparison.offsets[entry],
            comparison.p_values[entry],
            comparison.e_values[entry],
            comparison.q_values[entry],
            comparison.overlaps[entry],
            consensus,
            targets[index].consensus(strand),
            "-" if strand else "+",
        )


def _table(rows: Iterable[tuple[Any, ...]], target_ids: list[str]) -> pd.DataFrame:
    import pandas as pd

    listed = list(rows)
    columns = {
        column: pd.Series(
            [row[index] for row in listed], dtype=_DTYPES.get(column, object)
        )
        for index, column in enumerate(_COLUMNS)
    }
    table = pd.DataFrame(columns)
    table.attrs["target_ids"] = target_ids
    return table


def _check_options(
    distance: str,
    threshold: float,
    threshold_on: str,
    min_overlap: int,
    pseudocount: float,
) -> None:
    if distance not in DISTANCES:
        raise ValueError(
            f"`distance` must be one of {', '.join(DISTANCES)}. Received {distance!r}."
        )
    if threshold_on not in _CRITERIA:
        raise ValueError(
            f"`threshold_on` must be one of {', '.join(_CRITERIA)}. Received "
            f"{threshold_on!r}."
        )
    if not 0 < threshold < np.inf:
        raise ValueError(
            f"`threshold` must be a finite number above 0. Received {threshold!r}."
        )
    if isinstance(min_overlap, bool) or int(min_overlap) != min_overlap:
        raise ValueError(
            f"`min_overlap` must be a whole number. Received {min_overlap!r}."
        )
    if min_overlap < 1:
        raise ValueError(f"`min_overlap` must be 1 or more. Received {min_overlap!r}.")
    if not 0 <= pseudocount < np.inf:
        raise ValueError(
            f"`pseudocount` must be a finite number, 0 or more. Received "
            f"{pseudocount!r}."
        )


def _checked_background(background: object) -> Array:
    array = np.asarray(background, dtype=np.float64)
    inside = array.shape == (4,) and bool(((array >= 0) & (array <= 1)).all())
    if not inside or abs(array.sum() - 1) > 0.1:
        raise ValueError(
            "`background` must be four frequencies, of A C G T, that sum to 1. "
            f"Received {background!r}."
        )
    return array


def _pool(targets: Any) -> list[Motif]:
    """Return the motifs of one database, or of several."""
    if isinstance(targets, list | tuple) and any(map(_is_database, targets)):
        databases = [_as_motifs(database, "targets")[0] for database in targets]
        motifs = [motif for database in databases for motif in database]
    else:
        motifs, _ = _as_motifs(targets, "targets")
    # The same id may stand in two databases, as in the program.
    return motifs


def _is_database(item: object) -> bool:
    if isinstance(item, list | tuple):
        return all(isinstance(motif, Motif) for motif in item)
    return isinstance(item, str | os.PathLike | MemeFile | Mapping)


def _as_motifs(value: Any, argument: str) -> tuple[list[Motif], Sequence[float]]:
    """Return what a caller passed as motifs, and its background."""
    background: Sequence[float] | None = None
    if isinstance(value, str | os.PathLike):
        value = _read(value, argument)
    if isinstance(value, MemeFile):
        value, background = value.motifs, value.background
    motifs = list(_each_motif(value, argument))
    seen: set[str] = set()
    for motif in motifs:
        if motif.name in seen:
            raise ValueError(
                f"`{argument}` must have a different `name` each. Received "
                f"{motif.name!r} twice."
            )
        seen.add(motif.name)
    return motifs, _UNIFORM if background is None else background


def _read(value: str | os.PathLike[str], argument: str) -> MemeFile | list[Motif]:
    if Path(value).is_file():
        return read_meme(value)
    if str(value) in jaspar_releases():
        return load_jaspar(str(value))
    raise ValueError(
        f"`{argument}` must be a MEME file or one of the JASPAR releases "
        f"{', '.join(jaspar_releases())}. Received {str(value)!r}, which is neither."
    )


def _each_motif(value: Any, argument: str) -> Iterator[Motif]:
    if isinstance(value, Motif) or _is_frame(value) or _is_biopython(value):
        yield _one_motif(value, f"{argument}0", argument)
    elif isinstance(value, Mapping):
        for name, matrix in value.items():
            yield _named(matrix, str(name), argument)
    elif isinstance(value, np.ndarray):
        if value.ndim != 3 or value.shape[2] != 4:
            hint = ""
            if value.ndim == 3 and value.shape[1] == 4:
                hint = f" For (f, 4, width), pass `{argument}.transpose(0, 2, 1)`."
            if value.ndim == 2:
                hint = f" For a single motif, pass `{argument}[None]`."
            raise ValueError(
                f"`{argument}` must be an array of shape (f, width, 4). Received "
                f"shape {value.shape}.{hint}"
            )
        for index, matrix in enumerate(value):
            yield Motif(matrix, f"filter{index}")
    elif isinstance(value, Iterable):
        for index, item in enumerate(value):
            yield _one_motif(item, f"motif{index}", argument)
    else:
        _refuse(value, argument)


def _named(matrix: Any, name: str, argument: str) -> Motif:
    if isinstance(matrix, Motif):
        return Motif(
            matrix.frequencies,
            name,
            alt_name=matrix.alt_name,
            num_sites=matrix.num_sites,
        )
    if _is_frame(matrix) or _is_biopython(matrix):
        found = _one_motif(matrix, name, argument)
        return Motif(found.frequencies, name, num_sites=found.num_sites)
    return Motif(matrix, name)


def _one_motif(item: Any, name: str, argument: str) -> Motif:
    if isinstance(item, Motif):
        return item
    if _is_biopython(item):
        return _from_biopython(item, name)
    if _is_frame(item):
        return Motif(item[list("ACGT")].to_numpy(), name)
    if isinstance(item, np.ndarray):
        return Motif(item, name)
    _refuse(item, argument)


def _is_frame(item: object) -> bool:
    return {"A", "C", "G", "T"} <= set(getattr(item, "columns", ()))


def _is_biopython(item: object) -> bool:
    return hasattr(item, "counts") and hasattr(item, "consensus")


def _from_biopython(motif: Any, name: str) -> Motif:
    counts = np.array([motif.counts[base] for base in "ACGT"], dtype=np.float64).T
    totals = counts.sum(axis=1, keepdims=True)
    return Motif(
        counts / totals,
        str(getattr(motif, "matrix_id", None) or motif.name or name),
        alt_name=str(motif.name or ""),
        num_sites=float(np.floor(totals.mean() + 0.5)),
    )


def _refuse(value: object, argument: str) -> NoReturn:
    raise TypeError(
        f"`{argument}` must be motifs, one motif, an array (f, width, 4), a dict of "
        "arrays, Biopython motifs, DataFrames with the columns A C G T, a MemeFile, "
        f"or a MEME file's path. Received {type(value).__name__}."
    )


def match_fractions(
    matches: pd.DataFrame,
    num_queries: int,
    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None = None,
    *,
    exclude: Sequence[str] = ("MA0615",),
) -> MatchFractions:
    """Return what share of the queries, and of the expected factors, was matched.

    Source: "motif match" of Koo & Ploenzke (2019), Table 1, and the code published
    with it.

    Args:
        matches: What `motif_match` returned.
        num_queries: Number of all queries, matched or not, 1 or more.
        relevant: Dict of factor -> ids, or a list of ids, each its own factor. An id
            without version ("MA0139") stands for every version, one with a version
            only for that. None: only the first share is computed.
        exclude: Ids, with or without version, whose rows don't count; by default
            the low-information Gmeb1, which the study leaves out.

    Returns:
        Three shares: queries with any match, queries with a relevant match, factors
        matched.

    Raises:
        ValueError: `num_queries` below 1 or below the number of queries matched, or
            none of the `relevant` ids is in the database.

    Warns:
        UserWarning: Some `relevant` ids are not in the database. What the database
            holds is known for tables of `motif_match` alone, not for files.
    """
    left_out = _find(matches["Target_ID"], exclude)
    kept = matches[~matches["Target_ID"].isin(left_out)]
    num_matched = kept["Query_ID"].nunique()
    if num_queries < max(num_matched, 1):
        raise ValueError(
            "`num_queries` must be the number of all queries, 1 or more. Received "
            f"{num_queries}, with {num_matched} queries in `matches`."
        )
    share = num_matched / num_queries
    if relevant is None:
        return MatchFractions(share, 0.0, 0.0)
    factors = _factors(relevant)
    _check_relevant(factors, matches.attrs.get("target_ids"))
    hits = [
        kept["Query_ID"][kept["Target_ID"].isin(_find(kept["Target_ID"], ids))]
        for ids in factors.values()
    ]
    queries = {query for hit in hits for query in hit}
    covered = sum(not hit.empty for hit in hits)
    return MatchFractions(share, len(queries) / num_queries, covered / len(factors))


def _factors(
    relevant: Mapping[str, Sequence[str]] | Sequence[str],
) -> dict[str, Sequence[str]]:
    if isinstance(relevant, str):
        relevant = [relevant]
    if not isinstance(relevant, Mapping):
        relevant = {name: [name] for name in relevant}
    factors = {
        factor: [ids] if isinstance(ids, str) else ids
        for factor, ids in relevant.items()
    }
    if not any(factors.values()):
        raise ValueError("`relevant` must hold at least one id. Received none.")
    return factors


def _find(targets: Iterable[str], ids: Iterable[str]) -> set[str]:
    """Return the targets that some ids, with or without version, stand for."""
    wanted = set(ids)
    return {t for t in targets if t in wanted or t.rpartition(".")[0] in wanted}


def _check_relevant(
    factors: dict[str, Sequence[str]], target_ids: list[str] | None
) -> None:
    if target_ids is None:
        return
    known = {*target_ids, *(name.rpartition(".")[0] for name in target_ids)}
    wanted = [name for ids in factors.values() for name in ids]
    missing = [name for name in wanted if name not in known]
    if len(missing) == len(wanted):
        raise ValueError(
            "`relevant` must name targets of the database. None of these is one: "
            f"{', '.join(missing)}. Its first ids are {', '.join(target_ids[:5])}."
        )
    if missing:
        warnings.warn(
            "The database lacks these `relevant` ids, which so cannot match: "
            f"{', '.join(missing)}.",
            UserWarning,
            stacklevel=3,
        )


def write_matches(matches: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table of matches as Tomtom writes it, whole or not at all.

    Args:
        matches: What `motif_match` returned.
        path: The file, tab-separated text; its folder must exist.

    Raises:
        ValueError: A column is missing.
        OSError: The folder does not exist or cannot be written.
    """
    missing = [column for column in _COLUMNS if column not in matches.columns]
    if missing:
        raise ValueError(
            "`matches` must be a table of `motif_match`. These columns are missing: "
            f"{', '.join(missing)}."
        )
    lines = ["\t".join(_COLUMNS)]
    for row in matches[list(_COLUMNS)].itertuples(index=False, name=None):
        values = [
            # C's %g of single precision, as the program prints.
            f"{np.float32(value):g}" if column.endswith("-value") else str(value)
            for column, value in zip(_COLUMNS, row, strict=True)
        ]
        lines.append("\t".join(values))
    text = "\n".join([*lines, "", "# Tomtom's statistics, by keras-motif.", ""])
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
