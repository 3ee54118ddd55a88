"""Penalties on the kernels of a first convolution, for filters that read better."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

__all__ = ["FilterDiversity", "InformationContent"]

_MOST_BITS = 2.0
_TINY = 1e-12


@keras.saving.register_keras_serializable(package="keras_motif")
class InformationContent(keras.regularizers.Regularizer):
    """Penalise columns that are neither sharp nor flat: few, sharp positions.

    Each column of a filter is read as log-odds, `p = softmax(column)`, with I bits of
    information. The penalty is `I (2 - I)`, summed over positions, averaged over
    filters: 0 where a column is flat or a single base, 1 bit^2 half-way.

    Args:
        strength: Factor on the penalty, 0 or more.

    Raises:
        ValueError: Another `strength`; when it is called, a kernel that doesn't look
            at four bases.

    Example:
        >>> flat = ops.zeros((7, 4, 3))
        >>> float(InformationContent(0.1)(flat))
        0.0
    """

    def __init__(self, strength: float = 1e-3) -> None:
        self.strength = _checked_strength(strength)

    def __call__(self, x: Any) -> Any:
        """Return the penalty of a kernel `(kernel_size, 4, filters)`."""
        _check_kernel(self, x)
        log_p = ops.log_softmax(x, axis=1)
        entropy = -ops.sum(ops.exp(log_p) * log_p, axis=1) / math.log(2)
        bits = _MOST_BITS - entropy
        return self.strength * ops.mean(ops.sum(bits * (_MOST_BITS - bits), axis=0))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {"strength": self.strength}


@keras.saving.register_keras_serializable(package="keras_motif")
class FilterDiversity(keras.regularizers.Regularizer):
    """Penalise filters that are alike, on either strand and at any small shift.

    Columns are taken less their mean over the bases. Of each pair of filters the
    largest cosine counts, over shifts and strands, where it is above 0; the penalty is
    the mean of its square over all pairs.

    Args:
        strength: Factor on the penalty, 0 or more.
        both_strands: Whether a filter that is another's reverse complement counts.
        max_shift: Largest shift in positions; None for half the kernel.

    Raises:
        ValueError: An option out of range; when it is called, a kernel that doesn't
            look at four bases.

    Example:
        >>> kernel = keras.random.normal((7, 4, 1), seed=1)
        >>> twins = ops.concatenate([kernel, kernel], axis=-1)
        >>> round(float(FilterDiversity(0.1)(twins)), 4)
        0.1
    """

    def __init__(
        self,
        strength: float = 1e-2,
        both_strands: bool = True,
        max_shift: int | None = None,
    ) -> None:
        self.strength = _checked_strength(strength)
        is_whole = isinstance(max_shift, int) and not isinstance(max_shift, bool)
        if max_shift is not None and not (is_whole and max_shift >= 0):
            raise ValueError(
                "`max_shift` must be a whole number, 0 or more, or None for half the "
                f"kernel. Received {max_shift!r}."
            )
        self.both_strands = both_strands
        self.max_shift = max_shift

    def __call__(self, x: Any) -> Any:
        """Return the penalty of a kernel `(kernel_size, 4, filters)`."""
        _check_kernel(self, x)
        size, _, filters = x.shape
        if filters < 2:
            return 0.0 * ops.sum(x)
        kernel = x - ops.mean(x, axis=1, keepdims=True)
        norm = ops.sqrt(ops.sum(ops.square(kernel), axis=(0, 1), keepdims=True) + _TINY)
        kernel = kernel / norm
        most = size // 2 if self.max_shift is None else min(self.max_shift, size - 1)
        largest = _largest_cosines(kernel, kernel, most)
        if self.both_strands:
            turned = ops.flip(kernel, axis=(0, 1))
            other = _largest_cosines(kernel, turned, most)
            largest = ops.maximum(largest, other)
        squares = ops.square(ops.relu(largest)) * (1 - ops.eye(filters, dtype=x.dtype))
        return self.strength * ops.sum(squares) / (filters * (filters - 1))

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {
            "strength": self.strength,
            "both_strands": self.both_strands,
            "max_shift": self.max_shift,
        }


def _largest_cosines(one: Any, other: Any, most: int) -> Any:
    """Return the largest product of two filters over shifts, `(filters, filters)`."""
    size, bases, filters = one.shape
    products = []
    for shift in range(-most, most + 1):
        low, high = max(shift, 0), size + min(shift, 0)
        rows = (high - low) * bases
        first = ops.reshape(one[low:high], (rows, filters))
        second = ops.reshape(other[low - shift : high - shift], (rows, filters))
        products.append(ops.matmul(ops.transpose(first), second))
    return ops.max(ops.stack(products), axis=0)


def _check_kernel(penalty: Any, kernel: Any) -> None:
    shape = tuple(kernel.shape)
    if len(shape) != 3 or shape[1] != 4:
        raise ValueError(
            f"{type(penalty).__name__} is for the kernel of a Conv1D on one-hot "
            f"sequences, (kernel_size, 4, filters). Received shape {shape}. Give "
            "further layers another regulariser."
        )


def _checked_strength(strength: Any) -> float:
    is_number = isinstance(strength, int | float) and not isinstance(strength, bool)
    if not is_number or not 0 <= strength < math.inf:
        raise ValueError(
            f"`strength` must be a number, 0 or more. Received {strength!r}."
        )
    return float(strength)
