"""The header of a MEME file: version, alphabet, strands and background."""

from __future__ import annotations

import re
from typing import TypeVar

import numpy as np

from keras_motif._checks import quoted
from keras_motif.motifs._meme_alphabet import read_alphabet
from keras_motif.motifs._meme_lines import NUMBERS, Lines
from keras_motif.motifs.motif import SUM_LIMIT
from keras_motif.sequences import ALPHABET

__all__ = ["VERSION_LINE", "Background", "Header", "checked_background"]

Background = tuple[float, float, float, float]

_VERSIONS = ("3", "4", "5")
VERSION_LINE = re.compile(r"MEME\s+version\s+([0-9]+)(?![0-9])")
_BACKGROUND = re.compile(r"Background\s+letter\s+frequencies\s*(?:\(.*\))?\s*:?(.*)")

_Value = TypeVar("_Value")


class Header:
    """What a file says before its motifs; in joined files it may come again.

    Args:
        lines: The file's lines.

    Attributes:
        has_version: Whether the version was read, which must come first.
        background: Frequencies of A C G T; None until they are read.
        alphabet: "ACGT", or "ACGU" for RNA.
        strands: "+ -" or "+".
    """

    def __init__(self, lines: Lines) -> None:
        self.has_version = False
        self.background: Background | None = None
        self.alphabet = ALPHABET
        self.strands = "+ -"
        self._lines = lines
        # What was read, and where first.
        self._given: dict[str, tuple[object, int]] = {}

    def take_version(self, line: str) -> bool:
        """Read a line of the version; False for every other line."""
        found = VERSION_LINE.match(line)
        if not found:
            return False
        if found[1] not in _VERSIONS:
            self._lines.fail(
                "expected MEME version 3, 4 or 5. Received version "
                f"{found[1][:60]}. Convert the file with the MEME Suite's `meme2meme`."
            )
        # These versions mean the same here, so joined files may mix them.
        self.has_version = True
        return True

    def take(self, line: str) -> bool:
        """Read another line of the header, and those that go on; False for others."""
        if found := _BACKGROUND.fullmatch(line):
            background = _read_background(self._lines, found[1])
            self.background = self._same("background", background)
        elif line.startswith("ALPHABET"):
            alphabet = read_alphabet(self._lines, line)
            self.alphabet = self._same("alphabet", alphabet)
        elif line.startswith("strands:"):
            strands = _read_strands(self._lines, line.removeprefix("strands:"))
            self.strands = self._same("strands", strands)
        else:
            return False
        return True

    def _same(self, key: str, value: _Value) -> _Value:
        """Return a value, or raise where an earlier header gave another one."""
        before, number = self._given.setdefault(key, (value, self._lines.number))
        if before != value:
            self._lines.fail(
                f"expected the {key} of line {number}, {before!r}, again. Received "
                f"{value!r}. Split joined files that differ in their headers."
            )
        return value


def checked_background(background: object) -> Background:
    """Return four frequencies as floats, or raise what is wrong with them.

    Those whose sum is further from 1 than a motif's rows may be are refused.

    Raises:
        ValueError: Not four numbers in [0, 1] whose sum is 1.
    """
    array = np.asarray(background, dtype=np.float64)
    if array.shape != (4,):
        raise ValueError(
            "A background must hold four frequencies, of A C G T. Received "
            f"{background!r}."
        )
    inside = bool(((array >= 0) & (array <= 1)).all())
    if not inside or abs(array.sum() - 1) > SUM_LIMIT:
        raise ValueError(
            "A background's four frequencies must lie in [0, 1] and sum to 1 within "
            f"{SUM_LIMIT}. Received {array.tolist()}."
        )
    a, c, g, t = (array + 0.0).tolist()  # adding 0 turns -0.0 into 0.0
    return a, c, g, t


def _read_background(lines: Lines, first: str) -> Background:
    """Read the frequencies: letters and numbers, in any order, over any lines."""
    found: dict[str, float] = {}
    line: str | None = first
    while line is not None:
        words = line.split()
        letters = [word.upper().replace("U", "T") for word in words[::2]]
        numbers = words[1::2]
        legal = len(letters) == len(numbers) == len(set(letters) - set(found))
        if (
            not legal
            or not set(letters) <= set(ALPHABET)
            or not all(NUMBERS.fullmatch(text) for text in numbers)
        ):
            lines.fail(
                "expected background frequencies like 'A 0.25 C 0.25 G 0.25 "
                f"T 0.25', each letter once. Received {quoted(line)}."
            )
        found.update(zip(letters, map(float, numbers), strict=True))
        if len(found) == 4:
            break
        line = lines.advance()
    if len(found) < 4:
        lines.fail(
            "expected background frequencies of A C G and T. Received the end of "
            f"the file after {len(found)} of them."
        )
    try:
        return checked_background([found[base] for base in ALPHABET])
    except ValueError as error:
        lines.fail(f"expected background frequencies. {error}")


def _read_strands(lines: Lines, text: str) -> str:
    signs = "".join(text.split())
    if signs not in ("+", "+-", "-+"):
        lines.fail(
            "expected 'strands: + -' or 'strands: +'. Received "
            f"{quoted(text.strip())}. Protein motifs, which have none, cannot be used."
        )
    return "+" if signs == "+" else "+ -"
