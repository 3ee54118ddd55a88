"""A model's inputs: the sequences to attribute, and what stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import check_one_hot_shape, check_one_hot_values
from keras_motif.models.calls import CallGraph

__all__ = ["Inputs", "read_inputs"]

Array = np.ndarray[Any, Any]


class Inputs(NamedTuple):
    """What a model takes.

    Attributes:
        sequences: One-hot, `(n, length, 4)`, float32.
        place: Which of the model's inputs they are.
        others: The other inputs in order, each with n rows.
    """

    sequences: Array
    place: int
    others: list[Array]


def read_inputs(graph: CallGraph, sequences: Any, inputs: str | int | None) -> Inputs:
    """Check what is to be attributed.

    Args:
        graph: The model's calls.
        sequences: One-hot sequences, or all inputs in a dict by name or in a list.
        inputs: The name or index of the input that takes the sequences.

    Raises:
        ValueError: Sequences that are not one-hot, don't fit the model's input or are N
            alone; inputs that are missing, or of another number of rows.
    """
    tensors = [graph.tensors[n] for n in graph.inputs]
    names = [str(x.name) for x in tensors]
    place = _place(names, tensors, inputs)
    parts = _parts(names, sequences, place)
    array = np.asarray(parts[place])
    if array.dtype.kind in "USO":
        raise ValueError(
            "`sequences` must be one-hot. Received strings; encode them with "
            "`keras_motif.one_hot(strings)`."
        )
    check_one_hot_shape(array.shape, "sequences")
    check_one_hot_values(array)
    _check_fits(tensors[place], array.shape)
    is_empty = ~(array == 1).any(axis=(1, 2))
    if is_empty.any():
        raise ValueError(
            "`sequences` must each hold a base. Received sequence "
            f"{is_empty.argmax()} of N alone; leave it out."
        )
    others = []
    for number, (name, tensor) in enumerate(zip(names, tensors, strict=True)):
        if number == place:
            continue
        other = np.asarray(parts[number])
        wanted = tuple(tensor.shape[1:])
        fits = other.ndim == len(wanted) + 1 and all(
            a in (None, b) for a, b in zip(wanted, other.shape[1:], strict=True)
        )
        if not fits or len(other) != len(array):
            raise ValueError(
                f"The input {name!r} must have shape ({len(array)}, "
                f"{', '.join(map(str, wanted))}), a row for each sequence. Received "
                f"shape {other.shape}."
            )
        low = str(tensor.dtype) in ("bfloat16", "float16")
        others.append(other.astype("float32" if low else str(tensor.dtype)))
    return Inputs(array.astype(np.float32), place, others)


def _place(names: list[str], tensors: list[Any], inputs: str | int | None) -> int:
    if inputs is None:
        alike = [
            n for n, x in enumerate(tensors) if len(x.shape) == 3 and x.shape[2] == 4
        ]
        if len(tensors) == 1 or len(alike) == 1:
            return (alike or [0])[0]
        raise ValueError(
            "Which input takes the sequences can't be told. Name it with `inputs=`, "
            f"one of {', '.join(names)}."
        )
    if isinstance(inputs, str) and inputs in names:
        return names.index(inputs)
    is_index = isinstance(inputs, int) and not isinstance(inputs, bool)
    if is_index and 0 <= int(inputs) < len(names):
        return int(inputs)
    raise ValueError(
        "`inputs` must be the name or index of an input of the model: "
        f"{', '.join(names)}. Received {inputs!r}."
    )


def _parts(names: list[str], sequences: Any, place: int) -> list[Any]:
    """Return what was given for each input."""
    if isinstance(sequences, Mapping):
        if {*names} <= {*sequences}:
            return [sequences[name] for name in names]
        received = f"the keys {', '.join(map(str, sequences))}"
    elif isinstance(sequences, tuple | list) and all(
        hasattr(part, "shape") for part in sequences
    ):
        if len(sequences) == len(names):
            return list(sequences)
        received = f"{len(sequences)} arrays"
    elif len(names) == 1:
        return [sequences]
    else:
        received = f"{type(sequences).__name__} of shape {np.shape(sequences)}"
    raise ValueError(
        f"The model has {len(names)} inputs: {', '.join(names)}. `sequences` must hold "
        f"all of them, in a dict by name or in a list; {names[place]!r} is attributed, "
        f"and the others stay as they are. Received {received}."
    )


def _check_fits(tensor: Any, shape: tuple[int, ...]) -> None:
    wanted = tuple(tensor.shape)
    if len(wanted) != 3 or wanted[2] != 4 or wanted[1] not in (None, shape[1]):
        raise ValueError(
            f"`sequences` must fit the model's input, shape {wanted}. Received shape "
            f"{shape}."
        )
    if not str(tensor.dtype).startswith(("float", "bfloat")):
        raise ValueError(
            "The model's input must be of floats, since integers have no gradient. "
            f"Received dtype {tensor.dtype}; build the model on "
            '`keras.Input((length, 4), dtype="float32")`.'
        )
