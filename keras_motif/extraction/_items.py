"""One batch of a source: the model's inputs, the sequences among them, the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import check_one_hot_shape, listed
from keras_motif.models.choices import InputChoice

__all__ = [
    "Item",
    "check_layout",
    "chosen_input",
    "is_own_layout",
    "label_rows",
    "laid",
    "read_item",
    "to_numpy",
]

Array = np.ndarray[Any, Any]


class Item(NamedTuple):
    """What a source hands out at a time.

    Attributes:
        sequences: Array of shape `(n, length, 4)`, or `(length, 4)` of one sequence.
        labels: What came with them, as it came; None where nothing did.
    """

    sequences: Array
    labels: Any = None


def read_item(item: Any, choice: InputChoice | None) -> Item:
    """Tell the sequences and the labels of a batch, or of one sequence.

    Args:
        item: Sequences, a dict or list of inputs, or a tuple of these with labels and
            weights, as `fit` takes them.
        choice: Which input takes the sequences.

    Raises:
        ValueError: It holds no sequences, or not all inputs of the model.
    """
    labels = None
    if not _holds_inputs(item, choice):
        labels = item[1] if len(item) > 1 else None
        item = item[0]
    if isinstance(item, Mapping):
        item = chosen_input(item, choice)
    elif isinstance(item, tuple | list):
        index = 0 if choice is None else choice.place
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
    return Item(laid(to_numpy(item), choice), labels)


def is_own_layout(shape: Sequence[int], choice: InputChoice | None) -> bool:
    """Return whether an array is laid out as the model's own input."""
    return choice is not None and choice.layout.is_own(tuple(shape))


def laid(batch: Array, choice: InputChoice | None) -> Array:
    """Return an array of the model's own layout as `(n, length, 4 or more)`."""
    if choice is None or not is_own_layout(batch.shape, choice):
        return batch
    return choice.layout.from_model(batch)


def check_layout(shape: Sequence[int], name: str, choice: InputChoice | None) -> None:
    """Raise unless sequences have four channels, or those of the model's input.

    Raises:
        ValueError: Another shape.
    """
    shape = tuple(shape)
    more = 0 if choice is None else choice.layout.channels
    if len(shape) == 3 and shape[2] == more:
        shape = (*shape[:2], 4)
    check_one_hot_shape(shape, name)


def _holds_inputs(item: Any, choice: InputChoice | None) -> bool:
    """Return whether a batch is a model's inputs, without labels and weights."""
    if not isinstance(item, tuple | list) or len(item) not in (1, 2, 3):
        return True
    # A torch DataLoader gives lists of inputs and labels; a list of all of a
    # model's inputs has arrays alone.
    return (
        isinstance(item, list)
        and choice is not None
        and len(item) == choice.num_inputs > 1
        and all(hasattr(part, "shape") for part in item)
    )


def chosen_input(parts: Mapping[Any, Any], choice: InputChoice | None) -> Any:
    """Return the sequences of a dict of inputs.

    They lie under the name of the model's input; under another one they are found
    where only one array looks like sequences.

    Raises:
        ValueError: They cannot be told.
    """
    name = None if choice is None else choice.name
    if name in parts:
        return parts[name]
    alike = _like_sequences(parts, 3) or _like_sequences(parts, 2)
    if len(alike) == 1 or len(parts) == 1:
        return parts[(alike or list(parts))[0]]
    found = f"{len(alike)} of them, {listed(alike)}" if alike else "none of them"
    raise ValueError(
        f"A dict of `sequences` must hold them under the name of the model's input, "
        f"{name!r}, or one array of shape (n, length, 4) alone. Received the keys "
        f"{list(parts)}; of this shape are {found}. Pass the sequences alone: "
        '`sequences["KEY"]`, or of a dataset `dataset.map(lambda batch: '
        'batch["KEY"])`, with their key for KEY.'
    )


def _like_sequences(parts: Mapping[Any, Any], num_axes: int) -> list[Any]:
    """Return the keys of arrays whose last axis may be that of the bases."""
    shapes = {key: tuple(getattr(part, "shape", [])) for key, part in parts.items()}
    return [key for key, x in shapes.items() if len(x) == num_axes and 4 in x[-1:]]


def to_numpy(tensor: Any) -> Array:
    """Return a backend's tensor as an array; bfloat16 and the like as float32."""
    if hasattr(tensor, "detach"):  # a torch tensor, perhaps on another device
        tensor = tensor.detach().cpu()
        try:
            return np.asarray(tensor)
        except TypeError:  # a dtype that NumPy doesn't have
            return np.asarray(tensor.float())
    array = np.asarray(tensor)
    # NumPy knows these dtypes only as bytes, through the package ml_dtypes.
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def label_rows(labels: Any, num: int) -> dict[str, Array] | None:
    """Return the labels of a batch as named columns.

    Args:
        labels: `(n,)` or `(n, num_labels)`; or a dict, tuple or list of those, one
            for each output of the model.
        num: How many sequences they are of.

    Returns:
        Dict of output -> array `(n, num_labels)`; the output of one alone is "".
        None where they are no table of numbers, such as labels of each position.
    """
    if isinstance(labels, Mapping):
        parts = {str(key): part for key, part in labels.items()}
    elif isinstance(labels, tuple | list) and all(
        getattr(part, "shape", ()) for part in labels
    ):
        parts = {f"output{index}": part for index, part in enumerate(labels)}
    else:
        parts = {"": labels}
    columns = {key: _columns(part, num) for key, part in parts.items()}
    if not columns or any(column is None for column in columns.values()):
        return None
    return {key: column for key, column in columns.items() if column is not None}


def _columns(labels: Any, num: int) -> Array | None:
    try:
        array = to_numpy(labels)
    except (TypeError, ValueError):  # ragged ones
        return None
    array = array[:, None] if array.ndim == 1 else array
    is_table = array.ndim == 2 and len(array) == num and array.dtype.kind in "biuf"
    return array if is_table and array.size else None
