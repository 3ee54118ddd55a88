"""What is known of each sequence: classes it is of, or values measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Labels", "checked_classes", "checked_targets", "read_labels"]

Array = np.ndarray[Any, Any]


class Labels(NamedTuple):
    """Labels, told apart and checked.

    Attributes:
        table: Array `(n, num_labels)`, float64; NaN where it isn't known.
        names: What each column stands for.
        are_measured: Whether they are measured values; else classes, 0 or 1.
    """

    table: Array
    names: list[str]
    are_measured: bool


def read_labels(labels: Any, names: Sequence[str] | None) -> Labels:
    """Tell classes from measured values.

    Labels that are all 0, 1 or NaN are classes; so are whole numbers of an integer
    dtype, which must then be 0 or 1. All else is measured.

    Args:
        labels: `(n, num_labels)`, or `(n,)`: an array, a DataFrame or a Series.
        names: The names of the columns. None stands for a DataFrame's own, else
            class0, class1, ..., of measured values target0, target1, ...

    Raises:
        ValueError: Labels of another shape, that are no numbers or infinite, whole
            numbers that may be those of classes; names that don't fit.
    """
    table = _numbers(labels, "labels")
    is_binary = (table == 0) | (table == 1) | np.isnan(table)
    if not is_binary.all() and np.asarray(labels).dtype.kind in "iu":
        row, column = np.argwhere(~is_binary)[0].tolist()
        raise ValueError(
            "`labels` must be classes, 0 or 1, or measured values, of a float dtype. "
            f"Received the whole number {int(table[row, column])} at row {row}, column "
            f"{column}. For class numbers, pass `np.eye(num_classes)[labels]`; for "
            'counts, `labels.astype("float32")`.'
        )
    are_measured = not bool(is_binary.all())
    prefix = "target" if are_measured else "class"
    names = _names(labels, names, table, prefix, ("labels", "class_names"))
    return Labels(table, names, are_measured)


def checked_targets(targets: Any, names: Sequence[str] | None) -> Labels:
    """Return labels as measured values, whatever their dtype.

    Args:
        targets: See `target_correlation`.
        names: See `target_correlation`.

    Raises:
        ValueError: Targets of another shape, that are no numbers or infinite; names
            that don't fit.
    """
    table = _numbers(targets, "targets")
    arguments = ("targets", "target_names")
    return Labels(table, _names(targets, names, table, "target", arguments), True)


def checked_classes(labels: Any, class_names: Sequence[str] | None) -> Labels:
    """Return labels that must be classes.

    Args:
        labels: See `class_enrichment`.
        class_names: See `class_enrichment`.

    Raises:
        ValueError: Labels of another shape, other than 0, 1 and NaN, or names that
            don't fit them.
    """
    table = _numbers(labels, "labels")
    wrong = ~((table == 0) | (table == 1) | np.isnan(table))
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        value = table.item(row, column)
        raise ValueError(
            "`labels` must be 0 or 1, or NaN where it isn't known, one column per "
            f"class. Received {value:g} at row {row}, column {column}. For class "
            "numbers, pass `np.eye(num_classes)[labels]`; for measured values "
            "there is `target_correlation`, for probabilities `labels > 0.5`."
        )
    names = _names(labels, class_names, table, "class", ("labels", "class_names"))
    return Labels(table, names, are_measured=False)


def _numbers(labels: Any, argument: str) -> Array:
    """Return labels as `(n, num_labels)`, float64, finite or NaN."""
    shape = np.shape(labels)
    if len(shape) not in (1, 2) or 0 in shape:
        raise ValueError(
            f"`{argument}` must have shape (n, num_{argument}), or (n,) for one "
            f"column. Received shape {shape}."
        )
    try:
        if hasattr(labels, "to_numpy"):  # of pandas, whose NA no array can hold
            table = np.asarray(labels.to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            table = np.asarray(labels).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"`{argument}` must be numbers: 0 or 1 of each class, or measured values, "
            f"NaN where nothing was measured. Received {np.asarray(labels).dtype} "
            f"values ({error})."
        ) from error
    table = table[:, None] if table.ndim == 1 else table
    if np.isinf(table).any():
        row, column = np.argwhere(np.isinf(table))[0].tolist()
        raise ValueError(
            f"`{argument}` must be finite, or NaN where nothing was measured. Received "
            f"{table[row, column]} at row {row}, column {column}."
        )
    return table


def _names(
    labels: Any,
    names: Sequence[str] | None,
    table: Array,
    prefix: str,
    arguments: tuple[str, str],
) -> list[str]:
    if names is None and hasattr(labels, "columns"):
        names = [str(name) for name in labels.columns]
    elif names is None and isinstance(getattr(labels, "name", None), str):
        names = [labels.name]  # of a Series
    elif names is None:
        names = [f"{prefix}{index}" for index in range(table.shape[1])]
    listed = [names] if isinstance(names, str) else list(names)
    if len(listed) != table.shape[1] or len(set(listed)) < len(listed):
        raise ValueError(
            f"`{arguments[1]}` must hold a different name for each column of "
            f"`{arguments[0]}`. Received {len(listed)} names, {len(set(listed))} "
            f"different, for {table.shape[1]} columns."
        )
    return listed
