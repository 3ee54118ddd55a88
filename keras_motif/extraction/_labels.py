"""Labels that came with the batches, put together to a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif.extraction._items import label_rows

__all__ = ["LabelTable", "label_table", "required_labels"]


class LabelTable(NamedTuple):
    """The labels of all sequences.

    Attributes:
        values: Array `(n, num_labels)`.
        names: Their names, where the model's outputs have any.
    """

    values: np.ndarray[Any, Any]
    names: tuple[str, ...] | None


def label_table(batches: Sequence[tuple[Any, int]]) -> LabelTable | None:
    """Return the labels of all batches; None where some have none that can be used.

    Args:
        batches: Of each batch the labels, as they came, and how many sequences they
            are of.
    """
    rows = [label_rows(labels, num) for labels, num in batches]
    widths = {
        None if row is None else tuple((key, x.shape[1]) for key, x in row.items())
        for row in rows
    }
    if len(widths) != 1 or (columns := widths.pop()) is None:
        return None
    values = np.concatenate(
        [np.concatenate(list(row.values()), axis=1) for row in rows if row is not None]
    )
    if columns[0][0] == "":
        return LabelTable(values, None)
    names = [
        key if width == 1 else f"{key}_{index}"
        for key, width in columns
        for index in range(width)
    ]
    return LabelTable(values, tuple(names))


def required_labels(labels: LabelTable | None) -> Any:
    """Return labels for the caller: an array, or a DataFrame where they have names.

    Raises:
        ValueError: There are none.
    """
    if labels is None:
        raise ValueError(
            "`return_labels=True` takes the labels that come with the batches of "
            "`sequences`, as `fit` takes them: (n,) or (n, num_labels) of each batch, "
            "or of each output. These come without such labels."
        )
    if labels.names is None:
        return labels.values
    import pandas as pd

    return pd.DataFrame(labels.values, columns=list(labels.names))
