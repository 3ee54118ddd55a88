"""Labelled sequences from tables (TSV, CSV) and FASTA files."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from keras_motif._checks import listed, printable, quoted
from keras_motif.datasets._labelled_rows import LabelledRows
from keras_motif.datasets._lines import read_lines
from keras_motif.datasets.fasta import check_length, fasta_records
from keras_motif.datasets.labelled import LabelledSequences

__all__ = ["load_fasta", "load_table"]

Column: TypeAlias = str | int

_LONGEST_ROW = 2**26  # bytes; a window of a genome has some thousand


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
    measured: bool | None = None,
) -> LabelledSequences:
    r"""Read labelled sequences from a table: TSV, CSV or the like.

    Columns are given by their names in the first line, or all by their numbers, from
    0, in a file without such a line. Lines that begin with "#" and blank lines are
    skipped. Letters read as in `read_fasta`.

    Labels come in one of three ways:

    - `labels=["MAX", "SP1"]`: a column per label, 0 or 1, or measured values;
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
        measured: Whether columns of labels hold measured values, such as activities,
            nothing or NA where there is none. None takes them so where one has a
            fraction or is missing; whole numbers alone must then be 0 or 1.

    Returns:
        Sequences, labels, names, and groups numbered in the order of the file.
        Measured labels are float32, NaN where missing.

    Raises:
        ValueError: A column that doesn't exist, a line with another number of
            columns, a label that is not 0 or 1, no finite number, or not among
            `label_names`, letters that are not DNA's, different lengths, no sequence,
            damaged compressed data. Holds the file's name and the line.
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
    if measured and not many:
        raise ValueError(
            "`measured=True` needs a column for each value: `labels=[...]`. Received "
            f"`labels` {labels!r}."
        )
    rows = LabelledRows(path, separator, length, measured)
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
    rows = LabelledRows(path, separator, length)
    for record in fasta_records(path):
        words = record.description.split(maxsplit=1)
        rows.add(record.line, record.sequence.encode(), words[0] if words else "")
    return rows.finish(label_names)


def _check_columns(columns: list[Column], label_columns: list[Column]) -> None:
    if not label_columns:
        raise ValueError("`labels` must name at least one column. Received none.")
    kinds = {isinstance(column, str) for column in columns}
    if len(kinds) > 1:
        raise TypeError(
            "`sequence`, `labels` and `group` must all be names of columns, or all "
            "numbers, from 0, in a file without a line of names. Received "
            f"{listed(map(repr, columns))}."
        )


def _find_columns(columns: list[Column], fields: list[str], where: str) -> list[int]:
    """Return the places of the columns in a line of names, or of data."""
    indices = []
    for column in columns:
        if isinstance(column, str):
            if fields.count(column) != 1:
                raise ValueError(
                    f"{where}: expected one column {column!r}. The "
                    f"columns are {listed(fields)}. In a file without a line "
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
    for number, raw in enumerate(read_lines(path, _LONGEST_ROW), start=1):
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
                f"quotes closed in the same line ({printable(str(error))}). Received "
                f"{quoted(line, 40)}."
            ) from error
