"""Motif files of a name and a matrix each: JASPAR, HOMER, CIS-BP, HOCOMOCO, ..."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from keras_motif._checks import printable, quoted
from keras_motif.motifs._matrix_rows import (
    Row,
    column_order,
    looks_damaged,
    oriented,
    parse_row,
)
from keras_motif.motifs._matrix_values import motif_of_rows
from keras_motif.motifs._meme_lines import Lines
from keras_motif.motifs.motif import Motif

__all__ = ["FoundMotif", "read_matrices"]

FoundMotif = tuple[int, str, Motif]  # its first line, its alphabet's letters, itself

_HOMER_GUESS = ",BestGuess:"
_HOMER_SITES = re.compile(r"T:([0-9]+(?:\.[0-9]+)?)\(")
_CONSENSUS = re.compile(r"[ACGTURYSWKMBDHVN]+", re.IGNORECASE)
# Lines of a key and a value above a matrix, as CIS-BP and UniPROBE have them.
_ID_KEYS = frozenset({"motif", "id", "motif_id", "matrix_id"})
_NAME_KEYS = ("tf name", "name", "gene", "protein")


@dataclass
class _Block:
    """A matrix, and what stands above it."""

    number: int
    header: str | None = None  # behind ">"
    texts: list[str] = field(default_factory=list)  # other lines above the rows
    columns: str = ""
    has_places: bool = False  # whether rows begin with the position's number
    rows: list[Row] = field(default_factory=list)

    @property
    def homer(self) -> list[str]:
        """The fields of HOMER's header: consensus, name, threshold; none of others."""
        fields = (self.header or "").split("\t")
        return fields if len(fields) > 2 and _CONSENSUS.fullmatch(fields[0]) else []


def read_matrices(lines: Lines, stem: str) -> list[FoundMotif]:
    """Read all motifs of a file.

    Args:
        lines: The file's lines, none of them read.
        stem: The name of a motif that has none of its own.

    Raises:
        ValueError: A line that cannot be used, or a matrix that is none.
    """
    blocks = _blocks(lines)
    orientation = _orientation(lines, blocks)
    nameless = sum(not block.texts and block.header is None for block in blocks)
    found: list[FoundMotif] = []
    for block in blocks:
        fallback = f"{stem}_{len(found) + 1}" if nameless > 1 else stem
        found.append(_motif(lines, block, orientation, fallback))
    return found


def _blocks(lines: Lines) -> list[_Block]:
    blocks: list[_Block] = []
    block: _Block | None = None
    while (line := lines.advance()) is not None:
        columns = column_order(line)
        row = None if columns else parse_row(lines, line)
        if line.startswith(">") or line == "//":
            _check_rows(lines, block)
            block = None if line == "//" else _Block(lines.number, line[1:].strip())
            if block:
                blocks.append(block)
        elif row is None and columns is None:
            if looks_damaged(line):
                lines.fail(f"expected numbers, of A C G T. Received {quoted(line)}.")
            if block is None or block.rows:
                block = _Block(lines.number)
                blocks.append(block)
            block.texts.append(line)
        else:
            if block is None or _is_next(lines, block, row):
                block = _Block(lines.number)
                blocks.append(block)
            if row is None:
                block.columns, block.has_places = columns or ("", False)
            else:
                block.rows.append(_placed(lines, block, row))
    _check_rows(lines, block)
    return blocks


def _is_next(lines: Lines, block: _Block, row: Row | None) -> bool:
    """Tell whether a line begins a matrix that has no name above it."""
    if not block.rows:
        return False
    if row is None:
        return True
    if row.base:
        return len(block.rows) == 4
    between = lines.stripped[block.rows[-1].number : lines.number - 1]
    if block.has_places or all(between):
        return False
    if block.texts or block.header is not None:
        lines.fail(
            "expected a name above each matrix, and no blank line in one. Received "
            "numbers behind a blank line."
        )
    return True


