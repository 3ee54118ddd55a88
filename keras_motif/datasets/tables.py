"""Labelled sequences from tables (TSV, CSV) and FASTA files."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, TypeAlias

import numpy as np

from keras_motif.datasets._letters import (
    INVALID,
    LETTERS,
    centred,
    read_letters,
    without_blanks,
)
from keras_motif.datasets._lines import read_lines
from keras_motif.datasets.fasta import check_length, fasta_records
from keras_motif.datasets.labelled import LabelledSequences
from keras_motif.sequences import one_hot

__all__ = ["load_fasta", "load_table"]

Array = np.ndarray[Any, Any]
Column: TypeAlias = str | int
Cell: TypeAlias = str | tuple[str, ...]

_FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
_BATCH = 4096  # sequences encoded at a time


def load_table(
    path: str | os.PathLike[str],
    *,
    sequence: Column = "sequence",
    labels: Column | Sequence[Column],
    label_names: Sequence[str] | None = None,
    separator: str = ",",
    group: Column | None = None,
    delimiter: str | None = None,
    length: int | None = None,
) -> LabelledSequences:
    r"""Read labelled sequences from a table: TSV, CSV or the like.

    Columns are given by their names in the first line, or all by their numbers, from
    0, in a file without such a line. Lines that begin with "#" and blank lines are
    skipped. Letters read as in `read_fasta`.

    Labels come in one of three ways:

    - `labels=["MAX", "SP1"]`: a column per label, 0 or 1;
    - `labels="factors"`: one column, the names of a sequence's labels with
      `separator` between them, nothing where it has none;
    - `labels="bits", separator=""`: one column, a 0 or 1 per label, as "0110".

    Args:
        path: The file, also compressed by gzip whatever its name.
        sequence: The column of the sequences.
        labels: The columns of labels, or the one that holds them all.
        label_names: The labels' names and order. None stands for the columns' names,
            for all names in the one column, sorted, or for "0", "1", ...
        separator: Between names in one column; "" reads it as a row of 0 and 1.
        group: The column that says which sequences belong together, as windows
            that overlap do; see `split_data`. Any text.
        delimiter: Between columns. None stands for a tab if the first line has one,
            else for a comma.
        length: Bases per sequence: longer ones are cut about their centres, shorter
            ones padded with N on both sides. None takes them as they are; they must
            then all have one length.

    Returns:
        Sequences, labels, names, and groups numbered in the order of the file.

    Raises:
        ValueError: A column that doesn't exist, a line with another number of
            columns, a label that is not 0 or 1 or not among `label_names`, letters
            that are not DNA's, different lengths, no sequence, damaged compressed
            data. Holds the file's name and the line.
        TypeError: Columns given partly by name and partly by number.
        OSError: The file is missing or cannot be opened.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "two.csv")
        ...     _ = path.write_text('sequence,factors\nGATTA,"SP1,MAX"\nACGTT,\n')
        ...     data = load_table(path, labels="factors")
        >>> data.x.shape, data.label_names, data.y.tolist()
        ((2, 5, 4), ('MAX', 'SP1'), [[1, 1], [0, 0]])
    """
    check_length(length)
    many = not isinstance(labels, str | int)
    label_columns = list(labels) if not isinstance(labels, str | int) else [labels]
    columns = [sequence, *label_columns, *([] if group is None else [group])]
    _check_columns(columns, label_columns)
    rows = _Rows(path, separator, length)
    indices: list[int] | None = None
    width = 0
    for number, fields in _split_lines(path, delimiter):
        if indices is None:
            where = f"{os.fspath(path)}, line {number}"
            indices = _find_columns(columns, fields, where)
            width = len(fields)
            if isinstance(sequence, str):
                continue
        if len(fields) != width:
            raise ValueError(
                f"{os.fspath(path)}, line {number}: expected {width} columns as in the "
                f"first line. Received {len(fields)}."
            )
        chosen = [fields[index] for index in indices]
        cells = chosen[1 : 1 + len(label_columns)]
        rows.add(
            number,
            chosen[0].encode("utf-8"),
            tuple(cells) if many else cells[0],
            None if group is None else chosen[-1],
        )
    if label_names is None and many:
        label_names = [str(column) for column in label_columns]
    return rows.finish(label_names)


def load_fasta(
    path: str | os.PathLike[str],
    *,
    label_names: Sequence[str] | None = None,
    separator: str = ",",
    length: int | None = None,
) -> LabelledSequences:
    r"""Read labelled sequences from a FASTA file: ">name label,label".

    The second word of a header holds the sequence's labels; a header without one
    means none. Letters read as in `read_fasta`.

    Args:
        path: The file, also compressed by gzip whatever its name.
        label_names: The labels' names and order. None stands for all names in the
            file, sorted.
        separator: Between names; "" reads the word as a 0 or 1 per label.
        length: See `load_table`.

    Returns:
        Sequences, labels and names, without groups.

    Raises:
        ValueError: What `read_fasta` raises; a label that is not among
            `label_names`; different lengths.
        OSError: The file is missing or cannot be opened.

    Example:
        >>> import tempfile, pathlib
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "two.fa")
        ...     _ = path.write_text(">a SP1,MAX\nGATTA\n>b\nACGTT\n")
        ...     load_fasta(path).y.tolist()
        [[1, 1], [0, 0]]
    """
    check_length(length)
    rows = _Rows(path, separator, length)
    for record in fasta_records(path):
        words = record.description.split(maxsplit=1)
        rows.add(record.line, record.sequence.encode(), words[0] if words else "")
    return rows.finish(label_names)


class _Rows:
    """Sequences, labels and groups, collected line by line.

    A table repeats few combinations of labels, so each is read once.
    """

    def __init__(
        self, path: str | os.PathLike[str], separator: str, length: int | None
    ) -> None:
        self._path = os.fspath(path)
        self._separator = separator
        self._length = length
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
        vectors = np.zeros((len(self._cells), len(names)), dtype=np.int8)
        for cell, (number, line) in self._cells.items():
            flags = [_FLAGS.get(flag.strip().lower(), -1) for flag in cell]
            if len(flags) != len(names) or -1 in flags:
                self._fail(
                    line,
                    f"expected {len(names)} labels, each 0 or 1, of "
                    f"{', '.join(names)}. Received {_shown(cell)}.",
                )
            vectors[number] = flags
        return names, vectors

    def _named(
        self, label_names: Sequence[str] | None
    ) -> tuple[tuple[str, ...], Array]:
        parts = {
            cell: [part.strip() for part in str(cell).split(self._separator)]
            for cell in self._cells
        }
        found = {name for listed in parts.values() for name in listed if name}
        if label_names is None and found and found <= set(_FLAGS):
            self._fail(
                self._first_line,
                f"expected names of labels. Received {', '.join(sorted(found))}. For a "
                "column of 0 and 1 pass a list, `labels=[...]`; for one of several 0 "
                'and 1 pass `separator=""`.',
            )
        names = _checked_names(sorted(found) if label_names is None else label_names)
        vectors = np.zeros((len(self._cells), len(names)), dtype=np.int8)
        places = {name: index for index, name in enumerate(names)}
        for cell, (number, line) in self._cells.items():
            for name in filter(None, parts[cell]):
                if name not in places:
                    self._fail(
                        line,
                        f"expected labels among {', '.join(names)}. Received {name!r}.",
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


def _shown(cell: Cell) -> str:
    return repr(cell[:40]) if isinstance(cell, str) else ", ".join(cell)[:80]


def _checked_names(
    names: Sequence[str] | None, num_labels: int | None = None
) -> tuple[str, ...]:
    """Return the labels' names; "0", "1", ... where None are given."""
    if names is None:
        names = [str(index) for index in range(num_labels or 0)]
    if isinstance(names, str) or not names or len(set(names)) != len(names):
        raise ValueError(
            f"`label_names` must hold at least one name, each once. Received {names!r}."
        )
    return tuple(str(name) for name in names)


