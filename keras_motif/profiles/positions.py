"""Where along the sequences filters fire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from keras_motif.motifs import Motif
from keras_motif.profiles._sites import check_columns, filter_index

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["site_positions"]


def site_positions(
    sites: pd.DataFrame,
    length: int,
    *,
    num_bins: int = 20,
    filters: Iterable[str] | Iterable[Motif] | None = None,
) -> pd.DataFrame:
    """Count where along the sequences each filter fires.

    A site counts in the bin that holds its middle base, the right one of two. Sites
    lie wholly inside the sequence, so the outermost bins can hold fewer than those
    between: with windows of 19, no middle lies within 9 bases of either end.

    Args:
        sites: What `activation_sites` returned: one row per site, with the columns
            filter, start and end (0-based, end not included).
        length: Length of the sequences, in bases.
        num_bins: How many bins to cut the sequence into, 1 to `length`. Their
            widths are whole bases, and differ by at most one.
        filters: Names of filters, or their motifs, in the order of the result;
            filters without a site count 0, and other filters' sites are left out.
            None stands for those in the table, filter2 before filter10.

    Returns:
        One row per filter and bin, in order. Columns: filter, start and end of the
        bin (0-based, end not included), num_sites.

    Raises:
        ValueError: A column is missing, a site outside the sequence, or an option
            out of range.

    Example:
        >>> import pandas as pd
        >>> columns = ["filter", "sequence", "start", "end"]
        >>> sites = pd.DataFrame([["filter0", 7, 3, 6]], columns=columns)
        >>> site_positions(sites, 10, num_bins=2)["num_sites"].tolist()
        [1, 0]
    """
    import pandas as pd

    check_columns(sites, ("filter", "start", "end"))
    _check_whole("length", length, "of bases, 1 or more", 1, np.inf)
    _check_whole("num_bins", num_bins, f"from 1 to the `length` {length}", 1, length)
    starts, ends = (sites[name].to_numpy() for name in ("start", "end"))
    if len(sites) and (starts.min() < 0 or ends.max() > length):
        raise ValueError(
            f"`sites` must lie within sequences of `length` {length}. Received sites "
            f"from {starts.min()} to {ends.max()}. Pass the length of the sequences "
            "that were given to `activation_sites`."
        )
    names, index = filter_index(sites, filters)
    edges = np.arange(num_bins + 1) * length // num_bins
    bins = np.searchsorted(edges, (starts + ends) // 2, side="right") - 1
    cells = index * num_bins + bins
    counts = np.bincount(cells[index >= 0], minlength=len(names) * num_bins)
    return pd.DataFrame(
        {
            "filter": np.repeat(np.array(names, dtype=object), num_bins),
            "start": np.tile(edges[:-1], len(names)),
            "end": np.tile(edges[1:], len(names)),
            "num_sites": counts,
        }
    )


def _check_whole(name: str, value: object, wanted: str, low: int, high: float) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(
            f"`{name}` must be a whole number {wanted}. Received {value!r}."
        )