def _placed(lines: Lines, block: _Block, row: Row) -> Row:
    """Return a row without the number of its position, which must be the next."""
    if not block.has_places or row.base:
        return row
    place = row.values[0]
    before = block.rows[-1].number if block.rows else 0
    count = len(block.rows)
    if place not in (count, count + 1) or len(row.values) != 5:
        lines.fail(
            f"expected position {count + 1} and four numbers. Received "
            f"{len(row.values)} numbers, of which the first is {place:g}"
            f"{f', behind line {before}' if before else ''}."
        )
    return row._replace(values=row.values[1:])


def _check_rows(lines: Lines, block: _Block | None) -> None:
    """Raise where a motif has no matrix."""
    if block is None or block.rows:
        return
    name = block.header or (block.texts[-1] if block.texts else "this line")
    lines.fail(
        f"expected a matrix under {quoted(name)}. Received none. (CIS-BP leaves out "
        "the matrices of TRANSFAC.)",
        block.number,
    )


def _orientation(lines: Lines, blocks: list[_Block]) -> str | None:
    """Return what a row stands for where one of the motifs tells."""
    found: dict[str, int] = {}
    for block in blocks:
        if not block.rows or block.rows[0].base or block.columns:
            continue
        if block.homer:
            found.setdefault("positions", block.number)
        elif told := oriented(lines, block.rows, "", None)[1]:
            found.setdefault(told, block.number)
    if len(found) > 1:
        places = " and ".join(f"line {number}" for number in found.values())
        lines.fail(
            "expected all motifs with a row for each position, or all with four rows, "
            f"of A, C, G and T. Received both, in {places}.",
            max(found.values()),
        )
    return next(iter(found), None)


def _motif(
    lines: Lines, block: _Block, orientation: str | None, fallback: str
) -> FoundMotif:
    name, alt_name = _names(block)
    rows, told = oriented(lines, block.rows, block.columns, orientation)
    shown = printable((name or fallback)[:60])
    if told is None and len(block.rows) == 4:
        lines.fail(
            "expected a matrix that tells rows of positions from rows of bases. "
            f"Received four rows of four numbers for {shown}. Write 'A C G T' above "
            "positions, or a letter before each base's row.",
            block.rows[0].number,
        )
    num_sites = None
    if block.homer:
        if len(block.homer[0]) > len(rows.values):
            lines.fail(
                f"expected {len(block.homer[0])} positions, as the consensus of line "
                f"{block.number} has. Received {len(rows.values)}.",
                block.rows[-1].number,
            )
        sites = _HOMER_SITES.search(block.homer[-1])
        num_sites = float(sites[1]) if sites else None
    letters = block.columns or "".join(row.base for row in block.rows)
    motif = motif_of_rows(lines, rows, name or fallback, alt_name, num_sites)
    return block.number, letters, motif


def _names(block: _Block) -> tuple[str, str]:
    """Return a motif's name and its alternate name; "" where there is none."""
    if block.homer:
        name, _, guess = block.homer[1].partition(_HOMER_GUESS)
        return "_".join(name.split()), " ".join(guess.split())
    if block.header is not None:
        words = block.header.split()
        return (words[0] if words else ""), " ".join(words[1:])
    values: dict[str, str] = {}
    for text in block.texts:
        first, _, rest = text.partition("\t")
        key, separator, value = first.partition(":")
        value = value.strip() or rest.partition("\t")[0].strip()
        if value and (separator or rest):
            values.setdefault(key.strip().lower(), value)
    name = next((values[key] for key in values if key in _ID_KEYS), "")
    alt_name = next((values[key] for key in _NAME_KEYS if key in values), "")
    if not name and alt_name:
        name, alt_name = alt_name, ""
    if not name and block.texts:
        name, _, alt_name = block.texts[-1].partition(" ")
    return "_".join(name.split()), " ".join(alt_name.split())
