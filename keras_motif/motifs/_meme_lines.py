"""The lines of a file of motifs, and which of them was read last."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from pathlib import Path
from typing import NoReturn

__all__ = ["CONTROL", "NUMBERS", "Lines", "read_lines"]

CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
NUMBERS = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER})*")

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
        has_prose: Whether it is the whole output of a program, which holds prose;
            elsewhere every line must count.

    Raises:
        ValueError: A line holds a control character.
    """

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.number = 0
        self._lines = [line.strip() for line in lines]
        self._check_characters(lines)
        self.has_prose = any(_BANNER.match(line) for line in self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def advance(self) -> str | None:
        """Return the next line that is neither blank nor a comment, if any."""
        while self.number < len(self._lines):
            line = self._lines[self.number]
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
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path}: expected a whole gzip file. Received one that is cut short "
                f"or damaged ({error}). Fetch or compress it again."
            ) from error
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
