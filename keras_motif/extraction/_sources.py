"""Where sequences come from: how often and in which order they can be read."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from keras_motif._checks import check_stored_shape
from keras_motif.datasets import FastaSequences, read_fasta
from keras_motif.datasets.opening import names_file, open_file
from keras_motif.extraction._items import (
    Item,
    check_layout,
    chosen_input,
    is_own_layout,
    laid,
    read_item,
    to_numpy,
)
from keras_motif.extraction._warn import warn
from keras_motif.models.choices import InputChoice
from keras_motif.motifs import hdf5
from keras_motif.sequences import one_hot

__all__ = ["Source", "open_source"]

Array = np.ndarray[Any, Any]

_INFINITE, _UNKNOWN = -1, -2  # as tf.data's cardinality has them


@dataclass
class Source:
    """Sequences that can be read, batch by batch.

    Attributes:
        read: Returns an iterator over all of them, from the start.
        name: What messages call them: a file's name where it is known.
        num_sequences: How many there are, where that is known.
        is_fixed: Whether each reading gives the same order for certain.
        is_one_shot: Whether they can be read only once.
        is_bounded: Whether it is known that they come to an end.
        is_foreign: Whether it is an iterable of which nothing is known.
    """

    read: Callable[[], Iterator[Item]]
    name: str = "sequences"
    num_sequences: int | None = None
    is_fixed: bool = False
    is_one_shot: bool = False
    is_bounded: bool = True
    is_foreign: bool = False


def open_source(
    sequences: Any,
    choice: InputChoice | None,
    size: Callable[[int], int],
    *,
    any_length: bool = False,
) -> Source:
    """Tell what kind of sequences these are, and open them.

    Args:
        sequences: See `extraction.extract_motifs`.
        choice: Which part of a batch for several inputs holds the sequences.
        size: Tells how many sequences of some length make a batch, where they come in
            one piece or one by one.
        any_length: Whether sequences of a file may have several lengths.

    Raises:
        ValueError: Sequences that are not one-hot, or never come to an end.
        TypeError: Something that holds no sequences.
    """
    if isinstance(sequences, Mapping):
        sequences = chosen_input(sequences, choice)
    if names_file(sequences):
        sequences = open_file(sequences)
    if isinstance(sequences, Path):
        path = sequences
        read = _fasta_of_any_length if any_length else _fasta
        return Source(lambda: read(path, size), is_fixed=True)
    _check_not_strings(sequences)
    if isinstance(sequences, h5py.Dataset):
        stored = hdf5.StoredArray(sequences, elsewhere=True)
        channels_first = check_stored_shape(stored.shape, stored.place)
        return Source(
            lambda: _slices(stored, 2 if channels_first else 1, size),
            name=stored.place,
            num_sequences=stored.shape[0],
            is_fixed=True,
        )
    if hasattr(sequences, "shape") and hasattr(sequences, "__getitem__"):
        is_file = isinstance(sequences, np.memmap) and sequences.filename
        name = os.fspath(sequences.filename) if is_file else "sequences"
        axis = 1
        if choice is not None and is_own_layout(sequences.shape, choice):
            axis = choice.layout.positions
        else:
            check_layout(sequences.shape, name, choice)
        return Source(
            lambda: _slices(sequences, axis, size, choice),
            name=name,
            num_sequences=int(sequences.shape[0]),
            is_fixed=True,
        )
    return _batch_source(sequences, choice, size)


def _batch_source(
    sequences: Any, choice: InputChoice | None, size: Callable[[int], int]
) -> Source:
    """Open what hands out batches, or sequences one by one."""
    get_items, num_items = _items_of(sequences)
    if num_items == _INFINITE:
        raise _endless(sequences)

    is_foreign = _is_foreign(sequences)

    def read() -> Iterator[Item]:
        items: Iterable[Any] = get_items()
        if is_foreign and num_items != _UNKNOWN:
            items = _within(items, num_items)
        return _grouped((read_item(item, choice) for item in items), size)

    source = Source(read, is_bounded=num_items != _UNKNOWN, is_foreign=is_foreign)
    if isinstance(sequences, list | tuple | FastaSequences):
        source.is_fixed = source.is_bounded = True
    elif hasattr(sequences, "__next__"):
        source.is_one_shot = True
    elif is_foreign:
        # A loader may hand out one and the same iterator, whoever asks.
        source.is_one_shot = iter(sequences) is iter(sequences)
    return source


def _items_of(sequences: Any) -> tuple[Callable[[], Iterable[Any]], int]:
    """Return how to go through the items, and how many these are."""
    if isinstance(sequences, keras.utils.PyDataset):
        number = sequences.num_batches
        if number is None:
            return lambda: (), _INFINITE
        return lambda: (sequences[i] for i in range(sequences.num_batches or 0)), number
    cardinality = getattr(sequences, "cardinality", None)
    if callable(cardinality) and hasattr(sequences, "__iter__"):  # tf.data
        return lambda: sequences, int(cardinality())
    number = _length(sequences)
    if hasattr(sequences, "__iter__"):
        return lambda: sequences, number
    if hasattr(sequences, "__getitem__") and number != _UNKNOWN:
        return lambda: (sequences[i] for i in range(len(sequences))), number
    raise TypeError(
        "`sequences` must be an array of shape (n, length, 4), an HDF5 "
        "dataset, the path of a file, or an iterable of such batches. "
        f"Received {type(sequences).__name__}."
    )


def _length(sequences: Any) -> int:
    try:
        number = len(sequences)
    except (TypeError, NotImplementedError):
        return _UNKNOWN
    return _INFINITE if number == sys.maxsize else number  # as grain's `repeat`


def _is_foreign(sequences: Any) -> bool:
    """Return whether it is an iterable of which nothing is known."""
    known = keras.utils.PyDataset | FastaSequences | list | tuple
    package = type(sequences).__module__.partition(".")[0]
    is_known = isinstance(sequences, known) or package in ("tensorflow", "torch")
    return hasattr(sequences, "__iter__") and not is_known


def _within(items: Iterable[Any], number: int) -> Iterator[Any]:
    """Stop an iterable at its own length: some loaders begin anew there, for ever."""
    iterator = iter(items)
    yield from itertools.islice(iterator, number)
    if next(iterator, None) is not None:
        warn(
            f"`sequences` says that it holds {number} batches, and goes on after "
            "these. What follows was not read."
        )


def _endless(sequences: Any) -> ValueError:
    kind = type(sequences).__name__
    if isinstance(sequences, keras.utils.PyDataset):
        fix = "Pass one whose `num_batches` is a number."
    elif hasattr(sequences, "take"):
        fix = (
            "Pass it as it was before `repeat()`, or some of its batches: "
            "`sequences.take(n)`."
        )
    else:
        fix = "Pass it as it was before it was repeated."
    return ValueError(
        "`sequences` must come to an end: filters are read on all of them. Received a "
        f"{kind} that is infinite. {fix}"
    )


def _grouped(items: Iterable[Item], size: Callable[[int], int]) -> Iterator[Item]:
    """Put sequences that come one by one, `(length, 4)`, into batches."""
    waiting: list[Item] = []
    for item in items:
        is_single = item.sequences.ndim == 2 and item.sequences.shape[1] == 4
        shape = item.sequences.shape
        if waiting and (not is_single or waiting[0].sequences.shape != shape):
            yield _stacked(waiting)
            waiting = []
        if not is_single:
            yield item
            continue
        waiting.append(item)
        if len(waiting) >= size(shape[0]):
            yield _stacked(waiting)
            waiting = []
    if waiting:
        yield _stacked(waiting)


def _stacked(items: list[Item]) -> Item:
    sequences = np.stack([item.sequences for item in items])
    labels = [item.labels for item in items]
    if any(label is None for label in labels):
        return Item(sequences)
    if isinstance(labels[0], Mapping):
        return Item(sequences, {k: _stack([y[k] for y in labels]) for k in labels[0]})
    if isinstance(labels[0], tuple | list):
        return Item(sequences, [_stack(list(y)) for y in zip(*labels, strict=True)])
    return Item(sequences, _stack(labels))


def _stack(labels: list[Any]) -> Array:
    return np.stack([to_numpy(label) for label in labels])


def _fasta(path: Path, size: Callable[[int], int]) -> Iterator[Item]:
    _, first = next(read_fasta(path))
    return map(Item, FastaSequences(path, batch_size=size(len(first))))


def _fasta_of_any_length(path: Path, size: Callable[[int], int]) -> Iterator[Item]:
    """Read runs of sequences that have one length."""
    strings = (sequence for _, sequence in read_fasta(path))
    for length, run in itertools.groupby(strings, key=len):
        while batch := list(itertools.islice(run, size(length))):
            yield Item(one_hot(batch))


def _slices(
    sequences: Any,
    axis: int,
    size: Callable[[int], int],
    choice: InputChoice | None = None,
) -> Iterator[Item]:
    """Read slices of an array; only a stored one is `(n, 4, length)` without choice."""
    step = size(int(sequences.shape[axis]))
    for start in range(0, int(sequences.shape[0]), step):
        batch = to_numpy(sequences[start : start + step])
        is_turned = choice is None and axis == 2
        yield Item(batch.transpose(0, 2, 1) if is_turned else laid(batch, choice))


def _check_not_strings(sequences: Any) -> None:
    if isinstance(sequences, str) or (
        isinstance(sequences, list | tuple)
        and all(isinstance(item, str) for item in sequences)
    ):
        raise ValueError(
            "`sequences` must be one-hot. Received strings, or nothing; encode them "
            "with `keras_motif.one_hot(strings)`, or pass the path of a FASTA file."
        )
