"""A data set in three parts, and what must hold of its labels."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import with_shapes

__all__ = [
    "Split",
    "Splits",
    "check_labels",
    "check_values",
    "is_measured",
    "warn_without_positives",
]

Array = np.ndarray[Any, Any]


class Split(NamedTuple):
    """Sequences with their labels.

    Attributes:
        x: Array of shape `(n, length, 4)`, int8, one-hot, bases A C G T.
        y: Array of shape `(n, num_labels)`: int8, 0 or 1; or measured values,
            float32, NaN where there is none.
        model: Array of shape `(n, length, 4)`, float32: the frequencies from which
            each position was drawn; None for sequences that were not simulated.
        label_names: What each column of `y` stands for; empty where not known.
    """

    x: Array
    y: Array
    model: Array | None = None
    label_names: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return with_shapes(self)


class Splits(NamedTuple):
    """A data set in three parts."""

    train: Split
    valid: Split
    test: Split

    def __repr__(self) -> str:
        parts = zip(self._fields, self, strict=True)
        lines = "".join(f"  {name}={part!r},\n" for name, part in parts)
        return f"Splits(\n{lines})"


def check_labels(y: Array, name: str, first: int = 0) -> None:
    """Raise unless all labels are 0 or 1.

    Args:
        y: Array of shape `(n, num_labels)`.
        name: What to call it.
        first: Number of its first row in the caller's data.

    Raises:
        ValueError: Names the first row and column that is neither.
    """
    legal = (y == 0) | (y == 1)
    if not legal.all():
        row, column = np.argwhere(~legal)[0]
        raise ValueError(
            f"`{name}` must hold labels 0 or 1. Received {y[row, column]} in row "
            f"{first + row}, column {column}."
        )


def is_measured(y: Array) -> bool:
    """Return whether labels are measured values: of a float dtype, not all 0 or 1."""
    return y.dtype.kind == "f" and not bool(((y == 0) | (y == 1)).all())


def check_values(y: Array, name: str, first: int = 0) -> None:
    """Raise unless measured values are finite, or NaN where there is none.

    Args:
        y: Array of shape `(n, num_labels)`.
        name: What to call it.
        first: Number of its first row in the caller's data.

    Raises:
        ValueError: Names the first row and column that is infinite.
    """
    if np.isinf(y).any():
        row, column = np.argwhere(np.isinf(y))[0]
        raise ValueError(
            f"`{name}` must hold finite values, or NaN where nothing was measured. "
            f"Received {y[row, column]} in row {first + row}, column {column}."
        )


def warn_without_positives(splits: Splits, source: str, stacklevel: int) -> None:
    """Warn of labels without positives, whose scores cannot be computed."""
    found = []
    if any(is_measured(split.y) for split in splits):
        return
    for part, split in splits._asdict().items():
        empty = np.flatnonzero(~(split.y == 1).any(axis=0))
        shown = [
            repr(split.label_names[index]) if split.label_names else str(index)
            for index in empty
        ]
        if shown:
            found.append(f"{', '.join(shown)} in the {part} part")
    if found:
        warnings.warn(
            f"{source}: no positives of the labels {'; '.join(found)}. No precision, "
            "recall or ROC exists for them there. Leave these labels out, or split "
            "the data otherwise.",
            UserWarning,
            stacklevel=stacklevel,
        )
