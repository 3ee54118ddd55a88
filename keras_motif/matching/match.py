"""Which known motifs a motif resembles: Tomtom's table, and what it adds up to."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_motif._files import whole_file
from keras_motif.matching import _tomtom as tomtom
from keras_motif.matching.column_scores import DISTANCES
from keras_motif.motifs import Motif, as_motifs, pool_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MatchFractions",
    "annotate",
    "match_fractions",
    "motif_match",
    "write_matches",
]

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
    threshold_on: tomtom.Criterion = "evalue",
    min_overlap: int = 1,
    internal: bool = False,
    reverse_complement: bool = True,
    pseudocount: float = 0.1,
    background: Sequence[float] | Array | None = None,
) -> pd.DataFrame:
    """Say which known motifs each query resembles, with Tomtom's numbers.

    Equal to `tomtom` of MEME Suite 5.4.1 in every printed digit. It hides nothing: a
    uniform query can match targets with spacer columns, as in the program. As there,
    q-values depend on the order of the queries, and p-values on all targets; with
    fewer than about 50 targets they are rough.

    Source: Gupta et al. (2007), Genome Biology 8:R24; Tanaka et al. (2011),
    Bioinformatics 27:1603.

    Args:
        queries: Motifs, one motif, an array of shape `(f, width, 4)`, a dict of name
            -> array `(width, 4)`, Biopython or pymemesuite motifs, DataFrames with
            the columns A C G T, a `MemeFile`, or a MEME file's path. Elements of an
            array are named filter0, filter1, ...
        targets: The same, or the name of a JASPAR release, or a list of several of
            these, which are pooled.
        distance: "ed", "pearson", "allr", "kullback", "sandelin", "blic1", "blic5",
            "llr1" or "llr5".
        threshold: Largest value to report, finite and above 0. p- and q-values are
            compared in single precision, so that one printed as 0.1 is kept at 0.1.
        threshold_on: What the threshold is on: "evalue", "qvalue" or "pvalue".
        min_overlap: Fewest aligned positions, 1 or more; the narrower motif's width
            where that is less.
        internal: Whether the narrower motif must lie wholly inside the wider.
        reverse_complement: Whether to compare with both strands of the targets.
        pseudocount: Sites to add to each position, shared out by the background;
            finite, 0 or more. `num_sites` None or 0 counts as 20 sites.
        background: Frequencies of A C G T. None stands for those of the query file
            where there is one, else uniform.

    Returns:
        One row per match, by query in their order, best match first. Columns as
        Tomtom's: Query_ID, Target_ID, Optimal_offset, p-value, E-value, q-value,
        Overlap, Query_consensus, Target_consensus, Orientation. p- and q-values are
        float32, as the program keeps them, E-values float64. No queries give an
        empty table. `attrs["target_ids"]` holds the ids of all targets and
        `attrs["settings"]` the options. Where a notebook displays the table, each
        row shows its logos, aligned.

    Raises:
        ValueError: An option out of range, an unknown release, a value that is no
            motif, two motifs of one name, no target, or an entry of 0 under
            "kullback".
        TypeError: `queries` or `targets` of a kind that cannot be used.

    Warns:
        UserWarning: Motifs with an entry of 0 under "allr", which the program leaves
            out.

    Example:
        >>> from keras_motif.motifs import load_jaspar
        >>> runx = load_jaspar("JASPAR2016")[0]
        >>> matches = motif_match(runx, "JASPAR2016")
        >>> matches.loc[0, ["Target_ID", "Query_consensus", "Orientation"]].tolist()
        ['MA0002.2', 'GTCTGTGGTTT', '+']
    """
    _check_options(distance, threshold, threshold_on, min_overlap, pseudocount)
    found, stated = as_motifs(queries, "queries")
    pool = pool_motifs(targets, "targets")
    if not pool:
        raise ValueError("`targets` must hold at least one motif. Received none.")
    if background is None:
        background = _UNIFORM if stated is None else stated
    # The program smooths a query file's background twice, the targets' once more.
    prior = tomtom.smooth_background(_checked_background(background))
    prior = tomtom.smooth_background(prior)
    smoothed = _smooth(found, pseudocount, prior)
    database = _smooth(pool, pseudocount, tomtom.smooth_background(prior))
    smoothed = _usable(smoothed, distance, "queries")
    database = _usable(database, distance, "targets")
    rows = _Rows(threshold, threshold_on)
    if smoothed and database:
        entries = tomtom.pool_targets(
            [target.frequencies for target in database],
            [target.num_sites for target in database],
            [target.name for target in database],
            reverse_complement=reverse_complement,
        )
        comparisons = tomtom.compare(
            [query.frequencies for query in smoothed],
            [query.num_sites for query in smoothed],
            entries,
            distance=distance,
            background=prior,
            min_overlap=min_overlap,
            internal=internal,
        )
        names = [target.name for target in database]
        rows.extend(smoothed, comparisons, names, tomtom.entry_consensus(entries))
    table = rows.table(found, pool)
    table.attrs["target_ids"] = tuple(motif.name for motif in pool)
    table.attrs["settings"] = {
        "distance": distance,
        "threshold": threshold,
        "threshold_on": threshold_on,
        "min_overlap": min_overlap,
        "internal": internal,
        "reverse_complement": reverse_complement,
        "pseudocount": pseudocount,
        "background": tuple(float(share) for share in background),
    }
    return table


class _Smoothed(NamedTuple):
    """A motif as Tomtom compares it: with pseudocount, 0 sites where unknown."""

    name: str
    frequencies: Array
    num_sites: float


def _smooth(motifs: list[Motif], pseudocount: float, prior: Array) -> list[_Smoothed]:
    smoothed = []
    for motif in motifs:
        sites = float(motif.num_sites or 0)
        frequencies = tomtom.smooth(motif.frequencies, sites, pseudocount, prior)
        smoothed.append(_Smoothed(motif.name, frequencies, sites))
    return smoothed


def _usable(motifs: list[_Smoothed], distance: str, argument: str) -> list[_Smoothed]:
    """Leave out motifs that a distance cannot be computed for: log 0 has no value."""
    if distance not in ("allr", "kullback"):
        return motifs
    empty = [motif.name for motif in motifs if not motif.frequencies.all()]
    if not empty:
        return motifs
    listed = ", ".join(repr(name) for name in empty[:5]) + ", ..." * (len(empty) > 5)
    if distance == "kullback":
        raise ValueError(
            "The distance 'kullback' has no value where a frequency is 0. Received "
            f"such `{argument}`: {listed}. Pass `pseudocount` above 0."
        )
    warnings.warn(
        f"The distance {distance!r} has no value where a frequency is 0, so these "
        f"`{argument}` are left out, as in Tomtom: {listed}. Pass `pseudocount` above "
        "0 to keep them.",
        UserWarning,
        stacklevel=3,
    )
    return [motif for motif in motifs if motif.frequencies.all()]


class _Rows:
    """The columns of the table, query by query."""

    def __init__(self, threshold: float, criterion: tomtom.Criterion) -> None:
        self._threshold = threshold
        self._criterion = criterion
        self._columns: dict[str, list[Any]] = {column: [] for column in _COLUMNS}

    def extend(
        self,
        queries: list[_Smoothed],
        comparisons: Iterable[tomtom.Comparison],
        target_ids: list[str],
        target_consensus: list[str],
    ) -> None:
        """Add what Tomtom reports of each query, best match first."""
        for query, comparison in zip(queries, comparisons, strict=True):
            hits = comparison.hits(self._threshold, self._criterion)
            listed = hits.tolist()
            consensus = tomtom.consensus(query.frequencies)
            strands = comparison.strands
            values: tuple[Iterable[Any], ...] = (
                [query.name] * len(listed),
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

    def table(self, queries: list[Motif], targets: list[Motif]) -> pd.DataFrame:
        """Return the rows, with the motifs that a notebook draws beside them."""
        import pandas as pd

        from keras_motif.logos.match_table import LogoSources, MatchTable

        table = MatchTable(
            {
                column: pd.Series(values, dtype=_DTYPES.get(column, object))
                for column, values in self._columns.items()
            }
        )
        table._sources = LogoSources.of(queries, targets, table)
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
    whole = isinstance(min_overlap, int | np.integer)
    if not whole or isinstance(min_overlap, bool) or min_overlap < 1:
        raise ValueError(
            "`min_overlap` must be a whole number of positions, 1 or more. Received "
            f"{min_overlap!r}."
        )
    if not 0 <= pseudocount < np.inf:
        raise ValueError(
            "`pseudocount` must be a finite number of sites, 0 or more. Received "
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
        matches: What `motif_match` returned, or rows of it.
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
        ValueError: `num_queries` below 1 or below the number of queries matched, no
            `relevant` id, or none that is in the database.

    Warns:
        UserWarning: Some `relevant` ids are not in the database. What the database
            holds is read from `matches.attrs["target_ids"]`; a table read from a
            file lacks it, and then nothing is checked.

    Example:
        >>> from keras_motif.motifs import load_jaspar
        >>> motifs = load_jaspar("JASPAR2016")[:2]
        >>> matches = motif_match(motifs, "JASPAR2016")
        >>> match_fractions(matches, 4, {"RUNX1": ["MA0002"], "CTCF": ["MA0139"]})
        MatchFractions(any=0.5, relevant=0.25, coverage=0.5)
    """
    _check_columns(matches)
    excluded = _find(matches["Target_ID"], _listed(exclude))
    kept = matches[~matches["Target_ID"].isin(excluded)]
    num_matched = matches["Query_ID"].nunique()
    whole = isinstance(num_queries, int | np.integer)
    if not whole or num_queries < max(num_matched, 1):
        raise ValueError(
            "`num_queries` must be the number of all queries, 1 or more. Received "
            f"{num_queries!r}, with {num_matched} queries in `matches`."
        )
    share = kept["Query_ID"].nunique() / num_queries
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


