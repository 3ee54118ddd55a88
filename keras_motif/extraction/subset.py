"""A part of the sequences, for extractions that must cost little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import h5py
import numpy as np

from keras_motif._checks import check_stored_shape
from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._items import chosen_input
from keras_motif.extraction._labels import LabelTable
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.extraction.layers_read import LayersRead
from keras_motif.motifs import hdf5

__all__ = ["Subset", "take_subset"]


class Subset(NamedTuple):
    """Sequences to read.

    Attributes:
        sequences: What `read_map` takes.
        is_whole: Whether they are all that there are.
        rows: Which of them all they are.
        labels: Those that came with a part, if they were asked for.
    """

    sequences: Any
    is_whole: bool
    rows: slice = slice(None)
    labels: LabelTable | None = None


def take_subset(
    maps: ActivationMap | LayersRead,
    sequences: Any,
    max_sequences: int | None,
    *,
    with_labels: bool = False,
    any_length: bool = False,
) -> Subset:
    """Return at most so many sequences, always the same ones.

    Of an array or an HDF5 dataset every k-th, with the smallest k that suffices, so
    that data sorted in any way are covered; of everything else the first. Fewer
    sequences are returned as they are.

    Args:
        maps: Whose filters are to be read on them.
        sequences: See `extraction.extract_motifs`.
        max_sequences: Their largest number; None for all.
        with_labels: Whether to keep the labels that come with the part.
        any_length: Whether sequences may have several lengths.

    Returns:
        The sequences, in memory where they are a part.

    Raises:
        ValueError: Sequences that are not one-hot.
        TypeError: Something that holds no sequences.
    """
    if max_sequences is None:
        return Subset(sequences, is_whole=True)
    kept = sequences
    if isinstance(sequences, Mapping):
        kept = chosen_input(sequences, maps.choice)
    if isinstance(kept, h5py.Dataset):
        kept = hdf5.StoredArray(kept, elsewhere=True)
    if hasattr(kept, "shape") and hasattr(kept, "__getitem__"):
        step = -(-int(kept.shape[0]) // max_sequences)
        if step <= 1:
            return Subset(sequences, is_whole=True)
        part = kept[::step]
        if isinstance(kept, hdf5.StoredArray) and check_stored_shape(
            kept.shape, kept.place
        ):
            part = part.transpose(0, 2, 1)
        return Subset(part, is_whole=False, rows=slice(None, None, step))
    batches = SequenceBatches(
        sequences,
        None,
        maps.sequence_bytes,
        maps.choice,
        max_streamed=None,
        with_labels=with_labels,
        any_length=any_length,
    )
    if batches.is_one_shot:  # what is read here would be lost
        return Subset(sequences, is_whole=True)
    parts, count = [], 0
    for batch in batches:
        parts.append(batch)
        count += len(batch)
        if count > max_sequences:
            rows = slice(max_sequences)
            labels = batches.labels()
            if labels is not None:
                labels = labels._replace(values=labels.values[rows])
            parts[-1] = parts[-1][: len(parts[-1]) - (count - max_sequences)]
            is_one = len({part.shape[1:] for part in parts}) == 1
            kept = np.concatenate(parts) if is_one else parts
            return Subset(kept, False, rows, labels)
    return Subset(sequences, is_whole=True)
