"""What holds of every binary file: what it may declare, and what its errors say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from keras_motif._checks import printable

__all__ = ["check_memory", "check_size", "one_line", "reading"]

_HARMLESS_BYTES = 2**29  # what any file may unpack to,
_EXPANSION = 200  # and how many bytes each of a larger one's may become
_LINE_LENGTH = 200  # letters of another program's message


@contextmanager
def reading(place: str, expected: str, fix: str = "Is it complete?") -> Iterator[None]:
    """Explain whatever a library raises on a file, which may be anything.

    Put calls of the library alone into the block: what other code raises would be
    taken for damage of the file too.

    Args:
        place: The file, and where in it.
        expected: What should be there, with its article.
        fix: What to do.

    Raises:
        ValueError: In the place of any exception; Ctrl-C and the like pass.
    """
    try:
        yield
    except Exception as error:  # damaged files raise all that there is
        said = one_line(str(error)) or type(error).__name__
        raise ValueError(
            f"{place}: expected {expected}. It cannot be read as one ({said}). {fix}"
        ) from error


def check_size(declared: int, file_bytes: int, place: str) -> None:
    """Raise where a file declares far more than its size could hold.

    One-hot sequences of random bases shrink to a sixth by gzip as int8 and to a
    22nd as float64, with nine tenths of padding to a 55th and a 177th, rare labels
    to a 65th. Constant values, or none at all, shrink without bound.

    Args:
        declared: Bytes when unpacked.
        file_bytes: Size of the file.
        place: The file, and where in it.

    Raises:
        ValueError: More than 512 MiB that are more than 200 times the file's size.
    """
    if declared > max(_HARMLESS_BYTES, _EXPANSION * file_bytes):
        raise ValueError(
            f"{place}: expected at most {_EXPANSION} times the size of the file, "
            f"{file_bytes:,} bytes, when unpacked. Received a declared size of "
            f"{declared:,} bytes: the file is damaged, or nearly all of it is one "
            "value. Make it anew, with its data alone."
        )


def check_memory(needed: int, place: str, fix: str) -> None:
    """Raise where data are larger than this computer's memory.

    Args:
        needed: Bytes.
        place: The file, and where in it.
        fix: What to do.

    Raises:
        ValueError: There are not as many bytes of memory.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > memory:
        raise ValueError(
            f"{place}: expected data that fit into memory, {memory:,} bytes. Received "
            f"{needed:,} bytes. {fix}"
        )


def one_line(text: str) -> str:
    """Return text of a file or another program for a message: short and printable."""
    line = " ".join(text[: 4 * _LINE_LENGTH].split())
    return printable(line[:_LINE_LENGTH]) + " ..." * (len(line) > _LINE_LENGTH)