def _listed(ids: str | Sequence[str]) -> list[str]:
    return [ids] if isinstance(ids, str) else list(ids)


def _factors(
    relevant: Mapping[str, Sequence[str]] | Sequence[str],
) -> dict[str, list[str]]:
    if not isinstance(relevant, Mapping):
        relevant = {name: [name] for name in _listed(relevant)}
    factors = {factor: _listed(ids) for factor, ids in relevant.items()}
    if not factors or not all(factors.values()):
        raise ValueError(
            "`relevant` must hold at least one id, and one for each factor. Received "
            f"{dict(relevant)!r}. Pass None to compute only the first share."
        )
    return factors


def _base(target: str) -> str:
    """Return an id without its version: MA0139 of MA0139.1."""
    return re.sub(r"\.[0-9]+$", "", target)


def _find(targets: Iterable[str], ids: Iterable[str]) -> set[str]:
    """Return the targets that some ids, with or without version, stand for."""
    wanted = set(ids)
    return {name for name in set(targets) if {name, _base(name)} & wanted}


def _check_relevant(
    factors: dict[str, list[str]], target_ids: Sequence[str] | None
) -> None:
    if target_ids is None:
        return
    known = {*target_ids, *map(_base, target_ids)}
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


def annotate(
    motifs: Iterable[Motif], matches: pd.DataFrame, targets: Any = None
) -> list[Motif]:
    """Give each motif the name of its best match as its alternate name.

    So that MEME files, logos and other programs show what a filter is.

    Args:
        motifs: The motifs that were matched, or the same before trimming.
        matches: What `motif_match` returned for them.
        targets: The targets, as they were given to `motif_match`: the name is then
            the factor ("CTCF") where the target has one. None takes the target's id.

    Returns:
        New motifs in the same order; those without a match are as they were.

    Raises:
        ValueError: A column is missing, or `targets` cannot be used.
        TypeError: `targets` of a kind that cannot be used.

    Example:
        >>> from keras_motif.motifs import load_jaspar
        >>> known = load_jaspar("JASPAR2016")
        >>> motif = Motif(known[0].frequencies, "filter0")
        >>> annotate([motif], motif_match(motif, known), known)[0].alt_name
        'RUNX1'
    """
    _check_columns(matches)
    best = matches.drop_duplicates("Query_ID")
    found = dict(zip(best["Query_ID"], best["Target_ID"], strict=True))
    pool = [] if targets is None else pool_motifs(targets, "targets")
    factors = {target.name: target.alt_name for target in pool}
    named = []
    for motif in motifs:
        if target := found.get(motif.name):
            motif = Motif(
                motif.frequencies,
                motif.name,
                alt_name=factors.get(target) or target,
                num_sites=motif.num_sites,
            )
        named.append(motif)
    return named


