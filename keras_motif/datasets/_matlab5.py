"""Arrays of numbers in files of MATLAB 5 to 7, measured before they are read."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from keras_motif.motifs import binary_files

__all__ = ["Matlab5File"]

Array = np.ndarray[Any, Any]

_EXPECTED = "a file of MATLAB 5 to 7, as in the bundle"
_HEADER_BYTES = 128
_VERSIONS = {b"\x00\x01IM": "little", b"\x01\x00MI": "big"}  # behind byte 124
_COMPRESSED = 15  # the type of an element that holds another, by zlib
_NUMBERS = {
    "logical": 1,
    "int8": 1,
    "uint8": 1,
    "int16": 2,
    "uint16": 2,
    "int32": 4,
    "uint32": 4,
    "int64": 8,
    "uint64": 8,
    "single": 4,
    "double": 8,
}  # MATLAB's classes of numbers, and bytes of each
_STEP = 2**20  # bytes unpacked at a time


class Matlab5File:
    """The variables of a file, which scipy reads once they were measured.

    Args:
        path: The file.

    Attributes:
        shapes: The shape of each variable.

    Raises:
        ValueError: Another kind of file, a damaged one, or one that unpacks to far
            more than its size.
        OSError: The file is missing or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        import scipy.io

        self._path = path
        self._check_unpacked()
        with binary_files.reading(os.fspath(path), _EXPECTED):
            rows = [
                (str(name), tuple(map(int, shape)), str(kind))
                for name, shape, kind in scipy.io.whosmat(path)
            ]
        self.shapes = {name: shape for name, shape, _ in rows}
        self._kinds = {name: kind for name, _, kind in rows}

    def load(self, name: str) -> Array:
        """Return a variable.

        Raises:
            ValueError: It is no array of numbers, or damaged.
        """
        import scipy.io

        place, expected = f"{self._path}, {name}", "an array of numbers"
        if self._kinds[name] not in _NUMBERS:
            raise ValueError(
                f"{place}: expected {expected}. Received "
                f"{binary_files.one_line(self._kinds[name])}."
            )
        declared = _NUMBERS[self._kinds[name]]
        for size in self.shapes[name]:
            declared *= size
        binary_files.check_size(declared, self._path.stat().st_size, place)
        with binary_files.reading(place, expected):
            content = scipy.io.loadmat(self._path, variable_names=[name])
            array = np.asarray(content[name])
        if array.dtype.kind not in "biuf" or array.shape != self.shapes[name]:
            raise ValueError(
                f"{place}: expected {expected} of shape {self.shapes[name]}. Received "
                f"{array.dtype} of shape {array.shape}. Is it complete?"
            )
        return array

    def _check_unpacked(self) -> None:
        """Raise unless each element unpacks to what the file may hold."""
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            with binary_files.reading(os.fspath(self._path), _EXPECTED):
                order = _VERSIONS[file.read(_HEADER_BYTES)[-4:]]
            for position, kind, length in _elements(file, order, size):
                if kind != _COMPRESSED:
                    continue
                place = f"{self._path}, byte {position:,}"
                with binary_files.reading(place, _EXPECTED):
                    unpacked = _unpacked_size(file, length)
                binary_files.check_size(unpacked, size, place)


def _elements(file: BinaryIO, order: Any, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield position, type and length of each element, the file at its content."""
    position = _HEADER_BYTES
    while position + 8 <= size:
        file.seek(position)
        tag = file.read(8)
        kind, length = (int.from_bytes(tag[i : i + 4], order) for i in (0, 4))
        yield position, kind, length
        position += 8 + length


def _unpacked_size(file: BinaryIO, length: int) -> int:
    """Return how many bytes the next ones of a file unpack to, none of them kept."""
    unpacker, total = zlib.decompressobj(), 0
    while length > 0 and not unpacker.eof:
        packed = file.read(min(length, _STEP))
        if not packed:
            break
        length -= len(packed)
        while packed and not unpacker.eof:
            total += len(unpacker.decompress(packed, _STEP))
            packed = unpacker.unconsumed_tail
    return total
