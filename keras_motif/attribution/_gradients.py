"""Scores and their gradients, compiled: the one file with a backend's own code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_motif.models.probes import to_numpy

__all__ = ["compiled", "derivative", "with_gradient"]

Array = np.ndarray[Any, Any]


def compiled(function: Callable[..., Any]) -> Callable[..., Array]:
    """Return a function of tensors as one of arrays; what it gives is float32."""
    run = _compile(function)

    def call(*arrays: Array) -> Array:
        if keras.backend.backend() == "torch":
            import torch

            with torch.no_grad():
                return _to_numpy(run(*_tensors(arrays)))
        return _to_numpy(run(*_tensors(arrays)))

    return call


def with_gradient(function: Callable[..., Any]) -> Callable[..., tuple[Array, Array]]:
    """Return a function that gives scores and their gradient to the first argument.

    Args:
        function: From tensors, the first of shape `(n, ...)`, to scores `(n,)`; the
            score of a row depends on that row of the first tensor alone.

    Returns:
        A function of arrays that gives the scores `(n,)` and the gradient, as
        large as the first array.
    """
    run = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}[
        keras.backend.backend()
    ](function)

    def call(*arrays: Array) -> tuple[Array, Array]:
        scores, gradient = run(*_tensors(arrays))
        return _to_numpy(scores), _to_numpy(gradient)

    return call


def derivative(function: Callable[[Any], Any], x: Any) -> Any:
    """Return the derivative of a function of single numbers at some numbers."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    if backend == "jax":
        import jax

        y, backwards = jax.vjp(function, x)
        return backwards(keras.ops.ones_like(y))[0]
    return _torch(function)(x)[1]


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        compiled_function: Callable[..., Any] = tf.function(function, autograph=False)
        return compiled_function
    if backend == "jax":
        import jax

        jitted: Callable[..., Any] = jax.jit(function)
        return jitted
    return function


def _tensorflow(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    def run(x: Any, *others: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            scores = function(x, *others)
        return scores, tape.gradient(
            scores, x, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )

    return _compile(run)


def _jax(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    def total(x: Any, *others: Any) -> Any:
        scores = function(x, *others)
        return scores.sum(), scores

    def run(*tensors: Any) -> Any:
        (_, scores), gradient = jax.value_and_grad(total, has_aux=True)(*tensors)
        return scores, gradient

    return _compile(run)


def _torch(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def run(x: Any, *others: Any) -> Any:
        x = x.detach().requires_grad_(True)
        with torch.enable_grad():
            scores = function(x, *others)
            if not scores.requires_grad:
                return scores, torch.zeros_like(x)
            (gradient,) = torch.autograd.grad(scores.sum(), x, allow_unused=True)
        return scores, torch.zeros_like(x) if gradient is None else gradient

    return run


def _tensors(arrays: tuple[Array, ...]) -> list[Any]:
    return [keras.ops.convert_to_tensor(x) for x in arrays]


def _to_numpy(tensor: Any) -> Array:
    return to_numpy(tensor).astype(np.float32, copy=False)
