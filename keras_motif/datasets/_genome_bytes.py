"""Bytes of a file by their place, plain or compressed by bgzip, in any thread."""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["BgzipBytes", "PlainBytes", "open_bytes"]

_BGZIP = b"\x1f\x8b\x08\x04"
_GZIP = b"\x1f\x8b"
_HEADER, _FOOTER = 18, 8  # bytes of a block
_MOST_KEPT = 256  # unpacked blocks of 64 KiB


class PlainBytes:
    """A file whose bytes are read where they lie: nothing is shared, no place kept.

    So threads, and processes that were forked, may read at once; a copy that was
    pickled opens the file anew.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor: int | None = None
        self._lock = threading.Lock()

    def read(self, start: int, num: int) -> bytes:
        """Return `num` bytes from a place on, fewer at the end of the file."""
        with self._lock:
            if self._descriptor is None:
                self._descriptor = os.open(self.path, os.O_RDONLY)
        parts = []
        while num > 0 and (part := os.pread(self._descriptor, num, start)):
            parts.append(part)
            start, num = start + len(part), num - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]

    def __del__(self) -> None:
        if getattr(self, "_descriptor", None) is not None:
            os.close(self._descriptor)  # type: ignore[arg-type]


class BgzipBytes(PlainBytes):
    """The unpacked bytes of a file of bgzip's blocks, each of which unpacks alone.

    Raises:
        ValueError: A block that is none, or that is damaged.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._packed, self._unpacked = self._blocks()

    def read(self, start: int, num: int) -> bytes:
        """Return `num` unpacked bytes from a place on, fewer at the end."""
        first = int(np.searchsorted(self._unpacked, start, side="right")) - 1
        parts, stop = [], start + num
        for index in range(first, len(self._unpacked) - 1):
            begin = int(self._unpacked[index])
            if begin >= stop:
                break
            parts.append(self._block(index)[max(0, start - begin) : stop - begin])
        return b"".join(parts)

    def _blocks(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Return where blocks begin, packed and unpacked, with the end of the last."""
        packed, unpacked = [0], [0]
        size = Path(self.path).stat().st_size
        while packed[-1] < size:
            head = super().read(packed[-1], _HEADER)
            if len(head) < _HEADER or head[:4] != _BGZIP or head[12:14] != b"BC":
                self._fail(packed[-1])
            length = struct.unpack("<H", head[16:18])[0] + 1
            end = packed[-1] + length
            if end > size or length < _HEADER + _FOOTER:
                self._fail(packed[-1])
            (content,) = struct.unpack("<I", super().read(end - 4, 4))
            if content > 2**16:
                self._fail(packed[-1])
            packed.append(end)
            unpacked.append(unpacked[-1] + content)
        return np.array(packed), np.array(unpacked)

    def _block(self, index: int) -> bytes:
        with self._lock:
            if index in self._kept:
                self._kept.move_to_end(index)
                return self._kept[index]
        start, stop = int(self._packed[index]), int(self._packed[index + 1])
        data = super().read(start + _HEADER, stop - start - _HEADER - _FOOTER)
        size = int(self._unpacked[index + 1] - self._unpacked[index])
        try:
            block = zlib.decompressobj(-15).decompress(data, size + 1)
        except zlib.error:
            self._fail(start)
        if len(block) != size:
            self._fail(start)
        with self._lock:
            self._kept[index] = block
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return block

    def _fail(self, place: int) -> Any:
        raise ValueError(
            f"{self.path}: expected a block of bgzip at byte {place:,}. Received "
            "something else; the file is cut short or damaged. Fetch or compress it "
            "again."
        )


def open_bytes(path: str) -> PlainBytes:
    """Return the bytes of a file that is plain, or compressed by bgzip.

    Raises:
        ValueError: A file compressed by gzip, in which no place can be found.
        OSError: The file is missing or cannot be opened.
    """
    plain = PlainBytes(path)
    head = plain.read(0, _HEADER)
    if head[:2] != _GZIP:
        return plain
    if head[:4] != _BGZIP or head[12:14] != b"BC":
        raise ValueError(
            f"{path}: expected a genome as plain FASTA, compressed by bgzip, or 2bit. "
            "Received one compressed by gzip, which can only be read from its "
            "beginning. Unpack it (`gunzip`), and compress it by `bgzip` if you like."
        )
    return BgzipBytes(path)
