"""What an operation does to each value for itself, found with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_motif.models.calls import Call
from keras_motif.models.probes import LOW, MOVED, random_weights, to_numpy

__all__ = ["elementwise_kind", "is_affine"]

Array = np.ndarray[Any, Any]

_SHORT = 64  # positions, where any number will do


def elementwise_kind(call: Call) -> str | None:
    """Return what an unknown operation with one input does to each value for itself.

    Returns:
        "affine" or "nonlinear"; None where a value depends on others as well, or the
        operation can't be evaluated alone.
    """
    symbolic = call.step.inputs[0]
    if tuple(symbolic.shape[1:]) != tuple(call.step.outputs[0].shape[1:]):
        return None
    x = _normal(symbolic.shape)
    changed = np.repeat(x, 4, axis=0)
    places = np.random.default_rng(3).integers(0, x.size, size=3)
    for row, place in enumerate(places):
        changed[row].reshape(-1)[place] += 1
    y = _evaluated(call, changed)
    if y is None or y.shape != changed.shape:
        return None
    flat = np.abs(y - y[3:]).reshape(4, -1)[:3]
    others = flat.copy()
    others[np.arange(3), places] = 0
    if others.max() > MOVED * np.abs(y).max():
        return None
    return "affine" if is_affine(call) else "nonlinear"


def is_affine(call: Call) -> bool:
    """Return whether an operation with one input is a linear one and an addend."""
    x = _normal(call.step.inputs[0].shape)
    step = np.asarray(np.random.default_rng(4).normal(size=x.shape), dtype=np.float32)
    y = _evaluated(call, np.concatenate([x, x + step, x + 2 * step]))
    if y is None:
        return True
    bend = np.abs(y[0] - 2 * y[1] + y[2]).max()
    return bool(bend <= 1e-4 * np.abs(y).max())


def _normal(shape: Sequence[int | None]) -> Array:
    sizes = [_SHORT if size is None else size for size in shape[1:]]
    normal = np.random.default_rng(2).normal(size=(1, *sizes))
    return np.asarray(normal, dtype=np.float32)


def _evaluated(call: Call, values: Array) -> Array | None:
    """Return what a call with one input gives, with random weights; None if nothing."""
    try:
        dtype = call.step.inputs[0].dtype
        dtype = "float32" if dtype in LOW else dtype
        tensor = keras.ops.convert_to_tensor(values, dtype=dtype)
        (output, *_) = call.evaluate(
            [tensor], random_weights([call.operation], signed=True)
        )
        found = to_numpy(output).astype(np.float32)
    except Exception:  # whatever a layer of the user's may raise
        return None
    return found if np.isfinite(found).all() else None
