"""What the numbers of a motif file without MEME's header mean."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_motif.motifs._meme_lines import Lines
from keras_motif.motifs.counts import from_counts
from keras_motif.motifs.motif import SUM_LIMIT, Motif

__all__ = ["Rows", "motif_of_rows"]


class Rows(NamedTuple):
    """Positions of a motif, bases A C G T, as they stand in the file.

    Attributes:
        values: Array of shape `(width, 4)`.
        numbers: The line of each position, or of each base.
    """

    values: np.ndarray[Any, Any]
    numbers: list[int]


def motif_of_rows(
    lines: Lines, rows: Rows, name: str, alt_name: str, num_sites: float | None
) -> Motif:
    """Return the motif that frequencies or counts stand for.

    Args:
        lines: The file's lines, for messages.
        rows: The numbers.
        name: The motif's name.
        alt_name: Its alternate name.
        num_sites: How many sites the file names; None where it names none. Of counts,
            the mean total is taken.

    Raises:
        ValueError: Log-odds, numbers that are not finite, or rows of which some are
            frequencies and some are not.
    """
    values, first = rows.values, rows.numbers[0]
    if not np.isfinite(values).all():
        lines.fail("expected numbers that are finite. Received others.", first)
    if (values < 0).any():
        lines.fail(
            f"expected counts or frequencies. Received {values.min():g}: a matrix of "
            "log-odds (weights), from which frequencies cannot be had. Take the same "
            "motif's counts (PCM) or frequencies (PFM).",
            first,
        )
    totals = values.sum(axis=1)
    near_one = np.abs(totals - 1) <= SUM_LIMIT
    if near_one.all():
        return Motif(values, name, alt_name=alt_name, num_sites=num_sites)
    if totals.max() <= 1 + SUM_LIMIT or 2 * near_one.sum() >= len(totals):
        position = int(np.flatnonzero(~near_one)[0])
        by_position = len(rows.numbers) == len(totals)
        lines.fail(
            "expected four frequencies whose sum is 1 within "
            f"{SUM_LIMIT}, or counts at every position. Received "
            f"{values[position].tolist()}, sum {totals[position]:g}, at position "
            f"{position}.",
            rows.numbers[position] if by_position else first,
        )
    motif = from_counts(values, name, alt_name)
    if num_sites is None:
        return motif
    return Motif(motif.frequencies, name, alt_name=alt_name, num_sites=num_sites)