def _check_columns(columns: list[Column], label_columns: list[Column]) -> None:
    if not label_columns:
        raise ValueError("`labels` must name at least one column. Received none.")
    kinds = {isinstance(column, str) for column in columns}
    if len(kinds) > 1:
        raise TypeError(
            "`sequence`, `labels` and `group` must all be names of columns, or all "
            "numbers, from 0, in a file without a line of names. Received "
            f"{', '.join(map(repr, columns))}."
        )


def _find_columns(columns: list[Column], fields: list[str], where: str) -> list[int]:
    """Return the places of the columns in a line of names, or of data."""
    indices = []
    for column in columns:
        if isinstance(column, str):
            if fields.count(column) != 1:
                raise ValueError(
                    f"{where}: expected one column {column!r}. The "
                    f"columns are {', '.join(fields)[:200]}. In a file without a line "
                    "of names, give columns by their numbers, from 0."
                )
            indices.append(fields.index(column))
        elif 0 <= column < len(fields):
            indices.append(column)
        else:
            raise ValueError(
                f"{where}: expected a column number from 0 to "
                f"{len(fields) - 1}. Received {column}."
            )
    return indices


def _split_lines(
    path: str | os.PathLike[str], delimiter: str | None
) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the columns of each line that holds any."""
    for number, raw in enumerate(read_lines(path), start=1):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not line.strip() or line.startswith("#"):
            continue
        delimiter = delimiter or ("\t" if "\t" in line else ",")
        if '"' not in line:
            yield number, line.split(delimiter)
            continue
        try:
            yield number, next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise ValueError(
                f"{os.fspath(path)}, line {number}: expected one row of columns, "
                f"quotes closed in the same line ({error}). Received {line[:40]!r}."
            ) from error
