"""HDF5 files, read as if they came from a stranger.

Imports h5py when it is first needed: most of what reads motifs needs none.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from keras_motif._checks import listed
from keras_motif.motifs._hdf5_checks import check_declared, check_heaps
from keras_motif.motifs.binary_files import check_size, one_line, reading

__all__ = ["Hdf5File", "StoredArray", "open_hdf5"]

Array = np.ndarray[Any, Any]

_FILE = "an HDF5 file"
_NUMBERS = "a data set of numbers"
_MOST_ITEMS = 2**17  # of an attribute
_MOST_LINKS = 16  # on the way to a data set, as in HDF5 itself


class StoredArray:
    """A data set of numbers that declares no more than its file could hold.

    Args:
        dataset: The `h5py.Dataset`.
        place: The file and the data set's name, for messages; None looks them up.
        elsewhere: Whether its values may lie in other files.

    Attributes:
        dataset: What was passed.
        shape: Its shape.
        dtype: Its type.
        chunks: Shape of its chunks, or None.
        nbytes: Its size when unpacked.
        place: See above.

    Raises:
        ValueError: It holds no numbers, or declares too much.
    """

    def __init__(
        self, dataset: Any, place: str | None = None, *, elsewhere: bool = False
    ) -> None:
        with reading(place or "`sequences`", _NUMBERS, "Is its file open and whole?"):
            self.place = place or one_line(f"{dataset.file.filename}, {dataset.name}")
            self.dataset = dataset
            self.dtype = dataset.dtype
            shape: tuple[int, ...] | None = dataset.shape
            self.chunks: tuple[int, ...] | None = dataset.chunks
        if self.dtype.kind not in "biuf" or shape is None:
            kind = one_line(str(self.dtype)) if shape is not None else "none"
            raise ValueError(f"{self.place}: expected {_NUMBERS}. Received {kind}.")
        self.shape = shape
        self.nbytes = check_declared(dataset, self.place, elsewhere=elsewhere)

    def __getitem__(self, key: Any) -> Array:
        """Return a part.

        Raises:
            ValueError: The file is damaged.
        """
        with reading(self.place, _NUMBERS):
            return np.asarray(self.dataset[key])

    def require(self, shape: Sequence[int | None], most: int | None = None) -> None:
        """Raise unless it has some shape.

        Args:
            shape: Numbers, None where any will do.
            most: Largest number of values.

        Raises:
            ValueError: Another shape, or more values.
        """
        fits = len(self.shape) == len(shape) and all(
            wanted in (None, held)
            for wanted, held in zip(shape, self.shape, strict=True)
        )
        if not fits or (most is not None and math.prod(self.shape) > most):
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            limit = "" if most is None else f" and at most {most:,} values"
            raise ValueError(
                f"{self.place}: expected an array of shape ({wanted}){limit}. "
                f"Received shape {self.shape}."
            )


class Hdf5File:
    """An open HDF5 file.

    Links out of the file are not followed, and nothing but numbers and names is
    read. Every method raises a `ValueError` with the file and the place where
    something is missing, damaged or of another kind.

    Args:
        file: The `h5py.File`.
        path: What messages call it.
    """

    def __init__(self, file: Any, path: str) -> None:
        self._file = file
        self.path = path

    def names(self, group: str = "/") -> list[str]:
        """Return the names in a group, in the order of HDF5."""
        import h5py

        node = self._node(group)
        if not isinstance(node, h5py.Group):
            raise ValueError(
                f"{self._place(group)}: expected a group. Received a data set."
            )
        with reading(self._place(group), "a group"):
            return [_text(name) for name in node]

    def dataset_names(self) -> list[str]:
        """Return the paths of all data sets; what is linked twice has one."""
        import h5py

        found: list[str] = []

        def collect(name: str, node: Any) -> None:
            if isinstance(node, h5py.Dataset):
                found.append(_text(name))

        with reading(self.path, _FILE):
            self._file.visititems(collect)
        return found

    def numbers(self, name: str) -> StoredArray:
        """Return a data set of numbers by its path."""
        import h5py

        node = self._node(name)
        if not isinstance(node, h5py.Dataset):
            raise ValueError(
                f"{self._place(name)}: expected {_NUMBERS}. Received a "
                f"{type(node).__name__}."
            )
        return StoredArray(node, self._place(name))

    def has_attribute(self, name: str) -> bool:
        """Return whether the file has an attribute."""
        with reading(f"{self.path}, attribute {name}", "a name"):
            return name in self._file.attrs

    def attribute(self, name: str, kind: type[str] | type[int]) -> list[Any]:
        """Return the values of an attribute of the file; none if it lacks it.

        Args:
            name: Of the attribute.
            kind: What each value must be, `str` or `int`.
        """
        place, expected = f"{self.path}, attribute {name}", f"some of {kind.__name__}"
        if not self.has_attribute(name):
            return []
        with reading(place, expected):
            shape = self._file.attrs.get_id(name).shape or ()
        if math.prod(shape) > _MOST_ITEMS:
            raise ValueError(
                f"{place}: expected at most {_MOST_ITEMS:,} values. Received {shape}."
            )
        check_heaps(self._file.filename, place)
        with reading(place, expected):
            value = self._file.attrs[name]
            values = [
                item.decode(errors="replace") if isinstance(item, bytes) else item
                for item in np.ravel(np.asarray(value)).tolist()
            ]
        if not all(type(item) is kind for item in values):
            raise ValueError(
                f"{place}: expected {expected}. Received {one_line(repr(value))}."
            )
        return values

    def check_all(self) -> int:
        """Check each data set, for a reader that trusts them, and every link.

        Returns:
            Their size when unpacked, in bytes.

        Raises:
            ValueError: A link out of the file, or data sets of any type that
                declare more than the file could hold, each or all together.
        """
        import h5py

        links: dict[str, Any] = {}
        with reading(self.path, _FILE):
            self._file.visititems_links(
                lambda name, link: links.update({_text(name): link})
            )
        for name, link in links.items():
            if not isinstance(link, h5py.HardLink):
                self._refuse_link(name)
        declared = sum(
            check_declared(self._node(name), self._place(name))
            for name in self.dataset_names()
        )
        with reading(self.path, _FILE):
            file_bytes = int(self._file.id.get_filesize())
        check_size(declared, file_bytes, self.path)
        return declared

    def _node(self, name: str, start: Any = None, depth: int = 0) -> Any:
        """Return what lies at a path, without leaving the file."""
        import h5py

        node = self._file if start is None or name.startswith("/") else start
        for part in filter(None, name.split("/")):
            with reading(self._place(name), "a group"):
                link = node.get(part, getlink=True)
                held = [] if link is not None else list(node)
            if link is None:
                raise ValueError(
                    f"{self.path}: expected {one_line(name)}. {one_line(part)} is "
                    f"missing; {one_line(str(node.name))} holds "
                    f"{listed(held) or 'nothing'}."
                )
            if isinstance(link, h5py.SoftLink) and depth < _MOST_LINKS:
                node = self._node(link.path, node, depth + 1)
                continue
            if not isinstance(link, h5py.HardLink):
                self._refuse_link(name)
            with reading(self._place(name), "a group or a data set"):
                node = node[part]
        return node

    def _refuse_link(self, name: str) -> None:
        raise ValueError(
            f"{self._place(name)}: expected data in this file. Received a link that "
            "leads elsewhere; copy what it leads to into this file."
        )

    def _place(self, name: str) -> str:
        return self.path if name == "/" else f"{self.path}, {one_line(name)}"


@contextmanager
def open_hdf5(
    path: str | os.PathLike[str], expected: str = _FILE, fix: str = "Is it complete?"
) -> Iterator[Hdf5File]:
    """Open an HDF5 file to read.

    Args:
        path: The file.
        expected: What it should be, for messages.
        fix: What to do where it is none.

    Yields:
        The file.

    Raises:
        ValueError: It is not HDF5, or damaged or incomplete.
        OSError: The file is missing or cannot be opened.
    """
    import h5py

    Path(path).open("rb").close()  # raises what Python raises
    with reading(os.fspath(path), expected, fix):
        file = h5py.File(path, "r")
    try:
        yield Hdf5File(file, os.fspath(path))
    finally:
        file.close()


def _text(name: str | bytes) -> str:
    """Return a name; h5py gives those that are no UTF-8 as bytes."""
    return name if isinstance(name, str) else name.decode(errors="replace")
