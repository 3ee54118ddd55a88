"""The rescale rule of maxima over windows of positions."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_motif.attribution._pairs import free, halves, rounding

__all__ = ["windows_max"]


def windows_max(x: Any, size: int, stride: int, padding: str) -> Any:
    """Return the maxima of windows along axis 1, `(n, windows, channels)`.

    The difference of the maxima goes to where the sequence has its maximum, as far as
    that lies above the reference's, and to where the reference has its own, as far as
    that lies above the sequence's.
    """
    length = x.shape[1]
    before = 0
    num_windows = (length - size) // stride + 1
    padded = length
    if padding == "same":
        num_windows = -(-length // stride)
        missing = max((num_windows - 1) * stride + size - length, 0)
        before, padded = missing // 2, length + missing
    pads = [[0, 0], [before, padded - length - before], [0, 0]]
    lowest = ops.pad(ops.stop_gradient(x), pads, constant_values=-3e38)
    values = _cut(lowest, num_windows, size, stride)
    first, _ = halves(x)
    moved = _cut(ops.pad(free(first), pads), num_windows, size, stride)
    y = ops.max(values, axis=2)
    (v1, v0), (y1, y0) = halves(values), halves(y)
    highest = ops.maximum(y1, y0)
    step, error = v1 - v0, rounding(x)
    # The first of the equal ones, also of those that only rounding tells apart.
    at1, at0 = (
        ops.one_hot(
            ops.argmax(v >= (top - error * ops.abs(top))[:, :, None], axis=2),
            size,
            axis=2,
            dtype=x.dtype,
        )
        for v, top in ((v1, y1), (v0, y0))
    )
    shares = at1 * (highest - y0)[:, :, None] + at0 * (y1 - highest)[:, :, None]
    is_same = ops.abs(step) <= error * (ops.abs(v1) + ops.abs(v0))
    # Where one maximum becomes the other, it is the derivative: 1 where both lie.
    slopes = ops.where(is_same, at1 * at0, shares / ops.where(is_same, 1.0, step))
    return ops.concatenate([y1 + ops.sum(slopes * moved, axis=2), y0], axis=0)


def _cut(x: Any, num_windows: int, size: int, stride: int) -> Any:
    """Return windows of positions, `(n, windows, size, channels)`."""
    if stride == size:  # many times faster than to gather them, and back
        whole = x[:, : num_windows * size]
        return ops.reshape(whole, (-1, num_windows, size, x.shape[2]))
    where = ops.arange(num_windows)[:, None] * stride + ops.arange(size)[None, :]
    return ops.take(x, where, axis=1)
