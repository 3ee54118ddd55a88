"""Batches of sequences with their references behind them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["free", "halves", "rounding"]

# Roundings that two ways to one number may differ by.
_FEW = 16


def halves(x: Any) -> tuple[Any, Any]:
    """Return what belongs to the sequences, and what to their references."""
    first, second = ops.split(x, 2, axis=0)
    return first, second


def free(x: Any) -> Any:
    """Return zeros that have a gradient of one."""
    return x - ops.stop_gradient(x)


def rounding(x: Any) -> float:
    """Return the rounding error of a few steps, as a share of the numbers."""
    kind = keras.backend.standardize_dtype(x.dtype)
    return _FEW * {"bfloat16": 2**-8, "float16": 2**-11}.get(kind, 2**-24)
