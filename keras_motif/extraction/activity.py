"""How strongly each filter fires in each sequence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, overload

import h5py
import keras
import numpy as np

from keras_motif._checks import check_path, with_shapes
from keras_motif._files import whole_file
from keras_motif.extraction._batches import MAX_STREAMED, SequenceBatches
from keras_motif.extraction._labels import LabelTable, required_labels
from keras_motif.extraction._map_batches import other_strand
from keras_motif.extraction._sites import Rule, check_finite, windows
from keras_motif.extraction._warn import warn
from keras_motif.extraction.activation_maps import (
    ActivationMap,
    FieldLike,
    LayerLike,
)
from keras_motif.extraction.layers_read import LayersRead, activation_map
from keras_motif.extraction.options import ExtractionOptions, tiling_for
from keras_motif.sequences import SequencesLike

__all__ = [
    "ActivityAndLabels",
    "filter_activity",
    "read_activity",
    "write_filter_activity",
]

Array = np.ndarray[Any, Any]

_CHUNK_ROWS = 1024


class ActivityAndLabels(NamedTuple):
    """Activity, and the labels that came with the sequences in the same reading.

    Attributes:
        activity: See `filter_activity`.
        labels: `(n, num_labels)`, a row per sequence: an array, or a DataFrame where
            the model's outputs have names.
    """

    activity: Array
    labels: Any

    def __repr__(self) -> str:
        return with_shapes(self)


@overload
def filter_activity(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    layer: LayerLike = ...,
    inputs: str | int | None = ...,
    receptive_field: FieldLike = ...,
    unknown: float | None = ...,
    reverse_complement: bool = ...,
    batch_size: int | None = ...,
    progress: bool | None = ...,
    max_streamed: int | None = ...,
    length: int | None = ...,
    tile: bool = ...,
    return_labels: Literal[False] = ...,
) -> Array: ...


@overload
def filter_activity(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    layer: LayerLike = ...,
    inputs: str | int | None = ...,
    receptive_field: FieldLike = ...,
    unknown: float | None = ...,
    reverse_complement: bool = ...,
    batch_size: int | None = ...,
    progress: bool | None = ...,
    max_streamed: int | None = ...,
    length: int | None = ...,
    tile: bool = ...,
    return_labels: Literal[True],
) -> ActivityAndLabels: ...


def filter_activity(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    receptive_field: FieldLike = None,
    unknown: float | None = None,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    progress: bool | None = None,
    max_streamed: int | None = MAX_STREAMED,
    length: int | None = None,
    tile: bool = False,
    return_labels: bool = False,
) -> Array | ActivityAndLabels:
    """Return each filter's largest activation in each sequence.

    It is the largest over all positions of the layer's map, as global max pooling
    gives it. `target_correlation` compares it with measured values.

    Args:
        model: See `extract_motifs`, like all that follow.
        sequences: One-hot sequences.
        layer: Whose filters.
        inputs: Which input takes the sequences.
        receptive_field: What position 0 of the layer sees.
        unknown: What the model is given for each base of an N.
        reverse_complement: Whether to take the larger of both strands.
        batch_size: Sequences per batch.
        progress: Whether to show a progress bar.
        max_streamed: How many sequences to read of a source without a known end.
        length: To how many bases to fill shorter and to cut longer sequences.
        tile: Whether to cut longer sequences into pieces, as `extract_motifs` does:
            the largest is that of windows that lie in the sequence; NaN without one.
        return_labels: Whether to return the labels too that come with the batches.
            They fit the rows even where each reading shuffles.

    Returns:
        Array of shape `(n, num_filters)`, float32, rows in the order in which the
        sequences were read, filters in theirs. With `return_labels`, this array and
        the labels, see `ActivityAndLabels`.

    Raises:
        ValueError: As `extract_motifs`; labels are wanted, and the sequences come
            without.
        TypeError: As `extract_motifs`.

    Warns:
        UserWarning: The sequences come in another order at each reading, or can't be
            read again, so that labels given apart may not fit the rows.

    Example:
        >>> inputs = keras.Input((9, 4))
        >>> conv = keras.layers.Conv1D(2, 3, activation="relu")
        >>> model = keras.Model(inputs, conv(inputs))
        >>> filter_activity(model, np.eye(4)[[[0, 1, 2, 3, 0, 1, 2, 3, 0]]]).shape
        (1, 2)
    """
    read = activation_map(
        model,
        layer,
        inputs=inputs,
        receptive_field=receptive_field,
        unknown=unknown,
    )
    activity, labels, order = read_activity(
        read,
        sequences,
        reverse_complement=reverse_complement,
        batch_size=batch_size,
        progress=progress,
        max_streamed=max_streamed,
        length=length,
        tile=tile,
        with_labels=return_labels,
    )
    if return_labels:
        return ActivityAndLabels(activity, required_labels(labels))
    if order == "changes":
        warn(
            "`sequences` come in another order at each reading (they are shuffled), so "
            "the rows of the activity fit no labels given apart. Take those of the "
            "batches with `return_labels=True`, or pass the sequences in a fixed "
            "order."
        )
    return activity


def read_activity(
    read: LayersRead,
    sequences: SequencesLike,
    *,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    progress: bool | None = False,
    max_streamed: int | None = MAX_STREAMED,
    length: int | None = None,
    tile: bool = False,
    with_labels: bool = False,
) -> tuple[Array, LabelTable | None, str]:
    """Do `filter_activity`'s work on a layer found before.

    Returns:
        Activity, labels (None where they aren't wanted or there are none), and the
        order of the sequences, "fixed" where labels are returned.
    """
    options: ExtractionOptions = {"length": length, "tile": tile}
    rule = Rule(0.5, "all", None, released=False, both_strands=reverse_complement)
    tilings = [tiling_for(maps, rule, options) for maps in read]
    shortest = min((x for x in tilings if x), key=lambda x: x.step, default=None)
    batches = SequenceBatches(
        sequences,
        batch_size,
        lambda length: (1 + reverse_complement) * read.sequence_bytes(length),
        read.choice,
        progress,
        max_streamed,
        with_labels=with_labels,
        tiling=shortest,
    )
    parts = list(_activities(read, batches, reverse_complement))
    labels = batches.labels() if with_labels else None
    order = "fixed" if labels is not None else batches.order()
    activity = np.concatenate(parts)
    if (origins := batches.origins()) is not None:
        pieces = activity
        shape = (batches.num_sequences, read.num_filters)
        activity = np.full(shape, -np.inf, dtype=np.float32)
        np.maximum.at(activity, origins[0], pieces)
        activity[np.isneginf(activity)] = np.nan
    return activity, labels, order


def _activities(
    read: LayersRead, batches: SequenceBatches, reverse_complement: bool
) -> Iterator[Array]:
    """Yield the activity of each batch, `(n, num_filters)`."""
    for batch in batches:
        number = batches.num_bases if batches.has_pieces else None
        parts = [_largest(maps, batch, reverse_complement, number) for maps in read]
        yield parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _largest(
    maps: ActivationMap, batch: Array, both_strands: bool, num_bases: int | None
) -> Array:
    """Return each row's largest activation, of pieces that of the windows inside."""
    strands = [batch]
    if both_strands:
        strands.append(other_strand(batch, num_bases))
    inside: Any = slice(None)
    if num_bases is None:
        maps.receptive_field(batch.shape[1])  # raises where the model can't take them
    if num_bases is not None:
        rule = Rule(0.5, "all", None, released=False, both_strands=both_strands)
        inside = windows(maps, rule, batch.shape[1], num_bases).inside
        if not inside.any():
            return np.full((len(batch), maps.num_filters), -np.inf, np.float32)
    largest = [maps(rows)[:, inside].max(axis=1) for rows in strands]
    check_finite(np.maximum.reduce(largest).max(axis=0), maps)
    return np.asarray(np.maximum.reduce(largest))


def write_filter_activity(
    model: keras.Model,
    sequences: SequencesLike,
    path: str | os.PathLike[str],
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    receptive_field: FieldLike = None,
    unknown: float | None = None,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    progress: bool | None = None,
    max_streamed: int | None = MAX_STREAMED,
) -> None:
    """Write `filter_activity`'s matrix to an HDF5 file, batch by batch.

    Memory doesn't grow with the data. The file holds the data set `activity`, `(n,
    num_filters)`, float32, with the filters' names as its attribute `filters`; and
    `labels`, `(n, num_labels)`, where all batches carry such, with `label_names` where
    the model's outputs have names. It is written whole or not at all.

    Args:
        model: See `filter_activity`, like all others.
        sequences: One-hot sequences.
        path: The file; its folder must exist.
        layer: Whose filters.
        inputs: Which input takes the sequences.
        receptive_field: What position 0 of the layer sees.
        unknown: What the model is given for each base of an N.
        reverse_complement: Whether to take the larger of both strands.
        batch_size: Sequences per batch.
        progress: Whether to show a progress bar.
        max_streamed: How many sequences to read of a source without a known end.

    Raises:
        ValueError: As `extract_motifs`.
        TypeError: As `extract_motifs`, or `path` is no path.
        OSError: The folder does not exist or cannot be written.
    """
    check_path(path, "write_filter_activity(model, sequences, path)")
    read = activation_map(
        model,
        layer,
        inputs=inputs,
        receptive_field=receptive_field,
        unknown=unknown,
    )
    batches = SequenceBatches(
        sequences,
        batch_size,
        lambda length: (1 + reverse_complement) * read.sequence_bytes(length),
        read.choice,
        progress,
        max_streamed,
        with_labels=True,
    )
    with whole_file(path) as temporary, h5py.File(temporary, "w") as file:
        activity = _rows(file, "activity", read.num_filters)
        activity.attrs["filters"] = read.filter_names
        for part in _activities(read, batches, reverse_complement):
            _append(activity, part)
        labels = batches.labels()
        if labels is not None:
            stored = file.create_dataset("labels", data=labels.values)
            if labels.names is not None:
                stored.attrs["label_names"] = list(labels.names)


def _rows(file: h5py.File, name: str, num_columns: int) -> h5py.Dataset:
    return file.create_dataset(
        name,
        shape=(0, num_columns),
        maxshape=(None, num_columns),
        chunks=(_CHUNK_ROWS, num_columns),
        dtype=np.float32,
    )


def _append(dataset: h5py.Dataset, rows: Array) -> None:
    start = len(dataset)
    dataset.resize(start + len(rows), axis=0)
    dataset[start:] = rows
