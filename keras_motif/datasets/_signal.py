"""Values of bigWig files over windows."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from keras_motif._checks import listed, quoted
from keras_motif.motifs import binary_files

__all__ = ["Signal"]


class Signal:
    """A bigWig file, through pybigtools; opened anew in each process.

    Raises:
        ValueError: A file that is no bigWig file.
        ImportError: pybigtools isn't installed.
        OSError: The file is missing or cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._lock = threading.Lock()
        self._file: Any = None
        self._process = 0
        Path(path).open("rb").close()  # raises what Python raises
        _import()
        with _reading(self.path, "a bigWig file"):
            self.chromosomes: dict[str, int] = dict(self._open().chroms())

    def require(self, names: list[str]) -> None:
        """Raise unless the file knows a chromosome of each of these names."""
        missing = [name for name in names if name not in self.chromosomes]
        if len(missing) == len(names):
            raise ValueError(
                f"{self.path}: expected the chromosomes of the regions, "
                f"{listed(names)}. The file holds {listed(self.chromosomes)}; "
                f"{quoted(missing[0])} is missing. Are names written with chr in one "
                "and without in the other?"
            )

    def mean(self, name: str, start: int, end: int) -> float:
        """Return the mean value of a window; 0 where the file says nothing."""
        size = self.chromosomes.get(name, 0)
        first, last = max(start, 0), min(end, size)
        if first >= last:
            return 0.0
        with self._lock, _reading(self.path, "values of a bigWig file"):
            values = np.asarray(self._open().values(name, first, last, fillna=0))
        return float(np.nansum(values)) / (end - start)

    def _open(self) -> Any:
        if self._file is None or self._process != os.getpid():
            self._file = _import().open(self.path)
            self._process = os.getpid()
        return self._file

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]


@contextmanager
def _reading(path: str, expected: str) -> Iterator[None]:
    """Explain what pybigtools raises on a damaged file, Rust's panics too."""
    with binary_files.reading(path, expected):
        try:
            yield
        except BaseException as error:
            if type(error).__name__ == "PanicException":  # which is no Exception
                raise ValueError(str(error)) from error
            raise


def _import() -> Any:
    try:
        import pybigtools
    except ImportError as error:
        raise ImportError(
            "`signal` needs pybigtools, which is not installed. Run `pip install "
            '"keras-motif[genome]"`.'
        ) from error
    return pybigtools
