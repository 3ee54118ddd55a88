"""Which targets of a database some names stand for: ids, or names of factors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from keras_motif.motifs import Motif, factor_names, factor_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KnownTargets", "known_targets"]


class KnownTargets(NamedTuple):
    """The targets of a database, and their factors.

    Attributes:
        ids: Of all targets, or of those that matched where the database isn't known.
        factors: Of each, as its database calls it; empty where it has none.
        is_whole: Whether these are all targets of the database.
    """

    ids: Sequence[str]
    factors: Sequence[str]
    is_whole: bool

    def find(self, names: Iterable[str]) -> set[str]:
        """Return the ids of the targets that some names stand for.

        Args:
            names: Ids, with or without version, or factors in any case. A name that is
                an id is no factor's.
        """
        wanted = set(names)
        found = {name for name in self.ids if {name, _base(name)} & wanted}
        ids = found | set(map(_base, found))
        factors = {name.upper() for name in wanted - ids}
        if not factors:
            return found
        pairs = zip(self.ids, self.factors, strict=True)
        return found | {name for name, own in pairs if factor_names(own) & factors}

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return the names that stand for no target; none where that isn't known."""
        if not self.is_whole:
            return []
        ids = {*self.ids, *map(_base, self.ids)}
        own = {name for factor in set(self.factors) for name in factor_names(factor)}
        return [name for name in names if name not in ids and name.upper() not in own]


def known_targets(
    matches: pd.DataFrame, targets: Sequence[Motif] | None = None
) -> KnownTargets:
    """Return what a table of matches knows of its targets.

    Args:
        matches: What `motif_match` returned, or rows of it.
        targets: The targets, where they are given apart.
    """
    if targets is not None:
        ids = [target.name for target in targets]
        factors = [factor_of(target.name, target.alt_name) for target in targets]
        return KnownTargets(ids, factors, True)
    is_whole = "target_ids" in matches.attrs
    found = matches.attrs.get("target_ids") or matches["Target_ID"].unique().tolist()
    told = matches.attrs.get("target_factors")
    factors = told or [factor_of(name, "") for name in found]
    return KnownTargets(found, factors, is_whole)


def _base(target: str) -> str:
    """Return an id without its version: MA0139 of MA0139.1."""
    return re.sub(r"\.[0-9]+$", "", target)
