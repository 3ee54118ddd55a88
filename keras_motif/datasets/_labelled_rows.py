"""Sequences, labels and groups of a text file, collected line by line."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np

from keras_motif._checks import listed, quoted
from keras_motif.datasets._letters import (
    INVALID,
    LETTERS,
    centred,
    read_letters,
    without_blanks,
)
from keras_motif.datasets.labelled import LabelledSequences
from keras_motif.sequences import one_hot

__all__ = ["LabelledRows"]

Array = np.ndarray[Any, Any]
Cell: TypeAlias = str | tuple[str, ...]


_TRUTHS = {"false": 0.0, "true": 1.0}
_FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


_LARGEST = float(np.finfo(np.float32).max)
# What stands for "not measured".
_MISSING = {"", "na", "n/a", "nan", "null", "none", "."}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)


_MOST_LABELS = 4096  # that a file may name: a table of labels has a column for each
_BATCH = 4096  # sequences encoded at a time


class LabelledRows:
    """Sequences, labels and groups, collected line by line.

    A table repeats few combinations of labels, so each is read once.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        separator: str,
        length: int | None,
        measured: bool | None = False,
    ) -> None:
        self._path = os.fspath(path)
        self._separator = separator
        self._length = length
        self._measured = measured  # None: where a number with a fraction stands
        self._sequences: list[str] = []
        self._first_line = 0
        self._cells: dict[Cell, tuple[int, int]] = {}  # number, first line
        self._cell_numbers: list[int] = []
        self._groups: dict[str, int] = {}
        self._group_numbers: list[int] = []

    def add(
        self, line: int, written: bytes, cell: Cell, group: str | None = None
    ) -> None:
        sequence = read_letters(written)
        if INVALID in sequence or not sequence:
            self._fail_at_letter(line, written, sequence)
        sequence = centred(sequence, self._length)
        self._first_line = self._first_line or line
        if self._sequences and len(sequence) != len(self._sequences[0]):
            self._fail(
                line,
                f"expected sequences of one length, {len(self._sequences[0])} letters "
                f"as in line {self._first_line}. Received {len(sequence)}. To cut them "
                "about their centres, or pad them with N, pass `length=...`.",
            )
        self._sequences.append(sequence)
        known = self._cells.setdefault(cell, (len(self._cells), line))
        self._cell_numbers.append(known[0])
        if group is not None:
            number = self._groups.setdefault(group, len(self._groups))
            self._group_numbers.append(number)

    def finish(self, label_names: Sequence[str] | None) -> LabelledSequences:
        num = len(self._sequences)
        if not num:
            raise ValueError(
                f"{self._path}: expected labelled sequences. The file holds none."
            )
        names, vectors = self._labels(label_names)
        x = np.empty((num, len(self._sequences[0]), 4), dtype=np.int8)
        for start in range(0, num, _BATCH):
            rows = slice(start, start + _BATCH)
            x[rows] = one_hot(self._sequences[rows])
        groups = np.array(self._group_numbers) if self._groups else None
        return LabelledSequences(x, vectors[self._cell_numbers], names, groups)

    def _labels(
        self, label_names: Sequence[str] | None
    ) -> tuple[tuple[str, ...], Array]:
        """Return the names, and the labels of each combination that occurs."""
        first = next(iter(self._cells))
        if isinstance(first, str) and self._separator:
            return self._named(label_names)
        names = _checked_names(label_names, len(first))
        if isinstance(first, tuple) and self._are_measured():
            return names, self._values(names)
        vectors = np.zeros((len(self._cells), len(names)), dtype=np.int8)
        for cell, (number, line) in self._cells.items():
            flags = [_FLAGS.get(flag.strip().lower(), -1) for flag in cell]
            if len(flags) != len(names) or -1 in flags:
                fix = " For whole numbers that were measured pass `measured=True`."
                self._fail(
                    line,
                    f"expected {len(names)} labels, each 0 or 1, of "
                    f"{listed(names)}. Received {_shown(cell)}."
                    f"{fix if isinstance(cell, tuple) else ''}",
                )
            vectors[number] = flags
        return names, vectors

    def _are_measured(self) -> bool:
        """Return whether the cells hold measured values instead of 0 and 1."""
        if self._measured is not None:
            return self._measured
        texts = {text.strip().lower() for cell in self._cells for text in cell}
        # Whole numbers alone may be those of classes, or a slip of the pen.
        has_fractions = any(
            _NUMBER.fullmatch(text) and not float(text).is_integer() for text in texts
        )
        return has_fractions or bool(texts & _MISSING and texts & set(_FLAGS))

    def _values(self, names: tuple[str, ...]) -> Array:
        """Return the numbers of each combination that occurs, NaN where missing."""
        vectors = np.full((len(self._cells), len(names)), np.nan, dtype=np.float32)
        for cell, (number, line) in self._cells.items():
            if len(cell) != len(names):
                self._fail(line, f"expected {len(names)} values. Received {len(cell)}.")
            for place, text in enumerate(cell):
                word = text.strip().lower()
                if word in _MISSING:
                    continue
                found = _NUMBER.fullmatch(word)
                value = float(word) if found else _TRUTHS.get(word)
                if value is None or abs(value) > _LARGEST:
                    self._fail(
                        line,
                        f"expected a number for {quoted(names[place])}, or nothing or "
                        f"NA where it wasn't measured. Received {quoted(text, 40)}.",
                    )
                vectors[number, place] = value
        return vectors

    def _named(
        self, label_names: Sequence[str] | None
    ) -> tuple[tuple[str, ...], Array]:
        parts = {
            cell: [part.strip() for part in str(cell).split(self._separator)]
            for cell in self._cells
        }
        found = {name for listed in parts.values() for name in listed if name}
        if label_names is None and found and _are_numbers(found):
            self._fail(
                self._first_line,
                f"expected names of labels. Received {listed(sorted(found))}. For a "
                "column of 0 and 1, or of measured values, pass a list, "
                "`labels=[...]`; for one of several 0 "
                'and 1 pass `separator=""`.',
            )
        if label_names is None and len(found) > _MOST_LABELS:
            raise ValueError(
                f"{self._path}: expected at most {_MOST_LABELS:,} different labels. "
                f"Received {len(found):,}: {listed(sorted(found)[:3])}, ... Is it the "
                "right column? If so, pass `label_names=[...]`."
            )
        names = _checked_names(sorted(found) if label_names is None else label_names)
        vectors = np.zeros((len(self._cells), len(names)), dtype=np.int8)
        places = {name: index for index, name in enumerate(names)}
        for cell, (number, line) in self._cells.items():
            for name in filter(None, parts[cell]):
                if name not in places:
                    self._fail(
                        line,
                        f"expected labels among {listed(names)}. Received "
                        f"{quoted(name)}.",
                    )
                vectors[number, places[name]] = 1
        return names, vectors

    def _fail_at_letter(self, line: int, written: bytes, sequence: str) -> NoReturn:
        if not sequence:
            self._fail(line, "expected a sequence. Received none.")
        position = sequence.index(INVALID)
        letter = without_blanks(written)[position:].decode("utf-8", "replace")[0]
        self._fail(
            line,
            f"expected {LETTERS}. Received {letter!r} at position {position} of the "
            "sequence, counted from 0. Is it the right column?",
        )

    def _fail(self, line: int, message: str) -> NoReturn:
        raise ValueError(f"{self._path}, line {line}: {message}")


def _are_numbers(found: set[str]) -> bool:
    """Return whether these are 0 and 1, or numbers with fractions, and no names."""
    numbers = {text for text in found if _NUMBER.fullmatch(text)}
    has_fractions = any(not float(text).is_integer() for text in numbers)
    others = {text.lower() for text in found - numbers}
    return found <= set(_FLAGS) or (has_fractions and others <= _MISSING)


def _shown(cell: Cell) -> str:
    return quoted(cell, 40) if isinstance(cell, str) else listed(cell)


def _checked_names(
    names: Sequence[str] | None, num_labels: int | None = None
) -> tuple[str, ...]:
    """Return the labels' names; "0", "1", ... where None are given."""
    if names is None:
        names = [str(index) for index in range(num_labels or 0)]
    if isinstance(names, str) or not names or len(set(names)) != len(names):
        raise ValueError(
            "`label_names` must hold at least one name, each once. Received "
            f"{quoted(names, 200)}."
        )
    return tuple(str(name) for name in names)
