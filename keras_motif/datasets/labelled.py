"""Labelled sequences, and how they are picked and split before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import check_one_hot_shape, listed, with_shapes
from keras_motif.datasets.splits import (
    Split,
    Splits,
    check_labels,
    warn_without_positives,
)

__all__ = [
    "LabelledSequences",
    "merge_labels",
    "one_per_group",
    "split_data",
    "thin_label",
]

Array = np.ndarray[Any, Any]


class LabelledSequences(NamedTuple):
    """Sequences with their labels, not yet split.

    Attributes:
        x: Array of shape `(n, length, 4)`, int8, one-hot, bases A C G T.
        y: Array of shape `(n, num_labels)`: int8, 0 or 1; or measured values,
            float32, NaN where there is none.
        label_names: What each column of `y` stands for.
        groups: Array of shape `(n,)`: sequences of one number belong together, as
            windows that overlap do; None where each stands alone.
    """

    x: Array
    y: Array
    label_names: tuple[str, ...]
    groups: Array | None = None

    def __repr__(self) -> str:
        return with_shapes(self)


def merge_labels(
    data: LabelledSequences, merged: Mapping[str, Sequence[str]]
) -> LabelledSequences:
    """Make one label of several: positive where any of them is.

    With a single name in a list, it renames a label.

    Args:
        data: The sequences.
        merged: New names, each with the names that it replaces. It takes the place
            of the first of these; labels that are not named stay.

    Returns:
        The same sequences with the new labels.

    Raises:
        ValueError: A name that `data` lacks or that stands in two lists, an empty
            list, or two labels of one name in the end.

    Example:
        >>> x = np.zeros((2, 5, 4), dtype=np.int8)
        >>> y = np.array([[1, 0, 0], [0, 1, 1]], dtype=np.int8)
        >>> data = LabelledSequences(x, y, ("MAX-1", "SP1", "MAX-2"))
        >>> merge_labels(data, {"MAX": ["MAX-1", "MAX-2"]})[1:3]
        (array([[1, 0],
               [1, 1]], dtype=int8), ('MAX', 'SP1'))
    """
    _check(data)
    new_names: dict[str, str] = {}
    for new, names in merged.items():
        if isinstance(names, str) or not names:
            raise ValueError(
                "`merged` must map each new name to a list of the names that it "
                f"replaces. Received {new!r}: {names!r}."
            )
        for name in names:
            _check_label(data, name, "merged")
            if name in new_names:
                raise ValueError(
                    f"`merged` must name each label once. Received {name!r} under "
                    f"{new_names[name]!r} and {new!r}."
                )
            new_names[name] = new
    columns: dict[str, list[int]] = {}
    for index, name in enumerate(data.label_names):
        columns.setdefault(new_names.get(name, name), []).append(index)
    for name, indices in columns.items():
        kept = [data.label_names[index] for index in indices]
        if len(indices) > 1 and data.y.dtype.kind == "f":
            raise ValueError(
                "`data` must have labels 0 or 1 to be merged. Received measured "
                "values; combine these yourself, as with `np.nanmean`."
            )
        if len(indices) > 1 and any(label not in new_names for label in kept):
            raise ValueError(
                f"`merged` must lead to names that differ. Received {name!r}, which "
                "`data` has too; add it to the list of what is replaced."
            )
    y = [data.y[:, indices].max(axis=1) for indices in columns.values()]
    return data._replace(y=np.stack(y, axis=1), label_names=tuple(columns))


def one_per_group(data: LabelledSequences, *, seed: int = 0) -> LabelledSequences:
    """Keep one sequence of each group, drawn at random.

    Windows that overlap say nearly the same; this leaves one of each heap.

    Args:
        data: The sequences, with groups.
        seed: Seed of the random numbers.

    Returns:
        The kept sequences, in the order of `data`.

    Raises:
        ValueError: `data` has no groups.
    """
    _check(data)
    if data.groups is None:
        raise ValueError(
            "`data` must have groups. Received None; name the column that holds them "
            "with `load_table(..., group=...)`."
        )
    order = np.random.default_rng(seed).permutation(len(data.x))
    _, first = np.unique(data.groups[order], return_index=True)
    return _take(data, np.sort(order[first]))


def thin_label(
    data: LabelledSequences, label: str, share: float, *, seed: int = 0
) -> LabelledSequences:
    """Keep only a share of the sequences that are positive for one label alone.

    For a factor with so many sites that it would drown the others. Sequences that
    are positive for another label too all stay.

    Args:
        data: The sequences.
        label: The label's name.
        share: From 0 to 1: how many of these sequences stay.
        seed: Seed of the random numbers.

    Returns:
        The kept sequences, in the order of `data`.

    Raises:
        ValueError: A label that `data` lacks, a share out of range, or labels other
            than 0 and 1.
    """
    _check(data)
    check_labels(data.y, "data.y")
    _check_label(data, label, "label")
    if not 0 <= share <= 1:
        raise ValueError(f"`share` must lie between 0 and 1. Received {share}.")
    column = data.y[:, data.label_names.index(label)]
    alone = np.flatnonzero((column == 1) & (data.y.sum(axis=1) == 1))
    num_dropped = len(alone) - round(share * len(alone))
    dropped = np.random.default_rng(seed).choice(alone, num_dropped, replace=False)
    return _take(data, np.setdiff1d(np.arange(len(data.x)), dropped))


def split_data(
    data: LabelledSequences,
    shares: tuple[float, float, float] = (0.7, 0.1, 0.2),
    *,
    seed: int = 0,
) -> Splits:
    """Split sequences into training, validation and test parts, shuffled.

    No group is torn apart: all its sequences come into one part. So shares hold up
    to the size of a group.

    Args:
        data: The sequences.
        shares: Of training, validation and test sequences; their sum is 1.
        seed: Seed of the random numbers.

    Returns:
        Train, valid and test, each with `x`, `y` and `label_names`.

    Raises:
        ValueError: Shares that are not three positive numbers of sum 1, or a part
            without any sequence.

    Warns:
        UserWarning: A label has no positives in some part.
    """
    _check(data)
    parts = np.asarray(shares, dtype=float)
    if parts.shape != (3,) or not (parts > 0).all() or abs(parts.sum() - 1) > 1e-6:
        raise ValueError(
            "`shares` must be three positive numbers, of training, validation and "
            f"test, with sum 1. Received {shares}."
        )
    random = np.random.default_rng(seed)
    groups = np.arange(len(data.x)) if data.groups is None else data.groups
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = random.permutation(len(names))
    before = np.empty(len(names), dtype=np.int64)
    before[order] = np.cumsum(sizes[order]) - sizes[order]
    # Without groups each part has exactly its rounded share.
    ends = np.rint(parts.cumsum()[:2] * len(data.x))
    part_of = np.searchsorted(ends, before[codes], side="right")
    shuffled = random.permutation(len(data.x))
    splits = []
    for part in range(3):
        taken = _take(data, shuffled[part_of[shuffled] == part])
        if not len(taken.x):
            raise ValueError(
                f"`shares` must give each part a sequence. Received {shares} for "
                f"{len(data.x)} sequences in {len(names)} groups, which leaves the "
                f"{Splits._fields[part]} part empty."
            )
        splits.append(Split(taken.x, taken.y, label_names=data.label_names))
    result = Splits(*splits)
    warn_without_positives(result, "`data`", stacklevel=3)
    return result


def _take(data: LabelledSequences, rows: Array) -> LabelledSequences:
    groups = None if data.groups is None else data.groups[rows]
    return data._replace(x=data.x[rows], y=data.y[rows], groups=groups)


def _check_label(data: LabelledSequences, label: str, argument: str) -> None:
    if label not in data.label_names:
        raise ValueError(
            f"`{argument}` must name labels of the data: "
            f"{listed(data.label_names)}. Received {label!r}."
        )


def _check(data: LabelledSequences) -> None:
    """Raise unless sequences, labels, names and groups agree in number."""
    check_one_hot_shape(np.shape(data.x), "data.x")
    num_groups = len(data.x) if data.groups is None else len(data.groups)
    if np.ndim(data.y) != 2 or {len(data.y), num_groups} != {len(data.x)}:
        raise ValueError(
            "`data` must have one row of labels, and one group, per sequence. "
            f"Received {len(data.x)} sequences, labels of shape {np.shape(data.y)} "
            f"and {num_groups} groups."
        )
    if len(data.label_names) != data.y.shape[1]:
        raise ValueError(
            "`data.label_names` must have one name per column of `data.y`. Received "
            f"{len(data.label_names)} names for {data.y.shape[1]} columns."
        )
