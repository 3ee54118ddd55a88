"""What matches add up to: the share of filters and of factors that were matched."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from keras_motif.matching._named import KnownTargets, known_targets
from keras_motif.matching.table import check_columns
from keras_motif.motifs import TargetsLike, pool_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MatchFractions", "leave_out", "match_fractions", "warn_of_unknown"]


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


def match_fractions(
    matches: pd.DataFrame,
    num_queries: int,
    relevant: Mapping[str, Sequence[str]] | Sequence[str] | None = None,
    *,
    exclude: Sequence[str] = ("MA0615",),
    targets: TargetsLike | None = None,
) -> MatchFractions:
    """Return what share of the queries, and of the expected factors, was matched.

    Source: "motif match" of Koo & Ploenzke (2019), Table 1, and the code published
    with it.

    Args:
        matches: What `motif_match` returned, or rows of it.
        num_queries: Number of all queries, matched or not, 1 or more.
        relevant: Factors, as `["SRF", "MAX"]`, in any case; a matrix of a complex
            (MAX::MYC) counts for each of its factors. Or ids, each its own factor: one
            without version ("MA0139") stands for every version, one with a version
            only for that. Or a dict of factor -> ids or names. None: only the first
            share is computed.
        exclude: Ids, with or without version, or factors, whose rows don't count; by
            default the low-information Gmeb1, which the study leaves out.
        targets: The targets, as they were given to `motif_match`, for a table that
            was read from a file: it knows no factors. None: those of the table.

    Returns:
        Three shares: queries with any match, queries with a relevant match, factors
        matched.

    Raises:
        ValueError: `num_queries` below 1 or below the number of queries matched, no
            `relevant` name, or none that is in the database; `targets` that cannot
            be used.
        TypeError: `targets` of a kind that cannot be used.

    Warns:
        UserWarning: Some `relevant` names are not in the database. What the database
            holds is read from `matches.attrs`; a table read from a file lacks it, and
            then nothing is checked without `targets`.

    Example:
        >>> from keras_motif.matching import motif_match
        >>> from keras_motif.motifs import load_jaspar
        >>> motifs = load_jaspar("JASPAR2016")[:2]
        >>> matches = motif_match(motifs, "JASPAR2016")
        >>> match_fractions(matches, 4, {"RUNX1": ["MA0002"], "CTCF": ["MA0139"]})
        MatchFractions(any=0.5, relevant=0.25, coverage=0.5)
        >>> match_fractions(matches, 4, ["RUNX1", "CTCF"])
        MatchFractions(any=0.5, relevant=0.25, coverage=0.5)
    """
    check_columns(matches)
    pool = None if targets is None else pool_motifs(targets, "targets").motifs
    known = known_targets(matches, pool)
    kept = _without(matches, exclude, known)
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
    _check_relevant(factors, known)
    hits = [
        kept["Query_ID"][kept["Target_ID"].isin(known.find(names))]
        for names in factors.values()
    ]
    queries = {query for hit in hits for query in hit}
    covered = sum(not hit.empty for hit in hits)
    return MatchFractions(share, len(queries) / num_queries, covered / len(factors))


def leave_out(matches: pd.DataFrame, exclude: Sequence[str]) -> pd.DataFrame:
    """Return the rows of targets that aren't excluded.

    Args:
        matches: What `motif_match` returned, or rows of it.
        exclude: Ids, with or without version, or factors.
    """
    return _without(matches, exclude, known_targets(matches))


def warn_of_unknown(matches: pd.DataFrame, exclude: Sequence[str]) -> None:
    """Warn of names of `exclude` that leave nothing out.

    Warns:
        UserWarning: The database, as far as the table knows it, has no such target.
    """
    if missing := known_targets(matches).missing(_listed(exclude)):
        warnings.warn(
            "The database lacks these of `exclude`, which so leave nothing out: "
            f"{', '.join(missing)}. Give ids, with or without version, or factors.",
            UserWarning,
            stacklevel=3,
        )


def _without(
    matches: pd.DataFrame, exclude: Sequence[str], known: KnownTargets
) -> pd.DataFrame:
    excluded = known.find(_listed(exclude))
    return matches[~matches["Target_ID"].isin(excluded)]


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
            "`relevant` must hold at least one id or factor, and one for each key. "
            f"Received {dict(relevant)!r}. Pass None to compute only the first share."
        )
    return factors


def _check_relevant(factors: dict[str, list[str]], known: KnownTargets) -> None:
    wanted = [name for names in factors.values() for name in names]
    missing = known.missing(wanted)
    if len(missing) == len(wanted):
        pairs = zip(known.ids, known.factors, strict=True)
        first = [f"{name} ({own})" if own else name for name, own in pairs]
        raise ValueError(
            "`relevant` must name targets of the database, by id or by factor. None of "
            f"these is one: {', '.join(missing)}. Its first are "
            f"{', '.join(first[:5])}."
        )
    if missing:
        warnings.warn(
            "The database lacks these of `relevant`, which so cannot match: "
            f"{', '.join(missing)}.",
            UserWarning,
            stacklevel=3,
        )
