"""Where sites lie in the genome that their sequences were cut from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add_coordinates"]


def add_coordinates(sites: pd.DataFrame, sequences: Any) -> None:
    """Add a genome's coordinates to a table of sites, where the source knows them.

    Args:
        sites: The table of `activation_sites`, changed in place.
        sequences: What was read. A method `coordinates(rows)` of it gives chromosome,
            start, end and strand of the sequences, as that of `GenomeSequences` does;
            without one, or where it gives None, the table stays as it is.
    """
    method = getattr(sequences, "coordinates", None)
    if not callable(method):
        return
    rows, places = np.unique(sites["sequence"].to_numpy(), return_inverse=True)
    found = method(rows)
    if found is None:
        return
    chromosome, starts, ends, strands = (np.asarray(part)[places] for part in found)
    is_reverse = strands == "-"
    start, end = sites["start"].to_numpy(), sites["end"].to_numpy()
    sites["chromosome"] = chromosome
    sites["genome_start"] = np.where(is_reverse, ends - end, starts + start)
    sites["genome_end"] = np.where(is_reverse, ends - start, starts + end)
    on_other = is_reverse != (sites["strand"].to_numpy() == "-")
    sites["genome_strand"] = np.where(on_other, "-", "+")
