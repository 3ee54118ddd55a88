"""Checks of arguments that several public functions share, and how messages quote."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = [
    "CONTROL",
    "check_count",
    "check_one_hot_shape",
    "check_one_hot_values",
    "check_path",
    "check_stored_shape",
    "listed",
    "printable",
    "quoted",
    "with_shapes",
]

# What a terminal or a table would obey instead of showing: control characters, line
# separators, marks that turn the direction of writing, halves of characters.
CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff]"
)
_MOST_LISTED = 200  # characters of a file that a message may hold


def quoted(text: object, most: int = 60) -> str:
    """Return what a file or a caller says for a message: quoted, escaped, cut."""
    whole = str(text)
    return repr(whole if len(whole) <= most else f"{whole[:most]}...")


def listed(names: Iterable[object]) -> str:
    """Return names for a message, escaped, as many as 200 characters hold."""
    whole = [str(name) for name in names]
    shown: list[str] = []
    room = _MOST_LISTED
    for name in whole:
        room -= len(name) + 2
        if room < 0 and shown:
            break
        shown.append(printable(name[:_MOST_LISTED]))
    more = len(whole) - len(shown)
    return ", ".join(shown) + (f", ... ({len(whole)} in all)" if more else "")


def with_shapes(value: tuple[Any, ...]) -> str:
    """Return the repr of a NamedTuple, with the shapes of arrays in place of them."""
    fields = zip(value._fields, value, strict=True)  # type: ignore[attr-defined]
    shown = []
    for name, field in fields:
        text = repr(field)
        if hasattr(field, "shape") and hasattr(field, "dtype"):
            text = f"{tuple(field.shape)} {field.dtype}"
        elif hasattr(field, "shape"):
            text = f"{type(field).__name__} {tuple(field.shape)}"
        elif isinstance(field, tuple) and not hasattr(field, "_fields"):
            text = f"({listed(field)})" if field else "()"
        shown.append(f"{name}={text}")
    return f"{type(value).__name__}({', '.join(shown)})"


def printable(text: str) -> str:
    """Return text with its control characters escaped, as Python writes them."""
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def check_count(value: object, name: str) -> None:
    """Raise unless a number of things is a whole number, 1 or more."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < 1:  # type: ignore[operator]
        raise ValueError(
            f"`{name}` must be a whole number, 1 or more. Received {value!r}."
        )


def check_path(path: object, call: str) -> None:
    """Raise unless a file's path is a path, as where arguments are swapped.

    Args:
        path: What was given.
        call: The call with its arguments in order, such as "write_meme(motifs, path)".

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            "`path` must be the path of a file. Received "
            f"{type(path).__name__}. The order is `{call}`."
        )


def check_one_hot_shape(shape: tuple[int, ...], name: str = "sequences") -> None:
    """Raise unless `shape` is `(n, length, 4)` with something in it.

    Args:
        shape: The shape of the caller's array.
        name: The argument's name, for the message.

    Raises:
        ValueError: Any other shape; `(n, 4, length)` names the transpose to use.
    """
    expected = f"`{name}` must be one-hot with shape (n, length, 4), bases A C G T."
    if len(shape) == 3 and shape[2] != 4 and shape[1] == 4:
        raise ValueError(
            f"{expected} Received shape {shape}. For (n, 4, length) arrays, pass "
            f"`{name}.transpose(0, 2, 1)`."
        )
    if len(shape) == 2 and 4 in shape:
        fix = f"`{name}[None]`" if shape[1] == 4 else f"`{name}.T[None]`"
        raise ValueError(
            f"{expected} Received shape {shape}. For a single sequence, pass {fix}."
        )
    if len(shape) != 3 or shape[2] != 4:
        raise ValueError(
            f"{expected} Received shape {shape}. To encode strings, use "
            "`keras_motif.one_hot(strings)`."
        )
    if shape[0] == 0 or shape[1] == 0:
        raise ValueError(f"{expected} Received shape {shape}, which holds no base.")


def check_stored_shape(shape: tuple[int, ...], name: str = "sequences") -> bool:
    """Raise unless `shape` is that of sequences in a file, of either layout.

    Args:
        shape: `(n, length, 4)`, or `(n, 4, length)` as the study stores it; of
            `(n, 4, 4)` the former is assumed.
        name: The data set's name, for the message.

    Returns:
        Whether it is `(n, 4, length)`, to be transposed.

    Raises:
        ValueError: Any other shape, or one that holds no base.
    """
    channels_first = len(shape) == 3 and shape[1] == 4 and shape[2] != 4
    length_first = (shape[0], shape[2], shape[1]) if channels_first else shape
    check_one_hot_shape(length_first, name)
    return channels_first


def check_one_hot_values(
    batch: np.ndarray[Any, Any], first: int = 0, name: str = "sequences"
) -> None:
    """Raise unless every base of `batch` is one-hot, or N: all zero, or a quarter each.

    Args:
        batch: Array of shape `(n, length, 4)`, any dtype.
        first: Index of the batch's first sequence in the caller's data, for the
            message.
        name: The argument's name, for the message.

    Raises:
        ValueError: Names the first sequence and position that is neither.
    """
    if _is_one_hot(batch):
        return
    ones = batch == 1
    legal = (ones | (batch == 0)).all(axis=2) & (ones.sum(axis=2) <= 1)
    legal |= (batch == 0.25).all(axis=2)
    if legal.all():
        return
    sequence, position = np.argwhere(~legal)[0]
    raise ValueError(
        f"`{name}` must be one-hot (one 1, three 0) or N (all zero, or 0.25 each) at "
        f"every position. Received {batch[sequence, position].tolist()} at sequence "
        f"{first + sequence}, position {position}. Encode strings with "
        "`keras_motif.one_hot(strings)`; probabilities cannot be used here, and what "
        "may be one of several bases is an N."
    )


def _is_one_hot(batch: np.ndarray[Any, Any]) -> bool:
    """Look at the four bytes of each position at once, as one number."""
    with np.errstate(invalid="ignore"):  # of NaN, which the comparison finds
        small = np.ascontiguousarray(batch, dtype=np.int8)
    if batch.dtype not in (np.int8, np.bool_) and not np.array_equal(small, batch):
        return False
    bits = small.view(np.uint32)
    # One byte of 1 is a power of two; other values have a bit outside of 0x01.
    return not ((bits & (bits - 1)) | (bits & 0xFEFEFEFE)).any()
