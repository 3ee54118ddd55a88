"""Sequences of every kind, read batch by batch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from tqdm import tqdm

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    check_stored_shape,
)
from keras_motif.datasets import FastaSequences, read_fasta
from keras_motif.datasets.opening import names_file, open_file
from keras_motif.extraction.activation_maps import InputChoice
from keras_motif.motifs import hdf5

__all__ = ["SequenceBatches"]

Array = np.ndarray[Any, Any]

_MAP_BYTES = 32 * 2**20  # of one batch: enough for full speed
_PROGRESS_DELAY = 2  # seconds before a bar that was not asked for appears


class SequenceBatches:
    """One-hot sequences in batches, checked, whatever they are kept in.

    Iterating reads them from the start, each time anew, unless `is_one_shot`.

    Args:
        sequences: See `extraction.extract_motifs`.
        batch_size: Sequences per batch where they come in one piece; None stands for
            as many as fill the memory that maps may take.
        sequence_bytes: Tells how much memory the maps of a sequence of some length
            take.
        choice: Which part of a batch for several inputs holds the sequences.
        progress: Whether to show a progress bar on standard error; None stands for
            work of some seconds at a terminal.

    Attributes:
        is_one_shot: Whether they can be read only once.

    Raises:
        ValueError: Sequences that are not one-hot, a batch size below 1.
        TypeError: Something that holds no sequences.
    """

    def __init__(
        self,
        sequences: Any,
        batch_size: int | None,
        sequence_bytes: Callable[[int], int],
        choice: InputChoice | None = None,
        progress: bool | None = False,
    ) -> None:
        _check_batch_size(batch_size)
        self._batch_size = batch_size
        self._sequence_bytes = sequence_bytes
        self._choice = choice
        self._progress = progress
        self._num_sequences: int | None = None
        self._name = "sequences"  # for messages; a file's where it is known
        self.is_one_shot = False
        self._read = self._reader(sequences)

    def __iter__(self) -> Iterator[Array]:
        """Yield arrays of shape `(n, length, 4)`, all of one length.

        Raises:
            ValueError: A batch that is not one-hot, or of another length than the
                first, or no batch at all.
        """
        length, first = 0, 0
        with self._bar() as bar:
            for batch in self._read():
                check_one_hot_shape(batch.shape, self._name)
                if length not in (0, batch.shape[1]):
                    raise ValueError(
                        "`sequences` must all have one length. Received a batch of "
                        f"length {batch.shape[1]} after one of length {length}. Pad "
                        "with N (all zero), or extract from each length by itself."
                    )
                length = batch.shape[1]
                check_one_hot_values(batch, first, self._name)
                first += len(batch)
                yield batch
                bar.update(len(batch))
        if first == 0:
            raise ValueError(
                "`sequences` must hold at least one sequence. Received none."
            )

    def _bar(self) -> tqdm[Any]:
        waits = self._progress is None
        return tqdm(
            total=self._num_sequences,
            desc="Reading filters",
            unit=" sequences",
            disable=None if waits else not self._progress,
            delay=_PROGRESS_DELAY if waits else 0,
            leave=False,
        )

    def _size(self, length: int) -> int:
        """Return how many sequences of a length make a batch."""
        if self._batch_size is not None:
            return self._batch_size
        return max(1, _MAP_BYTES // self._sequence_bytes(length))

    def _reader(self, sequences: Any) -> Callable[[], Iterator[Array]]:
        """Return a function that reads the sequences once, batch by batch."""
        if isinstance(sequences, Mapping):
            sequences = self._chosen(sequences)
        if names_file(sequences):
            sequences = open_file(sequences)
        if isinstance(sequences, Path):
            path = sequences
            return lambda: self._fasta(path)
        _check_not_strings(sequences)
        if isinstance(sequences, h5py.Dataset):
            stored = hdf5.StoredArray(sequences, elsewhere=True)
            self._name = stored.place
            channels_first = check_stored_shape(stored.shape, self._name)
            self._num_sequences = stored.shape[0]
            return lambda: self._slices(stored, channels_first)
        if hasattr(sequences, "shape") and hasattr(sequences, "__getitem__"):
            if isinstance(sequences, np.memmap) and sequences.filename:
                self._name = os.fspath(sequences.filename)
            check_one_hot_shape(tuple(sequences.shape), self._name)
            self._num_sequences = int(sequences.shape[0])
            return lambda: self._slices(sequences, False)
        if isinstance(sequences, keras.utils.PyDataset):
            return lambda: (
                self._batch(sequences[index])
                for index in range(sequences.num_batches or 0)
            )
        if not hasattr(sequences, "__iter__"):
            raise TypeError(
                "`sequences` must be an array of shape (n, length, 4), an HDF5 "
                "dataset, the path of a file, or an iterable of such batches. "
                f"Received {type(sequences).__name__}."
            )
        self.is_one_shot = iter(sequences) is sequences
        return lambda: (self._batch(item) for item in sequences)

    def _fasta(self, path: Path) -> Iterator[Array]:
        _, first = next(read_fasta(path))
        return iter(FastaSequences(path, batch_size=self._size(len(first))))

    def _slices(self, sequences: Any, channels_first: bool) -> Iterator[Array]:
        size = self._size(int(sequences.shape[2 if channels_first else 1]))
        for start in range(0, int(sequences.shape[0]), size):
            batch = _to_numpy(sequences[start : start + size])
            yield batch.transpose(0, 2, 1) if channels_first else batch

    def _batch(self, item: Any) -> Array:
        """Return the sequences of one batch, which may come with labels."""
        if not self._holds_inputs(item):
            item = item[0]
        if isinstance(item, Mapping):
            item = self._chosen(item)
        elif isinstance(item, tuple | list):
            index = 0 if self._choice is None else self._choice.place
            if index >= len(item):
                raise ValueError(
                    f"Each batch of `sequences` must hold all inputs of the model. "
                    f"Received {len(item)}, and the sequences are input {index}."
                )
            item = item[index]
        if not hasattr(item, "shape"):
            raise ValueError(
                "Each batch of `sequences` must be an array of shape (n, length, 4), "
                f"or a tuple that begins with one. Received {type(item).__name__}."
            )
        return _to_numpy(item)

    def _holds_inputs(self, item: Any) -> bool:
        """Return whether a batch is a model's inputs, without labels and weights."""
        if not isinstance(item, tuple | list) or len(item) not in (1, 2, 3):
            return True
        # A torch DataLoader gives lists of inputs and labels; a list of all of a
        # model's inputs has arrays alone.
        return (
            isinstance(item, list)
            and self._choice is not None
            and len(item) == self._choice.num_inputs > 1
            and all(hasattr(part, "shape") for part in item)
        )

    def _chosen(self, parts: Mapping[Any, Any]) -> Any:
        """Return the sequences of a dict of inputs."""
        name = None if self._choice is None else self._choice.name
        if name not in parts:
            raise ValueError(
                "A dict of `sequences` must have the name of the model's input as a "
                f"key, {name!r}. Received the keys {list(parts)}. Name the input "
                "with `inputs=`, or pass the sequences alone."
            )
        return parts[name]


def _check_batch_size(batch_size: Any) -> None:
    if batch_size is None:
        return
    if isinstance(batch_size, bool) or not isinstance(batch_size, int):
        raise TypeError(f"`batch_size` must be an integer. Received {batch_size!r}.")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be 1 or more. Received {batch_size}.")


def _check_not_strings(sequences: Any) -> None:
    if isinstance(sequences, str) or (
        isinstance(sequences, list | tuple)
        and all(isinstance(item, str) for item in sequences)
    ):
        raise ValueError(
            "`sequences` must be one-hot. Received strings, or nothing; encode them "
            "with `keras_motif.one_hot(strings)`, or pass the path of a FASTA file."
        )


def _to_numpy(tensor: Any) -> Array:
    if hasattr(tensor, "detach"):  # a torch tensor, perhaps on another device
        tensor = tensor.detach().cpu()
    return np.asarray(tensor)
