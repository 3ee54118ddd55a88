"""The tables of a run, and whether they can belong to its motifs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROFILES", "FilterTables", "check_profile", "largest_sites"]

_SHOWN_SITES = 5

# Of each table: its name on the page, the function that makes it, and the columns
# that the page needs.
PROFILES = {
    "positions": (
        "Positions",
        "site_positions",
        ("filter", "start", "end", "num_sites"),
    ),
    "enrichment": (
        "Classes",
        "class_enrichment",
        (
            "filter",
            "class",
            "positives_with_site",
            "positives",
            "negatives_with_site",
            "negatives",
            "odds_ratio",
            "p-value",
            "q-value",
        ),
    ),
    "correlation": (
        "Targets",
        "target_correlation",
        ("filter", "target", "num_sequences", "correlation", "p-value", "q-value"),
    ),
    "sites": (
        "Example sites",
        "activation_sites",
        ("filter", "sequence", "start", "end", "strand", "activation"),
    ),
    "duplicates": (
        "Duplicates",
        "duplicate_filters",
        ("filter", "duplicate", "E-value", "orientation"),
    ),
}


class FilterTables(NamedTuple):
    """The tables of one run; None where a table was not given."""

    matches: pd.DataFrame | None = None
    support: pd.DataFrame | None = None  # of the rows of `matches`
    positions: pd.DataFrame | None = None
    enrichment: pd.DataFrame | None = None
    duplicates: pd.DataFrame | None = None
    families: pd.DataFrame | None = None  # of the rows of `matches`
    correlation: pd.DataFrame | None = None
    sites: pd.DataFrame | None = None  # those of the largest activations


def largest_sites(sites: pd.DataFrame) -> pd.DataFrame:
    """Return each filter's five sites of the largest activations, the largest first."""
    ordered = sites.sort_values("activation", ascending=False, kind="stable")
    return ordered.groupby("filter", observed=True, sort=False).head(_SHOWN_SITES)


def check_profile(
    motifs: Iterable[Motif],
    table: pd.DataFrame | None,
    argument: str,
    maker: str,
    columns: tuple[str, ...],
) -> None:
    """Raise unless a table of `profiles` can belong to the motifs.

    Args:
        motifs: The motifs.
        table: The table; None passes.
        argument: The argument's name, for the message.
        maker: The function that makes such tables.
        columns: Those needed.

    Raises:
        ValueError: A column is missing, or a filter is not among the motifs.
    """
    if table is None:
        return
    present = list(getattr(table, "columns", []))
    if missing := [column for column in columns if column not in present]:
        raise ValueError(
            f"`{argument}` must be a table that `{maker}` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {type(table).__name__} with "
            f"{', '.join(map(str, present)) or 'none'}."
        )
    names = {motif.name for motif in motifs}
    listed = [table[column] for column in columns if column in ("filter", "duplicate")]
    unknown = sorted({str(name) for part in listed for name in set(part) - names})
    if unknown:
        raise ValueError(
            f"`{argument}` must be of the same filters as `motifs`. It holds "
            f"{unknown[0]!r} ({len(unknown)} such), which is not among the motifs' "
            f"names. Pass the motifs to `{maker}`."
        )
