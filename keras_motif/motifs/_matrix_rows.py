"""Lines of numbers in a motif file: of a base each, or of a position each."""

from __future__ import annotations

from typing import Any, NamedTuple, NoReturn

import numpy as np

from keras_motif._checks import quoted
from keras_motif.motifs._matrix_values import Rows
from keras_motif.motifs._meme_lines import NUMBERS, Lines
from keras_motif.sequences import ALPHABET, RNA_ALPHABET

__all__ = ["Row", "column_order", "looks_damaged", "oriented", "parse_row"]

Orientation = str  # "bases" or "positions": what a row stands for

_IUPAC = frozenset("ACGTURYSWKMBDHVNX")
_BEFORE, _BEHIND = " \t:|=[(", " \t|])"
_NO_NUMBERS = frozenset({"nan", "na", "inf", "+inf", "-inf"})


class Row(NamedTuple):
    """A line of numbers.

    Attributes:
        number: The line.
        base: The letter before the numbers; "" without one.
        values: The numbers.
    """

    number: int
    base: str
    values: list[float]


def parse_row(lines: Lines, line: str) -> Row | None:
    """Return a line as numbers, if it is one: "A [ 1 2 ]", "0.1 0.2", "01 1 2 3 4 N".

    Args:
        lines: The file's lines, `line` the last read.
        line: The line.
    """
    base, text = "", line
    if line[0].upper() in "ACGTU" and len(line) > 1 and line[1] in _BEFORE:
        base, text = line[0].upper(), line[1:].strip(_BEFORE + _BEHIND)
    elif line[0] == "[":
        text = line.strip(_BEFORE + _BEHIND)
    text = text.replace(",", " ").strip()
    words = text.split()
    if not base and len(words) > 4 and words[-1].upper() in _IUPAC:
        text = " ".join(words[:-1])  # the base that the position reads as
    if not NUMBERS.fullmatch(text):
        return None
    return Row(lines.number, base, [float(word) for word in text.split()])


def column_order(line: str) -> tuple[str, bool] | None:
    """Return the order of bases that a line such as "Pos A C G T" states.

    Returns:
        The letters, and whether a column of positions stands before them; None of
        another line.
    """
    words = line.replace(",", " ").split()
    letters = "".join(words[-4:]).upper()
    if len(words) not in (4, 5) or sorted(letters) not in (
        [*ALPHABET],
        [*RNA_ALPHABET],
    ):
        return None
    return letters, len(words) == 5


def looks_damaged(line: str) -> bool:
    """Tell a damaged line of numbers from a name."""
    words = line.replace(",", " ").split()
    numbers = [w for w in words if w.lower() in _NO_NUMBERS or NUMBERS.fullmatch(w)]
    return len(words) > 1 and 2 * len(numbers) >= len(words)


def oriented(
    lines: Lines, rows: list[Row], columns: str, orientation: Orientation | None
) -> tuple[Rows, Orientation | None]:
    """Return rows as positions, and what each of them stands for.

    Args:
        lines: The file's lines, for messages.
        rows: A motif's rows, at least one.
        columns: The order of the bases in a row of four; "" where it isn't stated.
        orientation: What rows stand for in the rest of the file; None if unknown.

    Returns:
        The rows, and "bases" or "positions"; None where four rows of four numbers are
        not told apart.

    Raises:
        ValueError: Rows that make no motif.
    """
    _check_equal(lines, rows)
    first, width = rows[0].number, len(rows[0].values)
    numbers = [row.number for row in rows]
    values = np.array([row.values for row in rows], dtype=np.float64)
    bases = "".join(row.base for row in rows).replace("U", "T")
    if bases:
        if sorted(bases) != [*ALPHABET]:
            lines.fail(
                "expected a row each of A, C, G and T. Received rows of "
                f"{quoted(bases)}.",
                first,
            )
        order = [bases.index(base) for base in ALPHABET]
        return Rows(values[order].T, numbers), "bases"
    if columns:
        order = [columns.replace("U", "T").index(base) for base in ALPHABET]
        return Rows(values[:, order], numbers), "positions"
    if orientation is None:
        orientation = _told_apart(values)
    if orientation == "bases" and len(rows) == 4:
        return Rows(values.T, numbers), orientation
    if orientation == "positions" and width == 4:
        return Rows(values, numbers), orientation
    if len(rows) == width == 4:
        return Rows(values, numbers), None
    _fail_at_shape(lines, rows)


def _told_apart(values: np.ndarray[Any, Any]) -> Orientation | None:
    """Tell by shape and sums what a row stands for; None where both can be."""
    if values.shape != (4, 4):
        if values.shape[1] == 4:
            return "positions"
        return "bases" if values.shape[0] == 4 else None
    by_position, by_base = values.sum(axis=1), values.sum(axis=0)
    equal = [np.ptp(sums) <= 0.1 * abs(sums).max() for sums in (by_position, by_base)]
    if equal[0] == equal[1]:
        return "positions" if (values == values.T).all() else None
    return "positions" if equal[0] else "bases"


def _check_equal(lines: Lines, rows: list[Row]) -> None:
    for row in rows:
        if len(row.values) != len(rows[0].values) or bool(row.base) != bool(
            rows[0].base
        ):
            lines.fail(
                f"expected {len(rows[0].values)} numbers as in line "
                f"{rows[0].number}. Received {len(row.values)}"
                f"{', of ' + row.base if row.base else ''}.",
                row.number,
            )


def _fail_at_shape(lines: Lines, rows: list[Row]) -> NoReturn:
    width = len(rows[0].values)
    hint = " Protein motifs cannot be used." if width == 20 else ""
    lines.fail(
        "expected four numbers a row, of A C G T, or four rows, of A, C, G and T, as "
        f"in the rest of the file. Received {len(rows)} rows of {width}.{hint}",
        rows[0].number,
    )