def write_matches(matches: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table of matches as Tomtom writes it, whole or not at all.

    The text is that of `tomtom -text`, but for the comments at its end, which name
    this library and, where the table knows them, the options.

    Args:
        matches: What `motif_match` returned, or rows of it.
        path: The file, tab-separated text; its folder must exist.

    Raises:
        ValueError: A column is missing, or a name holds a tab or a line break.
        OSError: The folder does not exist or cannot be written.
    """
    _check_columns(matches)
    columns = [_texts(matches[column]) for column in _COLUMNS]
    lines = ["\t".join(row) for row in zip(*columns, strict=True)]
    lines = ["\t".join(_COLUMNS), *lines, "", *_comments(matches.attrs)]
    with whole_file(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _texts(column: pd.Series[Any]) -> list[str]:
    """Return a column's values as Tomtom prints them."""
    if str(column.name).endswith("-value"):
        # C's %g of single precision, E-values included.
        return [f"{value:g}" for value in column.to_numpy(np.float32).tolist()]
    texts = [str(value) for value in column]
    for text in texts:
        if re.search(r"[\t\r\n]", text):
            raise ValueError(
                "Names in a table of matches must not hold tabs or line breaks. "
                f"Received {text!r} in {column.name}. Rename the motif."
            )
    return texts


def _comments(attrs: Mapping[Any, Any]) -> list[str]:
    comments = ["# Tomtom's statistics, by keras-motif."]
    if settings := attrs.get("settings"):
        listed = ", ".join(f"{key}={value!r}" for key, value in settings.items())
        comments.append(f"# motif_match: {listed}")
    return comments


def _check_columns(matches: pd.DataFrame) -> None:
    missing = [column for column in _COLUMNS if column not in matches.columns]
    if missing:
        raise ValueError(
            "`matches` must be a table of `motif_match`. These columns are missing: "
            f"{', '.join(missing)}."
        )
