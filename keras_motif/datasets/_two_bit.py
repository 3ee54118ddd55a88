"""Genomes in UCSC's 2bit format, read piece by piece.

py2bit ends the process on some damaged files, so the format is read here.
Source: UCSC's description of the .2bit format.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from keras_motif._checks import printable
from keras_motif.datasets._genome_bytes import PlainBytes

__all__ = ["TWO_BIT_MARKS", "TwoBit"]

Array = np.ndarray[Any, Any]

_MARK = 0x1A412743
TWO_BIT_MARKS = (_MARK.to_bytes(4, "big"), _MARK.to_bytes(4, "little"))
_MOST_RECORDS = 2**24
_BASES = np.frombuffer(b"TCAG", dtype=np.uint8)
# The four bases of each byte, the first in its highest bits.
_QUARTETS = _BASES[(np.arange(256)[:, None] >> np.array([6, 4, 2, 0])) & 3]


class _Record(NamedTuple):
    """Where a chromosome lies, and which of its bases are unknown."""

    length: int
    place: int  # of its packed bases
    starts: Array  # of runs of N, in order
    ends: Array


class TwoBit:
    """The records of a 2bit file.

    Args:
        path: The file.

    Attributes:
        lengths: Dict of name -> length, in the file's order.

    Raises:
        ValueError: A damaged file, or one of another version.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._content = PlainBytes(path)
        self._size = Path(path).stat().st_size
        head = self._bytes(0, 16)
        self._order = "<" if head[:4] == TWO_BIT_MARKS[1] else ">"
        _, version, num, _ = struct.unpack(f"{self._order}4I", head)
        if version not in (0, 1):
            self._fail(f"version 0 or 1. Received {version}")
        self._records: dict[str, _Record] = {}
        for name, place in self._index(num, version):
            if name in self._records:
                self._fail(f"each name once. {printable(name)} stands there twice")
            self._records[name] = self._record(place)
        self.lengths = {name: rec.length for name, rec in self._records.items()}

    def read(self, name: str, start: int, end: int) -> bytes:
        """Return a piece of a chromosome in capitals A C G T N."""
        record = self._records[name]
        first = start // 4
        packed = self._bytes(record.place + first, -(-end // 4) - first)
        quartets = _QUARTETS[np.frombuffer(packed, dtype=np.uint8)].reshape(-1)
        letters: Array = quartets[start - 4 * first : end - 4 * first]
        before = int(np.searchsorted(record.ends, start, side="right"))
        behind = int(np.searchsorted(record.starts, end))
        for index in range(before, behind):
            begin = max(int(record.starts[index]) - start, 0)
            letters[begin : int(record.ends[index]) - start] = ord("N")
        return bytes(letters)

    def _index(self, num: int, version: int) -> list[tuple[str, int]]:
        """Return the names of all records, and where they lie."""
        width = 8 if version else 4
        if num == 0 or num > min(_MOST_RECORDS, self._size // (width + 1)):
            self._fail(f"as many records as its size can hold. It says {num:,}")
        content = self._bytes(16, min(num * (256 + width), self._size - 16))
        found, at = [], 0
        for _ in range(num):
            length = content[at] if at < len(content) else 0
            stop = at + 1 + length
            if not length or stop + width > len(content):
                self._fail("names of records. They end too early")
            name = content[at + 1 : stop].decode("utf-8", "replace")
            (place,) = struct.unpack(
                f"{self._order}{'Q' if version else 'I'}", content[stop : stop + width]
            )
            found.append((name, place))
            at = stop + width
        return found

    def _record(self, place: int) -> _Record:
        length, num = struct.unpack(f"{self._order}2I", self._bytes(place, 8))
        starts, ends = self._runs(place + 8, num)
        at = place + 8 + 8 * num
        (num_masked,) = struct.unpack(f"{self._order}I", self._bytes(at, 4))
        at += 4 + 8 * num_masked + 4
        inside = not len(ends) or (
            ends[-1] <= length and bool((starts[1:] >= ends[:-1]).all())
        )
        if not inside or at + -(-length // 4) > self._size:
            self._fail("records within the file, with runs of N in order")
        return _Record(length, at, starts, ends)

    def _runs(self, place: int, num: int) -> tuple[Array, Array]:
        if place + 8 * num > self._size:
            self._fail("runs of N within the file")
        kind = np.dtype(f"{self._order}u4")
        values = np.frombuffer(self._bytes(place, 8 * num), dtype=kind).astype(np.int64)
        return values[:num], values[:num] + values[num:]

    def _bytes(self, start: int, num: int) -> bytes:
        content = self._content.read(start, num)
        if len(content) != num:
            self._fail("more bytes. It ends too early")
        return content

    def _fail(self, expected: str) -> NoReturn:
        raise ValueError(
            f"{self._path}: expected a whole 2bit file, with {expected}. The file is "
            "damaged or incomplete; fetch it again."
        )
