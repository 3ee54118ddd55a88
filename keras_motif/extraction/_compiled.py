"""Functions of tensors, compiled; the one file that knows the backends apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import keras
import numpy as np

__all__ = [
    "MAP_BYTES",
    "Function",
    "block_maxima",
    "compiled",
    "fused",
    "on_host",
    "packed_sites",
    "room_for",
    "to_device",
]

Array = np.ndarray[Any, Any]
Function: TypeAlias = Callable[..., Any]

_BACKEND = keras.backend.backend()

# Maps of one batch that give full speed: those that stay in the cache, but TensorFlow
# takes longer for each call.
MAP_BYTES = (32 if _BACKEND == "tensorflow" else 16) * 2**20


def compiled(function: Function, variables: Sequence[Any] = ()) -> Function:
    """Return a function of tensors that the backend compiles, without gradients.

    What can't be compiled, such as a layer that looks at its values, runs step by
    step.

    Args:
        function: Takes tensors, gives tensors.
        variables: The Keras variables that it reads; their values of the time count.
    """
    current = [_compiled(function, variables)]

    def run(*tensors: Any) -> Any:
        try:
            return current[0](*tensors)
        except Exception:
            # What is wrong whichever way it runs is raised by the second try.
            result = _without_gradients(function)(*tensors)
            current[0] = _without_gradients(function)
            return result

    return run


def _compiled(function: Function, variables: Sequence[Any]) -> Function:
    if _BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False)  # type: ignore[no-any-return]
    if _BACKEND == "jax":
        import jax

        def stateless(values: list[Any], *tensors: Any) -> Any:
            known = list(zip(variables, values, strict=True))
            with keras.StatelessScope(state_mapping=known):
                return function(*tensors)

        jitted = jax.jit(stateless)
        return lambda *tensors: jitted([x.value for x in variables], *tensors)
    return _without_gradients(function)


def _without_gradients(function: Function) -> Function:
    if _BACKEND != "torch":
        return function
    import torch

    # Not inference mode: what a layer keeps of its call may be trained later.
    return torch.no_grad()(function)  # type: ignore[no-any-return]


def fused(function: Function) -> Function:
    """Return a function whose steps run as one inside of a compiled function."""
    if _BACKEND != "tensorflow" or not _has_xla():
        return function
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)  # type: ignore[no-any-return]


@lru_cache(maxsize=1)
def _has_xla() -> bool:
    """Return whether this TensorFlow comes with its compiler."""
    import tensorflow as tf

    try:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.zeros(1))
    except Exception:
        return False
    return True


@lru_cache(maxsize=8)
def block_maxima(size: int) -> Function:
    """Return what takes maps, and gives the largest value of each run of positions.

    Args:
        size: Positions of a run; the last one may be shorter.

    Returns:
        A function from `(rows, positions, filters)` to `(rows, runs, filters)`. The
        largest of a run with NaN is NaN.
    """

    def maxima(values: Any) -> Any:
        whole = values.shape[1] // size
        parts = [_runs(values[:, : whole * size], size)] if whole else []
        if whole * size < values.shape[1]:
            rest = values[:, whole * size :]
            parts.append(_runs(rest, values.shape[1] - whole * size))
        return keras.ops.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]

    return compiled(fused(maxima))


def _runs(values: Any, size: int) -> Any:
    runs = keras.ops.reshape(values, (values.shape[0], -1, size, values.shape[2]))
    largest = runs[:, :, 0]
    for place in range(1, size):
        largest = _larger(largest, runs[:, :, place])
    return largest


def _larger(one: Any, other: Any) -> Any:
    """Return the larger of each pair, NaN where one is NaN."""
    if _BACKEND != "tensorflow":
        return keras.ops.maximum(one, other)
    # TensorFlow's maximum, compiled by XLA, loses NaN.
    is_nan = keras.ops.not_equal(other, other)
    return keras.ops.where((other > one) | is_nan, other, one)


def packed_sites(values: Any, limits: Any, scale: int, room: Any) -> Any:
    """Mark the sites in maps, two filters in one number.

    Sums of up to `scale - 1` of them are exact in float32 where it is at most 4,096,
    and the counts of both filters can be read from them.

    Args:
        values: Float32, `(..., filters)`.
        limits: What a site's value exceeds, `(filters,)`, float32.
        scale: How much a site of the second filter weighs.
        room: What `room_for` returned; it is overwritten.

    Returns:
        Tensor of shape `(..., (filters + 1) // 2)`: 1 where a filter of the first half
        has a site, and `scale` more where the filter as far into the second half has
        one.
    """
    half = (values.shape[-1] + 1) // 2
    if room is not None:
        import torch

        sites = torch.gt(values, limits, out=room)
        second = sites[..., half:]
        sites[..., : second.shape[-1]].add_(second, alpha=scale)
        return sites[..., :half]
    sites = keras.ops.cast(values > limits, "float32")
    second = sites[..., half:]
    missing = [(0, 0)] * (len(values.shape) - 1) + [(0, half - second.shape[-1])]
    return sites[..., :half] + scale * keras.ops.pad(second, missing)


def room_for(values: Any) -> Any:
    """Return memory for `packed_sites`, kept where new memory costs more than it."""
    if _BACKEND != "torch":
        return None
    import torch

    return torch.empty(values.shape, dtype=values.dtype, device=values.device)


def to_device(array: Array) -> Any:
    """Return an array as a tensor of its dtype."""
    array = np.ascontiguousarray(array)
    if _BACKEND == "torch" and not array.flags.writeable:
        array = array.copy()
    return keras.ops.convert_to_tensor(array)


def on_host(tensor: Any) -> Array:
    """Return a tensor as an array, without a copy where it lies in this memory."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
    return np.asarray(tensor)
