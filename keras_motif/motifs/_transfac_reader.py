"""Motif files of TRANSFAC, and those of STAMP and JASPAR in its manner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from keras_motif._checks import printable, quoted
from keras_motif.motifs._matrix_reader import FoundMotif
from keras_motif.motifs._matrix_rows import (
    Row,
    column_order,
    looks_damaged,
    oriented,
    parse_row,
)
from keras_motif.motifs._matrix_values import motif_of_rows
from keras_motif.motifs._meme_lines import Lines

__all__ = ["is_transfac", "read_transfac"]

_FIRST_KEYS = frozenset({"VV", "AC", "ID", "NA", "DE", "XX", "P0", "PO"})
_KEY = re.compile(r"[A-Z][A-Z0-9](?=\s|$)")
_MATRIX_KEYS = ("P0", "PO")
_NAME_KEYS = ("AC", "ID", "NA", "DE")


@dataclass
class _Entry:
    """One entry, up to its end."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    columns: str = "ACGT"
    rows: list[Row] = field(default_factory=list)
    is_closed: bool = False  # whether a line ended the matrix


def is_transfac(lines: list[str]) -> bool:
    """Return whether stripped lines begin as a TRANSFAC file does."""
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first[:2] in _FIRST_KEYS and _KEY.match(first) is not None


def read_transfac(lines: Lines, stem: str) -> list[FoundMotif]:
    """Read all motifs of a file.

    Args:
        lines: The file's lines, none of them read.
        stem: The name of a motif that has none of its own.

    Raises:
        ValueError: A line that cannot be used, an entry without a matrix, or the end
            of the file in one.
    """
    entries: list[_Entry] = []
    entry: _Entry | None = None
    while (line := lines.advance()) is not None:
        if line.startswith("//"):
            if entry is not None:
                entry.is_closed = True
            entry = None
            continue
        row = parse_row(lines, line)
        found = _KEY.match(line)
        key = found[0] if found and row is None else ""
        begins = entry is None or (bool(entry.rows) and key in ("AC", "ID", "DE", "NA"))
        if entry is None or (begins and entry.is_closed):
            entry = _Entry(lines.number)
            entries.append(entry)
        if row is not None:
            _add(lines, entry, row)
        elif key:
            _take(lines, entry, key, line[2:].strip())
        elif looks_damaged(line):
            lines.fail(
                "expected a position's number and four numbers. Received "
                f"{quoted(line)}."
            )
        # Else a line that goes on with the text of the one before.
    return [_motif(lines, entry, stem) for entry in entries if not _says_nothing(entry)]


def _says_nothing(entry: _Entry) -> bool:
    """Tell the version of a file, and comments, from a motif."""
    return not entry.rows and not {*_NAME_KEYS, *_MATRIX_KEYS} & {*entry.values}


def _take(lines: Lines, entry: _Entry, key: str, value: str) -> None:
    entry.is_closed = entry.is_closed or bool(entry.rows)
    if key in _MATRIX_KEYS:
        columns = column_order(value)
        if columns is None or columns[1]:
            lines.fail(
                f"expected 'A C G T' behind {key}. Received {quoted(value)}. Protein "
                "motifs cannot be used."
            )
        if entry.rows:
            lines.fail("expected '//' between two matrices. Received none.")
        entry.columns = columns[0]
    entry.values.setdefault(key, value)


def _add(lines: Lines, entry: _Entry, row: Row) -> None:
    place, count = row.values[0], len(entry.rows)
    first = entry.rows[0].values[0] if entry.rows else place
    if entry.is_closed:
        lines.fail("expected rows of numbers only under P0. Received more of them.")
    if (
        row.base
        or len(row.values) != 5
        or place != first + count
        or first not in (0.0, 1.0)
    ):
        lines.fail(
            f"expected position {count + int(first == 1):02d} and four numbers. "
            f"Received {len(row.values)} numbers, of which the first is {place:g}."
        )
    entry.rows.append(row)


def _motif(lines: Lines, entry: _Entry, stem: str) -> FoundMotif:
    names = [entry.values[key] for key in _NAME_KEYS if entry.values.get(key)]
    words = names[0].split() if names else [stem]
    rest = " ".join(words[1:]) or " ".join(" ".join(names[1:2]).split())
    shown = printable(words[0][:60])
    if not entry.rows:
        lines.fail(
            f"expected a matrix, P0 and rows of numbers, of {shown}. Received none.",
            entry.number,
        )
    if not entry.is_closed:
        lines.fail(
            f"expected XX or // behind the matrix of {shown}. Received the end of the "
            "file; is it complete?",
            entry.rows[-1].number,
        )
    rows = [row._replace(values=row.values[1:]) for row in entry.rows]
    positions, _ = oriented(lines, rows, entry.columns, "positions")
    motif = motif_of_rows(lines, positions, words[0], rest, None)
    return entry.number, entry.columns, motif
