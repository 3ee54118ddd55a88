"""Lines of text files, plain or compressed."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

__all__ = ["check_readable", "read_lines"]

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raise now what opening the file would raise later.

    Raises:
        OSError: The file is missing or cannot be opened.
    """
    Path(path).open("rb").close()


def read_lines(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """Yield a file's lines with their ends, one at a time.

    Args:
        path: The file, also compressed by gzip (or bgzip) whatever its name.

    Yields:
        Bytes; a byte-order mark before the first line is left out.

    Raises:
        ValueError: Compressed data that are damaged or end too early.
        OSError: The file is missing or cannot be opened.
    """
    number = 0
    with Path(path).open("rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
        try:
            for number, line in enumerate(stream, start=1):
                yield line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(
                f"{os.fspath(path)}, after line {number}: expected more compressed "
                f"data ({error}). The file is damaged or incomplete; fetch it again."
            ) from error
