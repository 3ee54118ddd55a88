"""Where the motifs of simulated sequences were implanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif._checks import check_one_hot_shape
from keras_motif.datasets.simulation import implanted_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["implanted_sites"]

Array = np.ndarray[Any, Any]


def implanted_sites(model: Array) -> pd.DataFrame:
    """Return where each motif of simulated sequences lies: the ground truth.

    The sequences' models hold a motif's own columns where it was implanted, so it is
    found exactly. Against these sites, scans with filters or with the true motifs can
    be scored.

    Args:
        model: What the bases were drawn from, `(n, length, 4)`: the `model` of a
            `Split` of `synthetic`.

    Returns:
        One row per motif, by sequence and start. Columns: sequence (index), start and
        end (0-based, end not included), strand ("-" for the reverse complement; a
        motif that is its own is "+"), factor.

    Raises:
        ValueError: Another shape.

    Example:
        >>> from keras_motif.datasets import synthetic
        >>> split = synthetic(20).test
        >>> sites = implanted_sites(split.model)
        >>> sites["factor"].nunique() == int(split.y.any(axis=0).sum())
        True
    """
    import pandas as pd

    check_one_hot_shape(model.shape, "model")
    columns: list[tuple[Array, Array, int, str, str]] = []
    for factor, motif in implanted_motifs().items():
        forward = motif.frequencies.astype(np.float32)
        strands = {"+": forward}
        if not np.array_equal(forward, forward[::-1, ::-1]):
            strands["-"] = forward[::-1, ::-1]
        for strand, matrix in strands.items():
            rows, starts = _occurrences(model, matrix)
            columns.append((rows, starts, len(matrix), strand, factor))
    sites = pd.concat(
        pd.DataFrame(
            {
                "sequence": rows,
                "start": starts,
                "end": starts + width,
                "strand": strand,
                "factor": factor,
            }
        )
        for rows, starts, width, strand, factor in columns
    )
    return sites.sort_values(["sequence", "start"], ignore_index=True)


def _occurrences(model: Array, matrix: Array) -> tuple[Array, Array]:
    """Return rows and starts where a matrix stands, looked for column by column."""
    last = model.shape[1] - len(matrix) + 1
    rows, starts = np.nonzero((model[:, : max(last, 0)] == matrix[0]).all(axis=2))
    for offset in range(1, len(matrix)):
        kept = (model[rows, starts + offset] == matrix[offset]).all(axis=1)
        rows, starts = rows[kept], starts[kept]
    return rows, starts
