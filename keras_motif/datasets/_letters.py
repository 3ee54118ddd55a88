"""Letters of DNA as files spell them."""

from __future__ import annotations

__all__ = ["INVALID", "LETTERS", "centred", "read_letters", "without_blanks"]

INVALID = "?"

LETTERS = (
    "letters A C G T N (U reads as T, and IUPAC's R Y S W K M B D H V as N; proteins "
    "cannot be used)"
)

_BLANKS = b" \t\r\n\v\f"


def _letter_table() -> bytes:
    """Return what each byte reads as: a capital of A C G T N, or "?"."""
    table = bytearray(INVALID.encode() * 256)
    meanings = {"A": "A", "C": "C", "G": "G", "T": "TU", "N": "NRYSWKMBDHV"}
    for meaning, letters in meanings.items():
        for letter in letters + letters.lower():
            table[ord(letter)] = ord(meaning)
    return bytes(table)


_TABLE = _letter_table()


def read_letters(text: bytes) -> str:
    """Return a sequence in capitals A C G T N, "?" where a letter is none of DNA's.

    Blanks and line ends are left out, U reads as T, letters for several bases as N.
    """
    return text.translate(_TABLE, _BLANKS).decode("ascii")


def without_blanks(text: bytes) -> bytes:
    """Return what `read_letters` looks at, as it was written."""
    return text.translate(None, _BLANKS)


def centred(sequence: str, length: int | None) -> str:
    """Cut a sequence to a length about its centre, or pad it with N on both sides.

    Where the two ends cannot get the same, the right one loses or gains one more.
    None leaves the sequence as it is.
    """
    if length is None:
        return sequence
    if len(sequence) > length:
        start = (len(sequence) - length) // 2
        return sequence[start : start + length]
    missing = length - len(sequence)
    return "N" * (missing // 2) + sequence + "N" * (missing - missing // 2)
