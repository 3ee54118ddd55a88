"""The walk through a MEME file: which line is what, and which matrix is whose."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from keras_motif._checks import printable, quoted
from keras_motif.motifs._meme_header import Header
from keras_motif.motifs._meme_lines import NUMBERS, Lines
from keras_motif.motifs._meme_matrix import (
    LOOKS_LIKE_ROW,
    Matrix,
    checked_frequencies,
    read_matrix,
)
from keras_motif.motifs.motif import Motif

__all__ = ["MemeReader"]

_MATRIX = re.compile(r"(letter-probability|log-odds)\s+matrix\s*:(.*)")
_SKIPPED = re.compile(r"#|URL(?:\s|$)|Time\s+[0-9.]+\s+sec")
# Of lines that mean nothing here, those that may be damaged ones that do.
_KEYWORDS = (
    *("meme", "motif", "letter-probability", "log-odds", "background"),
    *("alphabet", "alphabet=", "strands", "strands:"),
)
_SECTION = re.compile(
    r"Motif\s.*\b(?:Description|position-specific|sites|block|BLOCKS|regular)\b"
)
_OTHER_FORMAT = " Is this a MEME file? `read_motifs` reads other formats too."
_NO_NUMBERS = frozenset({"nan", "na", "inf", "+inf", "-inf"})
_SITE_SUMMARY = re.compile(r"(?<!\s)\s++width\s*+=\s*+[0-9]++\s++sites\s*+=.*+")


class _MotifLine(NamedTuple):
    """A MOTIF line whose matrix is awaited."""

    number: int
    name: str
    alt_name: str


class MemeReader:
    """Reads one file, once, from its first line to its last.

    Args:
        lines: The file's lines, none of them read.

    Attributes:
        header: What the file says beside its motifs.
        motifs: Dict of name -> motif, in the file's order.
        repeated: Line and name of each motif whose name came before.
    """

    def __init__(self, lines: Lines) -> None:
        self.header = Header(lines)
        self.motifs: dict[str, Motif] = {}
        self.repeated: list[tuple[int, str]] = []
        self._lines = lines
        self._open: _MotifLine | None = None
        self._has_scores = False  # whether the open motif has a log-odds matrix
        self._first_text = ""  # what stands before the version
        self._first_number = 0
        self._end_of_rows = 0  # the line behind rows whose number isn't known

    def read(self) -> None:
        """Read all lines.

        Raises:
            ValueError: A line that cannot be used, or no motif.
        """
        while (line := self._lines.advance()) is not None:
            self._read_line(line)
        if self._first_text and not self.header.has_version:
            self._unusable(self._first_text, self._first_number)
        self._close_motif()
        if not self.motifs:
            raise ValueError(
                f"{self._lines.path}: expected at least one MOTIF line with a "
                f"letter-probability matrix. Received {len(self._lines)} lines "
                "without one."
            )

    def _read_line(self, line: str) -> None:
        word = line.split()[0]
        if self.header.take_version(line) or _SKIPPED.match(line):
            return
        if not self.header.has_version:
            if word == "MOTIF" or LOOKS_LIKE_ROW.match(line):
                self._unusable(line)
            if not self._lines.has_prose and not self._first_text:
                self._first_text, self._first_number = line, self._lines.number
        elif word == "MOTIF":
            self._read_motif(line)
        elif found := _MATRIX.fullmatch(line):
            self._read_matrix(found[1], found[2])
        elif not self.header.take(line) and self._may_be_damaged(line, word):
            self._unusable(line)

    def _may_be_damaged(self, line: str, word: str) -> bool:
        """Tell a damaged line, which would lose a motif, from another program's."""
        if self._lines.has_prose:
            return False
        if self._lines.number == self._end_of_rows or word.lower() in _KEYWORDS:
            return not _SECTION.match(line)
        words = line.split()
        numbers = [w for w in words if w.lower() in _NO_NUMBERS or NUMBERS.fullmatch(w)]
        return bool(LOOKS_LIKE_ROW.match(line)) or 2 * len(numbers) >= len(words)

    def _unusable(self, line: str, number: int | None = None) -> NoReturn:
        shown = quoted(line)
        if not self.header.has_version:
            hint = (
                " XML and HTML cannot be read; use the text" if line[0] == "<" else ""
            )
            self._lines.fail(
                "expected 'MEME version 4' (or 3, 5) before anything else. Received "
                f"{shown}.{hint or _OTHER_FORMAT}",
                number,
            )
        if LOOKS_LIKE_ROW.match(line):
            self._lines.fail(
                "expected rows of numbers only under a matrix's header, which stands "
                f"under a MOTIF line. Received {shown}."
            )
        self._lines.fail(
            "expected MOTIF, letter-probability matrix:, log-odds matrix:, URL, "
            "ALPHABET, strands:, Background letter frequencies, or a comment (#). "
            f"Received {shown}."
        )

    def _read_motif(self, line: str) -> None:
        self._close_motif()
        words = line.split()
        if self._lines.has_prose:
            words = _SITE_SUMMARY.sub("", line).split()
        if len(words) < 2:
            self._lines.fail("expected a name after MOTIF. Received none.")
        self._open = _MotifLine(self._lines.number, words[1], " ".join(words[2:]))
        self._has_scores = False

    def _close_motif(self) -> None:
        """Raise when the motif read last got no letter-probability matrix."""
        if self._open is None:
            return
        number, name, _ = self._open
        shown = printable(name[:60])
        if self._has_scores:
            self._lines.fail(
                f"expected a letter-probability matrix under MOTIF {shown}. Received "
                "a log-odds matrix alone, from which frequencies cannot be had. "
                "Write the file again with letter-probability matrices.",
                number,
            )
        self._lines.fail(
            f"expected a letter-probability matrix under MOTIF {shown}. Received none "
            "before the next motif or the end of the file.",
            number,
        )

    def _read_matrix(self, kind: str, options: str) -> None:
        if self._open is None:
            self._lines.fail(
                f"expected a MOTIF line before the {kind} matrix, and one such matrix "
                "for each. Received a matrix that belongs to no motif."
            )
        matrix = read_matrix(self._lines, options)
        if kind == "log-odds":
            self._has_scores = True
            return
        if not matrix.has_width:
            self._end_of_rows = matrix.numbers[-1] + 1
        self._keep_motif(self._open, matrix)
        self._open = None

    def _keep_motif(self, motif_line: _MotifLine, matrix: Matrix) -> None:
        number, name, alt_name = motif_line
        frequencies = checked_frequencies(self._lines, matrix)
        try:
            motif = Motif(
                frequencies, name, alt_name=alt_name, num_sites=matrix.num_sites
            )
        except ValueError as error:
            self._lines.fail(f"expected a motif. {error}", number)
        if name in self.motifs:
            self.repeated.append((number, name))
        else:
            self.motifs[name] = motif
