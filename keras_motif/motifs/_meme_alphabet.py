"""The alphabet of a MEME file: listed on one line, or letter by letter in a block."""

from __future__ import annotations

import re

from keras_motif._checks import listed, quoted
from keras_motif.motifs._meme_lines import Lines
from keras_motif.sequences import ALPHABET, RNA_ALPHABET

__all__ = ["read_alphabet"]

_CUSTOM_ALPHABET = re.compile(r'ALPHABET\s+("[^"]*"|[^\s=]+)(?:\s+[A-Z]+-LIKE)?')
# One letter, perhaps its name in quotes, perhaps its colour.
_SYMBOL = r'([^\s"])(?:\s+"(?:[^"\\]|\\.)*")?(?:\s+[0-9A-Fa-f]{6})?'
_CORE = re.compile(rf"{_SYMBOL}(?:\s*~\s*{_SYMBOL})?")
_AMBIGUOUS = re.compile(rf"{_SYMBOL}\s*=\s*\S+")


def read_alphabet(lines: Lines, line: str) -> str:
    """Read an alphabet, with the lines of its block where it has one.

    Args:
        lines: The file's lines, `line` the last read.
        line: The line that begins with ALPHABET.

    Returns:
        "ACGT" or "ACGU".

    Raises:
        ValueError: Another alphabet, or lines that give none.
    """
    listed = re.fullmatch(r"ALPHABET\s*=(.*)", line)
    if listed:
        return _known_alphabet(lines, "".join(listed[1].split()).upper())
    if not _CUSTOM_ALPHABET.fullmatch(line):
        lines.fail(
            "expected 'ALPHABET= ACGT', or 'ALPHABET \"DNA\"' with its letters in "
            f"the lines below, up to END ALPHABET. Received {quoted(line)}."
        )
    return _custom_alphabet(lines)


def _custom_alphabet(lines: Lines) -> str:
    """Read the lines up to END ALPHABET; core letters need not be in order."""
    core: set[str] = set()
    pairs: set[str] = set()
    while (line := lines.advance()) is not None:
        if line.split() == ["END", "ALPHABET"]:
            break
        if found := _CORE.fullmatch(line):
            core.update(letter for letter in found.groups() if letter)
            if found[2]:
                pairs.add("".join(sorted(found.groups())))
        elif not _AMBIGUOUS.fullmatch(line):
            lines.fail(
                'expected a letter of the alphabet, like \'A "Adenine" CC0000 ~ T '
                "\"Thymine\" 0000CC' or 'N = ACGT', or END ALPHABET. Received "
                f"{quoted(line)}."
            )
    else:
        lines.fail("expected END ALPHABET. Received the end of the file.")
    alphabet = _known_alphabet(lines, "".join(sorted(core)))
    if alphabet == ALPHABET and not pairs <= {"AT", "CG"}:
        lines.fail(
            "expected the complements A ~ T and C ~ G. Received "
            f"{listed(sorted(pairs))}."
        )
    return alphabet


def _known_alphabet(lines: Lines, letters: str) -> str:
    if letters in (ALPHABET, RNA_ALPHABET):
        return letters
    lines.fail(
        f"expected the alphabet ACGT or ACGU. Received {quoted(letters)}. "
        "Protein and other alphabets cannot be used: filters over one-hot DNA "
        "have four rows."
    )
