"""Files of labels: a table, an array, or a data set of an HDF5 file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_motif._checks import listed
from keras_motif.cli._inputs import split_dataset
from keras_motif.datasets import read_fasta
from keras_motif.datasets.opening import file_kind
from keras_motif.motifs import hdf5, npy

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FileLabels", "read_label_file"]

_DATASET = "Y_test"  # of the study's layout


class FileLabels(NamedTuple):
    """Labels, a row a sequence, and the names of their columns; None where unknown."""

    table: np.ndarray[Any, Any] | None
    names: list[str] | None


def read_label_file(name: str, sequences: Any) -> FileLabels:
    """Read the labels of sequences.

    Args:
        name: A table, tab- or comma-separated, a row per sequence, with or without
            names of its columns; where its first column is text, that names the
            records of a FASTA file, in any order. Or a `.npy` or `.npz` file, or an
            HDF5 file, with a data set's name behind a colon.
        sequences: What was opened of the sequences.

    Raises:
        ValueError: A file of another kind, cells that are no numbers, names that
            aren't those of the sequences.
        OSError: The file is missing or cannot be opened.
    """
    path, dataset = split_dataset(name)
    kind = file_kind(path)
    if kind == "HDF5":
        with hdf5.open_hdf5(path, "a whole HDF5 file") as file:
            names = {key.lower(): key for key in file.dataset_names()}
            key = names.get((dataset or _DATASET).lower())
            if key is None:
                raise ValueError(
                    f"{path}: expected labels, as the data set {dataset or _DATASET!r}."
                    f" The file holds {listed(names.values()) or 'nothing'}. Name one "
                    f"as `{path}:NAME`."
                )
            return FileLabels(np.asarray(file.numbers(key)[:]), None)
    if kind == "npy":
        return FileLabels(npy.load_array(path), None)
    if kind == "npz":
        return FileLabels(npy.load_array(path, dataset), None)
    return _of_table(path, sequences)


def _of_table(path: str, sequences: Any) -> FileLabels:
    import pandas as pd

    with Path(path).open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
    separator = "\t" if "\t" in first else ","
    cells = first.strip().split(separator)
    has_names = not all(_is_number(cell) for cell in cells[1:] or cells)
    try:
        table = pd.read_csv(path, sep=separator, header=0 if has_names else None)
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path}: expected a table of labels, tab- or comma-separated. It cannot "
            f"be read as one ({error})."
        ) from error
    names = _record_names(sequences)
    if len(table.columns) > 1 and _begins_with_names(table, names):
        table = _by_name(path, table, names)
    wrong = [
        str(column)
        for column in table
        if not pd.api.types.is_numeric_dtype(table[column])
    ]
    if wrong:
        raise ValueError(
            f"{path}: expected numbers, a row per sequence, behind a first column with "
            f"names of sequences or without. Received text in {listed(wrong)}."
        )
    whole = table.select_dtypes("integer").to_numpy()
    if ((whole != 0) & (whole != 1)).any():
        raise ValueError(
            f"{path}: expected classes, 0 or 1, a column each, or measured values. "
            f"Received the whole number {whole[(whole != 0) & (whole != 1)][0]}. Give "
            "each class a column; write counts with a decimal point, as 2.0."
        )
    columns = [str(column) for column in table] if has_names else None
    return FileLabels(table.to_numpy(), columns)


def _record_names(sequences: Any) -> list[str] | None:
    """Return the names of a FASTA file's records; None of other sequences."""
    if not isinstance(sequences, Path):
        return None
    # Records may have a description behind their names.
    return [(name.split() or [""])[0] for name, _ in read_fasta(sequences)]


def _begins_with_names(table: pd.DataFrame, names: list[str] | None) -> bool:
    """Tell whether the first column holds names: text, or the records' very names."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(table.iloc[:, 0]):
        return True
    return names is not None and {*table.iloc[:, 0].astype(str)} == {*names}


def _by_name(path: str, table: pd.DataFrame, names: list[str] | None) -> pd.DataFrame:
    """Return the rows in the order of a FASTA file's records."""
    if names is None:
        raise ValueError(
            f"{path}: expected numbers alone, since only a FASTA file's sequences have "
            f"names. Received text in the first column, {table.columns[0]!r}. Leave it "
            "out, with the rows in the order of the sequences."
        )
    first = table.iloc[:, 0].astype(str)
    table = table.iloc[:, 1:].set_index(first.to_numpy())
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][0]
        raise ValueError(f"{path}: expected one row per sequence. {twice!r} has two.")
    if missing := [name for name in names if name not in table.index]:
        raise ValueError(
            f"{path}: expected a row of each record of the FASTA file, under its name. "
            f"These have none: {listed(missing)}."
        )
    return table.loc[names]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return not text.strip()
    return True
