"""A matrix of a MEME file: the numbers behind its name, and its rows."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import quoted
from keras_motif.motifs._meme_lines import NUMBERS, Lines
from keras_motif.motifs.motif import SUM_LIMIT

__all__ = ["LOOKS_LIKE_ROW", "Matrix", "checked_frequencies", "read_matrix"]

LOOKS_LIKE_ROW = re.compile(r"[+-]?\.?[0-9]")

# What is read of the header; other programs write other keys, and words behind them.
_PAIR = re.compile(r"(?<![\w.])(alength|w|nsites)\s*+=\s*+([^\s=]*+)(?=\s|=|$)")
_UNKNOWN = frozenset({"na", "nan", "none", "null", "n/a", "-", "?"})  # of nsites


class Matrix(NamedTuple):
    """A matrix as it stands in the file, of frequencies or log-odds.

    Attributes:
        rows: Four numbers a position, at least one position.
        numbers: The line of each row.
        num_sites: `nsites`, None where missing.
        has_width: Whether the header says how many rows there are.
    """

    rows: list[list[float]]
    numbers: list[int]
    num_sites: float | None
    has_width: bool


def read_matrix(lines: Lines, options: str) -> Matrix:
    """Read the matrix that follows.

    Args:
        lines: The file's lines, the matrix's header the last read.
        options: What stands behind the matrix's name.

    Raises:
        ValueError: Another key or number, or rows that are not those announced.
    """
    number = lines.number
    values = _options(lines, options)
    rows, numbers = _rows(lines)
    if "w" in values and len(rows) != values["w"]:
        lines.fail(
            f"expected {values['w']:g} rows (w=) in the matrix of line {number}. "
            f"Received {len(rows)}.",
            numbers[-1] if numbers else number,
        )
    if not rows:
        lines.fail("expected rows under the matrix's header. Received none.", number)
    return Matrix(rows, numbers, values.get("nsites"), "w" in values)


def checked_frequencies(lines: Lines, matrix: Matrix) -> np.ndarray[Any, Any]:
    """Return a matrix's frequencies, shape `(width, 4)`.

    Raises:
        ValueError: A row that is no frequencies.
    """
    for row, number in zip(matrix.rows, matrix.numbers, strict=True):
        if not (min(row) >= 0 and max(row) <= 1 and abs(sum(row) - 1) <= SUM_LIMIT):
            lines.fail(
                "expected four frequencies in [0, 1] whose sum is 1 within "
                f"{SUM_LIMIT}. Received {row}, sum {sum(row):g}. Divide counts "
                "by their row's sum.",
                number,
            )
    return np.array(matrix.rows)


def _options(lines: Lines, options: str) -> dict[str, float]:
    """Return the numbers behind a matrix's header: alength, w and nsites."""
    values: dict[str, float] = {}
    for key, text in _PAIR.findall(options):
        if key == "nsites" and text.lower() in _UNKNOWN:
            continue
        if key in values or not NUMBERS.fullmatch(text):
            lines.fail(
                "expected 'alength= 4 w= 11 nsites= 20 E= 0' after the matrix's name: "
                "a number for each of alength, w and nsites, each key once. Received "
                f"{quoted(options.strip())}."
            )
        values[key] = float(text)
    if values.get("alength", 4) != 4:
        lines.fail(
            f"expected alength= 4, DNA or RNA. Received {values['alength']:g}. "
            "Protein motifs cannot be used."
        )
    if lines.has_prose and "w" not in values:
        # Only the width tells a damaged row from the prose behind a matrix.
        lines.fail("expected w= in a matrix among a program's prose.")
    sites = values.get("nsites")
    if sites is not None and not 0 <= sites < np.inf:
        lines.fail(f"expected nsites= 0 or more, finite. Received {sites}.")
    return values


def _rows(lines: Lines) -> tuple[list[list[float]], list[int]]:
    """Return the rows of four numbers that follow, and their line numbers."""
    rows: list[list[float]] = []
    numbers: list[int] = []
    while (line := lines.advance()) is not None:
        if not LOOKS_LIKE_ROW.match(line):
            lines.step_back()
            break
        if not NUMBERS.fullmatch(line) or len(line.split()) != 4:
            hint = ""
            if len(line.split()) == 20:
                hint = " Protein motifs cannot be used."
            lines.fail(
                f"expected four numbers, of A C G T. Received {quoted(line)}.{hint}"
            )
        rows.append([float(text) for text in line.split()])
        numbers.append(lines.number)
    return rows, numbers
