"""Tables of sites: their columns checked, their filters numbered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_columns", "filter_index"]

Array = np.ndarray[Any, Any]


def check_columns(sites: pd.DataFrame, needed: tuple[str, ...]) -> None:
    """Refuse what is no table of `activation_sites` with the columns needed.

    Raises:
        ValueError: A column is missing.
    """
    columns = list(getattr(sites, "columns", []))
    if missing := [name for name in needed if name not in columns]:
        raise ValueError(
            "`sites` must be a table that `activation_sites` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {type(sites).__name__} with "
            f"{', '.join(map(str, columns)) or 'none'}."
        )


def filter_index(
    sites: pd.DataFrame, filters: Iterable[str] | Iterable[Motif] | None
) -> tuple[list[str], Array]:
    """Return the filters' names, and the place of each site's filter, -1 for none."""
    import pandas as pd

    if filters is None:
        names = sorted(sites["filter"].unique(), key=_natural)
    else:
        names = [f.name if isinstance(f, Motif) else f for f in filters]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(
            "`filters` must hold each name once. Received "
            f"{repeated[0]!r} more than once."
        )
    return names, pd.Index(names, dtype=object).get_indexer(sites["filter"])


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts filter2 before filter10."""
    parts = re.split("([0-9]+)", name)
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
