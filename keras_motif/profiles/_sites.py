"""Tables of sites: their columns checked, their filters numbered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_columns", "check_order", "filter_index"]

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


def check_order(sites: pd.DataFrame) -> None:
    """Refuse sites of sequences whose order labels given apart can't follow.

    Raises:
        ValueError: The sequences were shuffled, or could be read only once.
    """
    order = sites.attrs.get("order", "fixed")
    if order == "fixed":
        return
    what = (
        "in another order at each reading (they are shuffled)"
        if order == "changes"
        else "from an iterator that runs dry, whose order can't be looked at again"
    )
    raise ValueError(
        "`labels` must have a row for each sequence, in the order in which "
        f"`activation_sites` read them. The sequences came {what}, so labels given "
        "apart can't be trusted to fit. Take the labels that come with the sequences: "
        "`sites, labels = activation_sites(model, sequences, return_labels=True)`; or "
        "pass the sequences in a fixed order, as an array or without `shuffle`."
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
