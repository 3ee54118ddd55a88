"""The families of matched factors, and filters that only their family can name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from keras_motif.matching.table import check_columns
from keras_motif.motifs import FactorFamily, TargetsLike, pool_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["family_table", "match_families"]

_ALIKE = 10.0  # E-values no further apart don't decide between two factors
_NOT_KNOWN = FactorFamily("", "")


def match_families(
    matches: pd.DataFrame,
    targets: TargetsLike,
    families: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Say to which family each matched factor belongs, and where that is the name.

    Members of a family mostly share their motif, so the best match is often only the
    first among equals. Factors match alike where their E-values are within a factor of
    10 of the query's best. A query is named to the family of its best match where that
    and at least one other member match alike, and these members are more than half of
    the factors that do.

    Args:
        matches: What `motif_match` returned, or rows of it, the best match of each
            query among them: those that were left out can't match alike.
        targets: The targets, as they were given to `motif_match`. Of a JASPAR release
            that is given by its name the families are known.
        families: Dict of target id -> class and family, as `jaspar_families` returns
            it, for targets given otherwise. None takes what `targets` know.

    Returns:
        One row per row of `matches`, with its index. Columns, of text, empty where
        nothing is known:

        - factor: of the target; its id where it has none.
        - tf_class, tf_family: of the target's factor; a complex has those of its
          factors, joined by "::".
        - alike: the query's factors that match alike, best first, joined by ", ".
        - named_family: the family that the query is named to.
        - members: those of `alike` that are of it, joined by ", ".

    Raises:
        ValueError: A column is missing; no families are known; `targets` that
            cannot be used.
        TypeError: `targets` of a kind that cannot be used.

    Example:
        >>> from keras_motif.matching import motif_match
        >>> from keras_motif.sequences import one_hot
        >>> query = {"filter0": 0.94 * one_hot("ACCGGAAGT")[0] + 0.015}
        >>> matches = motif_match(query, "JASPAR2016")
        >>> found = match_families(matches, "JASPAR2016")
        >>> found.loc[0, ["factor", "named_family", "members"]].tolist()
        ['ELK1', 'Ets-related factors', 'ELK1, ERF']
    """
    check_columns(matches)
    pool = pool_motifs(targets, "targets")
    known = pool.families if families is None else families
    if not known:
        raise ValueError(
            "`families` must be given for targets that know none. Received None, and "
            "targets that are not named by their JASPAR release. Pass the release's "
            'name as `targets`, or `families=jaspar_families("JASPAR2026")`.'
        )
    # Of one id in two databases, the first stays.
    factors = {target.name: target.alt_name for target in reversed(pool.motifs)}
    return family_table(matches, factors, known)


def family_table(
    matches: pd.DataFrame,
    factors: Mapping[str, str],
    families: Mapping[str, tuple[str, str]],
) -> pd.DataFrame:
    """Return the table of `match_families`.

    Args:
        matches: See there.
        factors: Dict of target id -> factor.
        families: Dict of target id -> class and family.
    """
    import pandas as pd

    ids = [str(target) for target in matches["Target_ID"]]
    found = [FactorFamily(*families.get(target, _NOT_KNOWN)) for target in ids]
    names = [factors.get(target) or target for target in ids]
    alike, named, members = ([""] * len(ids) for _ in range(3))
    for rows, close in _by_query(matches):
        factors_alike = [names[row] for row in close]
        family, own = _named(factors_alike, [found[row].tf_family for row in close])
        for row in rows:
            alike[row] = ", ".join(_distinct(factors_alike))
            named[row], members[row] = family, ", ".join(own)
    columns = {
        "factor": names,
        "tf_class": [family.tf_class for family in found],
        "tf_family": [family.tf_family for family in found],
        "alike": alike,
        "named_family": named,
        "members": members,
    }
    return pd.DataFrame(columns, index=matches.index, dtype=object)


def _by_query(matches: pd.DataFrame) -> Iterator[tuple[list[int], list[int]]]:
    """Yield each query's rows, and those that match alike, the best first."""
    queries = matches["Query_ID"].to_numpy(dtype=object)
    e_values = matches["E-value"].to_numpy(dtype=np.float64)
    for query in dict.fromkeys(queries.tolist()):
        rows = np.flatnonzero(queries == query)
        rows = rows[e_values[rows].argsort(kind="stable")]
        close = rows[e_values[rows] <= _ALIKE * e_values[rows[0]]]
        yield rows.tolist(), close.tolist()


def _distinct(factors: list[str]) -> list[str]:
    """Return factors, each once however its name is spelled: Gabpa is GABPA."""
    first: dict[str, str] = {}
    for factor in factors:
        first.setdefault(factor.upper(), factor)
    return list(first.values())


def _named(factors: list[str], families: list[str]) -> tuple[str, list[str]]:
    """Return the family that factors matching alike are named to, and its members.

    A complex counts in each family of its own; of those of the best, the one with the
    most members stays.

    Args:
        factors: The best first.
        families: Of each, joined by "::".
    """
    own = {
        family: _distinct(
            [
                factor
                for factor, other in zip(factors, families, strict=True)
                if family in other.split("::")
            ]
        )
        for family in families[0].split("::")
        if family
    }
    family = max(own, key=lambda name: len(own[name]), default="")
    members = own.get(family, [])
    if len(members) > 1 and 2 * len(members) > len(_distinct(factors)):
        return family, members
    return "", []
