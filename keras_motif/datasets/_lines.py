"""Lines of text files, plain or compressed."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from keras_motif.motifs import file_kinds

__all__ = ["LONGEST_LINE", "check_readable", "read_lines"]

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_BLOCK = 2**18  # bytes read at a time
LONGEST_LINE = 2**30  # of a chromosome on one line; those known stay below
# Real sequences shrink to a quarter, those of N alone to a thousandth.
_HARMLESS_BYTES = 2**24  # what any compressed file may unpack to,
_EXPANSION = 200  # and a larger one, as a multiple of what was read of it


def check_readable(path: str | os.PathLike[str]) -> None:
    """Raise now what opening the file would raise later.

    Raises:
        OSError: The file is missing or cannot be opened.
    """
    Path(path).open("rb").close()


def read_lines(
    path: str | os.PathLike[str], most: int = LONGEST_LINE
) -> Iterator[bytes]:
    """Yield a file's lines with their ends, one at a time.

    Memory depends on the longest line alone.

    Args:
        path: The file, also compressed by gzip (or bgzip) whatever its name.
        most: Length of the longest line that can be, in bytes.

    Yields:
        Bytes; a byte-order mark before the first line is left out.

    Raises:
        ValueError: Compressed data that are damaged or end too early, or that
            unpack to very much more than themselves; a line that is too long.
        OSError: The file is missing or cannot be opened.
    """
    number = 0
    with Path(path).open("rb") as raw:
        compressed = raw.read(2) == _GZIP
        raw.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
        blocks = _blocks(stream, raw if compressed else None, os.fspath(path))
        try:
            for number, line in enumerate(_split(blocks, most, path), start=1):
                yield line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(
                f"{os.fspath(path)}, after line {number}: expected more compressed "
                f"data ({error}). The file is damaged or incomplete; fetch it again."
            ) from error


def _blocks(stream: BinaryIO, packed: BinaryIO | None, path: str) -> Iterator[bytes]:
    """Yield a stream's content; stop where packed content unpacks without bound."""
    total = 0
    while block := stream.read(_BLOCK):
        if not total:
            file_kinds.check_text(
                block[: file_kinds.HEAD_BYTES], path, "sequences, regions or a table"
            )
        total += len(block)
        read = total if packed is None else packed.tell()
        if total > max(_HARMLESS_BYTES, _EXPANSION * read):
            raise ValueError(
                f"{path}: expected sequences. Received a compressed file that unpacks "
                f"to more than {_EXPANSION} times its size, {total:,} bytes so far, "
                "nearly all of it the same. If it is meant so, unpack it first."
            )
        yield block


def _split(
    blocks: Iterator[bytes], most: int, path: str | os.PathLike[str]
) -> Iterator[bytes]:
    """Yield the lines of blocks, each with its end."""
    parts: list[bytes] = []  # of a line that goes on in the next block
    length = number = 0
    for block in blocks:
        first, *others = block.split(b"\n")
        parts.append(first)
        length += len(first)
        if others:
            yield b"".join(parts) + b"\n"
            number += len(others)
            for line in others[:-1]:
                yield line + b"\n"
            parts, length = [others[-1]], len(others[-1])
        if length > most:
            raise ValueError(
                f"{os.fspath(path)}, line {number + 1}: expected a line of at most "
                f"{most:,} bytes. Received a longer one. Is this a text file of "
                "sequences?"
            )
    if length:
        yield b"".join(parts)
