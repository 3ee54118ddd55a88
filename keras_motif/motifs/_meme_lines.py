"""The lines of a file of motifs, and which of them was read last."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from pathlib import Path
from typing import NoReturn

from keras_motif.motifs.file_kinds import HEAD_BYTES, check_text

__all__ = ["CONTROL", "NUMBERS", "Lines", "read_lines"]

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")

# Here and in the other files that read MEME, "+" behind a quantifier keeps a pattern
# from being tried again with less, which takes time as the square of a line's length.
_NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
NUMBERS = re.compile(rf"{_NUMBER}(?:\s++{_NUMBER})*+")

_MOST_BYTES = 2**26  # of a file: some 100,000 motifs
_EXPANSION = 200  # and of a compressed one above 32 MiB, as a multiple of its size
_HARMLESS_BYTES = 2**25

# A program's whole output has a banner between lines of asterisks.
_BANNER = re.compile(r"\*{20,}")


class Lines:
    """The lines of one file, read once, from first to last.

    Args:
        path: The file's name, for messages.
        lines: Its lines, without their ends.

    Attributes:
        path: The file's name.
        number: The line read last, from 1; 0 before the first.
        stripped: All lines, without blanks around them.
        has_prose: Whether it is the whole output of a program, which holds prose;
            elsewhere every line must count.

    Raises:
        ValueError: A line holds a control character.
    """

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.number = 0
        self._check_characters(lines)
        self.stripped = [line.strip() for line in lines]
        self.has_prose = any(_BANNER.match(line) for line in self.stripped)

    def __len__(self) -> int:
        return len(self.stripped)

    def advance(self) -> str | None:
        """Return the next line that is neither blank nor a comment, if any."""
        while self.number < len(self.stripped):
            line = self.stripped[self.number]
            self.number += 1
            if line and not line.startswith("#"):
                return line
        return None

    def step_back(self) -> None:
        """Let the line read last be read again."""
        self.number -= 1

    def fail(self, message: str, number: int | None = None) -> NoReturn:
        """Raise with the file and a line, by default the one read last."""
        raise ValueError(f"{self.path}, line {number or self.number}: {message}")

    def _check_characters(self, lines: list[str]) -> None:
        for number, line in enumerate(lines, start=1):
            if found := CONTROL.search(line):
                raise ValueError(
                    f"{self.path}, line {number}: expected text. Received the control "
                    f"character {found[0]!r}. Is this a text file of motifs?"
                )


def read_lines(path: str | os.PathLike[str]) -> Lines:
    """Return the lines of a text file, plain or gzip.

    Raises:
        ValueError: Bytes that are not text, or a damaged gzip file.
        OSError: The file is missing or cannot be opened.
    """
    return Lines(os.fspath(path), _text_lines(Path(path)))


def _text_lines(path: Path) -> list[str]:
    """Return the lines of a text file, plain or gzip, without their ends."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    size = len(data)
    if data[:2] == b"\x1f\x8b" and size <= _MOST_BYTES:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as unpacked:
                most = max(_HARMLESS_BYTES, min(_MOST_BYTES, _EXPANSION * size))
                data = unpacked.read(most + 1)
                if len(data) > most:
                    size = _MOST_BYTES + 1
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path}: expected a whole gzip file. Received one that is cut short "
                f"or damaged ({error}). Fetch or compress it again."
            ) from error
    if size > _MOST_BYTES:
        raise ValueError(
            f"{path}: expected a file of motifs of at most {_MOST_BYTES // 2**20} MiB. "
            "Received more, or a compressed file that unpacks to very much more than "
            "itself. Split it, or look whether it is one of motifs."
        )
    check_text(data[:HEAD_BYTES], os.fspath(path), "a file of motifs")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(re.split(rb"\r\n|\n|\r", data[: error.start]))
        raise ValueError(
            f"{path}, line {number}: expected text in UTF-8. Received the byte "
            f"0x{data[error.start]:02x}. Is this a text file of motifs? If so, save "
            "it as UTF-8."
        ) from error
    # Not str.splitlines, which also breaks at characters that a name may hold.
    return re.split("\r\n|\n|\r", text)
