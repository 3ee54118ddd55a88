"""What the commands read: motif files, databases, sequences, standard input."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click
import h5py

from keras_motif._checks import check_stored_shape, listed
from keras_motif.datasets import read_fasta
from keras_motif.datasets.opening import file_kind, open_file
from keras_motif.motifs import (
    MemeFile,
    TargetsLike,
    binary_files,
    hdf5,
    list_databases,
    named_motifs,
    read_motifs,
)
from keras_motif.sequences import ALPHABET, from_one_hot

__all__ = [
    "check_one_stdin",
    "load_databases",
    "load_motifs",
    "open_sequences",
    "parse_relevant",
    "read_strings",
    "split_dataset",
]

STDIN = "-"
_DATASET = "X_test"  # of the study's layout


def check_one_stdin(*inputs: str) -> None:
    """Raise unless at most one input is standard input."""
    if inputs.count(STDIN) > 1:
        raise click.UsageError("Standard input (-) can stand for one input only.")


def load_motifs(name: str) -> MemeFile:
    """Read motifs from a file, standard input, or a database by its name.

    Args:
        name: The file, "-", or the database's name.

    Returns:
        The motifs, and the background where the file has one.

    Raises:
        ValueError: The file cannot be read as one of motifs.
        OSError: Neither a database nor a file that can be opened.
    """
    if named := named_motifs(name):
        background: Any = named.background
        return MemeFile(named.motifs, background, named.alphabet or ALPHABET)
    if name != STDIN and not Path(name).exists():
        known = ", ".join(list_databases())
        raise FileNotFoundError(
            f"{name}: no such file, nor a known database ({known}). Add one that you "
            "have downloaded by `keras-motif database add FILE --name NAME`."
        )
    with _regular_file(name) as file:
        return read_motifs(file)


def load_databases(names: Sequence[str]) -> TargetsLike:
    """Read what is compared with: one or several of what `load_motifs` takes.

    A single database that is given by its name comes with that, and its families.
    """
    named = named_motifs(names[0]) if len(names) == 1 else None
    return [load_motifs(name) for name in names] if named is None else named


def parse_relevant(values: Sequence[str]) -> dict[str, list[str]] | None:
    """Return the factors and ids of `--relevant`: `ID|FACTOR`, or `FACTOR=ID,ID`."""
    factors: dict[str, list[str]] = {}
    for value in values:
        factor, _, ids = value.rpartition("=")
        factors.setdefault(factor or ids, []).extend(ids.split(","))
    return factors or None


@contextmanager
def open_sequences(name: str) -> Iterator[Any]:
    """Yield sequences as `extract_motifs` takes them, without loading them whole.

    Args:
        name: A FASTA file, a `.npy` or `.npz` file of one-hot sequences, an HDF5 file,
            or one of the two last with a data set's name behind a colon, or "-".

    Yields:
        A FASTA file's path, an HDF5 data set, or an array that lies on disk.

    Raises:
        ValueError: A file of another kind, or a data set that it lacks.
        OSError: The file is missing or cannot be opened.
    """
    path, dataset = split_dataset(name)
    with _regular_file(path) as file:
        kind = file_kind(file)
        if dataset is not None and kind not in ("HDF5", "npz"):
            raise ValueError(
                f"{name}: a data set can be named only in an HDF5 or .npz file. {path} "
                "is none."
            )
        if kind == "HDF5":
            with hdf5.open_hdf5(file, "a whole HDF5 file") as content:
                yield _dataset(content, dataset or _DATASET)
        else:
            yield open_file(file, dataset)


def read_strings(name: str) -> tuple[list[str], list[str]]:
    """Read sequences as strings, with their names or, without any, their indices.

    Args:
        name: See `open_sequences`.

    Returns:
        Names and sequences.

    Raises:
        ValueError: As `open_sequences`.
        OSError: As `open_sequences`.
    """
    with open_sequences(name) as sequences:
        if isinstance(sequences, Path):
            records = list(read_fasta(sequences))
            return [name for name, _ in records], [text for _, text in records]
        strings = _strings(sequences)
    return [str(index) for index in range(len(strings))], strings


@contextmanager
def _regular_file(name: str) -> Iterator[Path]:
    """Yield a file that can be read twice; what comes from a pipe is put into one."""
    if name != STDIN and not Path(name).is_fifo():
        Path(name).open("rb").close()  # raises what Python raises
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="keras-motif-") as folder:
        copy = Path(folder, "standard-input")
        with copy.open("wb") as target:
            if name == STDIN:
                shutil.copyfileobj(_stdin(), target)
            else:
                with Path(name).open("rb") as source:
                    shutil.copyfileobj(source, target)
        try:
            yield copy
        except ValueError as error:
            message = str(error).replace(str(copy), name)
            raise ValueError(message) from error


def _stdin() -> BinaryIO:
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise OSError("Standard input (-) is closed. Name a file instead.")
    return stdin.buffer


def split_dataset(name: str) -> tuple[str, str | None]:
    """Split `file.h5:dataset`, unless a file has a colon in its name."""
    path, colon, dataset = name.rpartition(":")
    if colon and dataset and not Path(name).exists() and Path(path).is_file():
        return path, dataset
    return name, None


def _dataset(file: hdf5.Hdf5File, name: str) -> h5py.Dataset:
    """Return a data set by its name, in upper or lower case."""
    names = file.dataset_names()
    by_lower_case = {key.lower(): key for key in names}
    found = name if name in names else by_lower_case.get(name.lower())
    if found is None:
        raise ValueError(
            f"{file.path}: expected the data set {name!r}. The file holds "
            f"{listed(names) or 'nothing'}. Name one as `{file.path}:NAME`."
        )
    return file.numbers(found).dataset


def _strings(sequences: Any) -> list[str]:
    """Decode an array on disk, or an HDF5 data set, read whole."""
    if isinstance(sequences, h5py.Dataset):
        stored = hdf5.StoredArray(sequences)
        fix = "Pass a part of it."
        binary_files.check_memory(stored.nbytes, stored.place, fix)
        channels_first = check_stored_shape(stored.shape, stored.place)
        array = stored[:]
        return from_one_hot(array.transpose(0, 2, 1) if channels_first else array)
    return from_one_hot(sequences)
