"""Arrays of numbers in files of MATLAB 5 to 7, measured before they are read.

SciPy reads such files too, but trusts what they declare: a damaged one can end the
process.

Source: MathWorks, "MAT-File Format", on files of level 5.
"""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import numpy as np

from keras_motif.motifs import binary_files

__all__ = ["Matlab5File"]

Array = np.ndarray[Any, Any]

_EXPECTED = "a file of MATLAB 5 to 7, as in the bundle"
_HEADER_BYTES = 128
_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"\x00\x01IM": "little",
    b"\x01\x00MI": "big",
}  # by the last bytes of the header
_MATRIX, _COMPRESSED = 14, 15  # types of elements
_STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}  # types of elements that hold numbers
_NUMBERS = range(6, 16)  # classes of arrays: double to uint64, logical among them
_COMPLEX = 0x800  # a flag beside the class
_MOST_LETTERS = 2**8  # bytes of a name, and of a shape
_STEP = 2**20  # bytes unpacked at a time
_PAD = 8  # bytes to whose multiple each part is filled up


class _Variable(NamedTuple):
    """What stands before an array's numbers.

    Attributes:
        name: Of the variable.
        shape: Of the array.
        dtype: Its numbers as they are stored; None where they are none.
        num_bytes: How many bytes they take.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    num_bytes: int


class Matlab5File:
    """The variables of a file.

    Args:
        path: The file.

    Attributes:
        names: Of the variables.

    Raises:
        ValueError: Another kind of file, or a damaged one.
        OSError: The file is missing or cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, tuple[int, _Variable]] = {}
        size = path.stat().st_size
        with path.open("rb") as file:
            with binary_files.reading(os.fspath(path), _EXPECTED):
                self._order = _ORDERS[file.read(_HEADER_BYTES)[-4:]]
            position = _HEADER_BYTES
            while position + _PAD <= size:
                with binary_files.reading(f"{path}, byte {position:,}", _EXPECTED):
                    element = _Element(file, position, self._order)
                    variable = element.variable()
                self._found[variable.name] = position, variable
                position = element.end
        self.names = [*self._found]

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a variable.

        Raises:
            ValueError: It is no array of numbers, or far larger than the file.
        """
        _, variable = self._found[name]
        place = f"{self._path}, {name}"
        if variable.dtype is None:
            raise ValueError(
                f"{place}: expected an array of numbers. Received another kind."
            )
        declared = math.prod(variable.shape) * variable.dtype.itemsize
        if declared != variable.num_bytes:
            raise ValueError(
                f"{place}: expected {declared:,} bytes for shape {variable.shape}. "
                f"Received {variable.num_bytes:,}. Is the file complete?"
            )
        binary_files.check_size(declared, self._path.stat().st_size, place)
        fix = "Use a computer with more."
        binary_files.check_memory(declared, place, fix)
        return variable.shape

    def load(self, name: str) -> Array:
        """Return a variable.

        Raises:
            ValueError: What `shape` raises, or a damaged file.
        """
        position, variable = self._found[name]
        shape = self.shape(name)
        numbers: Array = np.empty(math.prod(shape), variable.dtype)
        place = f"{self._path}, {name}"
        with (
            self._path.open("rb") as file,
            binary_files.reading(place, "an array of numbers"),
        ):
            element = _Element(file, position, self._order)
            element.variable()
            element.fill(numbers.view(np.uint8).data)
            element.check_end()
        return numbers.reshape(shape, order="F")


class _Element:
    """One variable's bytes, unpacked as they are read.

    Attributes:
        end: Where the next one begins.
    """

    def __init__(
        self, file: BinaryIO, position: int, order: Literal["little", "big"]
    ) -> None:
        file.seek(position)
        self._order = order
        self._file = file
        self._unpacker: Any = None
        self._packed = b""
        self._left = _PAD
        kind, length = self._numbers(2)
        self._left = length
        self.end = position + _PAD + length
        if kind == _COMPRESSED:
            self._unpacker = zlib.decompressobj()
            kind, _ = self._numbers(2)
        if kind != _MATRIX:
            raise ValueError(f"an element of type {kind}")

    def variable(self) -> _Variable:
        """Return what stands before the numbers, which come next."""
        flags = int.from_bytes(self._part()[:4], self._order)
        sizes = self._part()
        shape = tuple(
            int.from_bytes(sizes[at : at + 4], self._order, signed=True)
            for at in range(0, len(sizes), 4)
        )
        name = self._part().decode("ascii")
        if flags & 0xFF not in _NUMBERS or flags & _COMPLEX:
            return _Variable(name, shape, None, 0)
        if min(shape, default=-1) < 0:
            raise ValueError(f"an array of shape {shape}")
        kind, num_bytes, _ = self._tag()
        sign = "<" if self._order == "little" else ">"
        return _Variable(name, shape, np.dtype(sign + _STORED[kind]), num_bytes)

    def fill(self, view: memoryview) -> None:
        """Put the next bytes there."""
        done = 0
        while done < len(view):
            part = self._next(len(view) - done)
            if not part:
                raise ValueError("it ends too early")
            view[done : done + len(part)] = part
            done += len(part)

    def check_end(self) -> None:
        """Raise unless all was read, with the right sum of what was packed."""
        rest = 0
        while rest < _PAD and (part := self._next(_PAD)):
            rest += len(part)
        if rest >= _PAD:
            raise ValueError("there is more behind it")

    def _part(self) -> bytes:
        """Return a small part of what stands before the numbers."""
        _, length, is_short = self._tag()
        if length > _MOST_LETTERS:
            raise ValueError(f"a name or a shape of {length} bytes")
        # Short parts lie within the eight bytes of their tag.
        padded = _PAD // 2 if is_short else -(-length // _PAD) * _PAD
        return self._bytes(padded)[:length]

    def _tag(self) -> tuple[int, int, bool]:
        """Return type and length of a part, and whether it is a short one."""
        (kind,) = self._numbers(1)
        if kind >> 16:
            return kind & 0xFFFF, min(kind >> 16, _PAD // 2), True
        return kind, self._numbers(1)[0], False

    def _numbers(self, num: int) -> list[int]:
        return [int.from_bytes(self._bytes(4), self._order) for _ in range(num)]

    def _bytes(self, num: int) -> bytes:
        content = bytearray(num)
        self.fill(memoryview(content))
        return bytes(content)

    def _next(self, most: int) -> bytes:
        """Return some of the next bytes; none at the end."""
        if self._unpacker is None:
            return self._read(most)
        while not self._unpacker.eof:
            part: bytes = self._unpacker.decompress(self._packed, min(most, _STEP))
            self._packed = self._unpacker.unconsumed_tail
            if part:
                return part
            if not self._packed:
                self._packed = self._read(_STEP)
                if not self._packed:
                    break
        return b""

    def _read(self, most: int) -> bytes:
        content = self._file.read(min(most, self._left, _STEP))
        self._left -= len(content)
        return content
