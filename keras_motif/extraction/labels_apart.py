"""Labels that are given apart from the sequences: whether they can belong to them."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.extraction._items import label_rows
from keras_motif.extraction._labels import LabelTable, label_table
from keras_motif.extraction._order import HeadDigest, head_digest, order_of
from keras_motif.extraction._sources import Source, open_source
from keras_motif.extraction.layers_read import LayersRead

__all__ = ["check_labels_apart", "check_same_order", "first_labels"]

Array = np.ndarray[Any, Any]

_SIZE = 256  # sequences read at a time, where they come in one piece
_FIX = (
    "Leave `labels` out, so that those of the batches are taken, or pass the "
    "sequences in a fixed order: as an array, or without `shuffle`."
)


def check_labels_apart(
    maps: LayersRead, sequences: Any, labels: Array
) -> HeadDigest | None:
    """Raise where labels can't belong to the sequences, row by row.

    What has no known length is read once to count it, without the network.

    Args:
        maps: Whose filters will be read.
        sequences: See `extract_motifs`.
        labels: Array `(n, num_labels)`, in the order of the sequences.

    Returns:
        What the first 1,000 sequences were, for `check_same_order`; None where their
        order can't change.

    Raises:
        ValueError: Another number of sequences; sequences that are shuffled or can be
            read only once; batches that carry the same classes in another order.
    """
    source = _opened(maps, sequences)
    if source.is_one_shot:
        raise ValueError(
            "`labels` given apart need sequences that can be read more than once. "
            "Received an iterator that runs dry. Pass a list of its batches."
        )
    number = source.num_sequences
    if number is None:
        number = _count(source, labels)
    if number != len(labels):
        found = f"{number:,}" if number < len(labels) else f"more than {len(labels):,}"
        found = f"{number:,}" if source.num_sequences is not None else found
        raise ValueError(
            "`labels` must have one row per sequence. Received "
            f"{len(labels):,} rows for {found} sequences."
        )
    if source.is_fixed:
        return None
    order = order_of(source, None, len(labels))
    if order != "fixed":
        what = "shuffled" if order == "changes" else "given out only once"
        raise ValueError(
            "`labels` must be in the order of the sequences. Two readings of "
            f"`sequences` begin differently: they are {what}, so labels given apart "
            f"don't fit. {_FIX}"
        )
    return head_digest(source.read(), None)


def check_same_order(
    maps: LayersRead, sequences: Any, before: HeadDigest | None
) -> None:
    """Raise where the sequences begin otherwise than when labels were checked.

    Raises:
        ValueError: They do, as after the `on_epoch_end` of a `PyDataset` that
            shuffles.
    """
    if before is None:
        return
    if not head_digest(_opened(maps, sequences).read(), None).is_same(before):
        raise ValueError(
            "`labels` no longer fit the sequences, whose order has changed since the "
            f"training began. {_FIX}"
        )


def first_labels(maps: LayersRead, sequences: Any) -> LabelTable | None:
    """Return the labels that come with the first batch; None where none do."""
    source = _opened(maps, sequences)
    if source.is_one_shot:
        return None
    item = next(source.read(), None)
    return None if item is None else label_table([(item.labels, len(item.sequences))])


def _opened(maps: LayersRead, sequences: Any) -> Source:
    return open_source(sequences, maps.choice, lambda length: _SIZE, any_length=True)


def _count(source: Source, labels: Array) -> int:
    """Count the sequences up to one too many, and compare the labels they carry."""
    number = 0
    for item in source.read():
        rows = label_rows(item.labels, len(item.sequences))
        if rows is not None:
            carried = np.concatenate(list(rows.values()), axis=1)
            _compare(carried, labels[number : number + len(carried)], number)
        number += len(item.sequences)
        if number > len(labels):
            break
    return number


def _compare(carried: Array, given: Array, first: int) -> None:
    """Raise where both are classes, in as many columns, and differ."""
    if carried.shape != given.shape or not (_are_classes(carried, given)):
        return
    differs = (carried != given) & ~np.isnan(given)
    if differs.any():
        row = first + int(np.argwhere(differs)[0][0])
        raise ValueError(
            "`labels` must be in the order of the sequences. The batches carry labels "
            f"of their own, and those differ in row {row}: they may be shuffled. {_FIX}"
            " If they are other classes, pass the sequences alone, without labels."
        )


def _are_classes(*tables: Array) -> bool:
    return all(((x == 0) | (x == 1) | (x != x)).all() for x in tables)
