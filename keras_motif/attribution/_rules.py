"""DeepLIFT's rescale rule, layer by layer.

Sequences and their references lie behind one another in one batch. A step with a rule
gives its true result, whose gradient in the first half is replaced by the rule's
multiplier: `stop(y) + multiplier * (x - stop(x))`. What is linear keeps its gradient,
so that gradients of the score in the first half are DeepLIFT's multipliers.

Source: Shrikumar, Greenside & Kundaje (2017), ICML 70, 3145.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from keras_motif.attribution._gradients import derivative
from keras_motif.attribution._network import without_activation
from keras_motif.layers import Exponential, RandomReverseComplement
from keras_motif.models.operations import is_activation, is_linear

__all__ = ["RescaleRule"]

# From the middle to the points of Gauss' rule with two points, as a share of the way.
_GAUSS = 0.5 / math.sqrt(3)
# Roundings that two ways to one number may differ by.
_FEW = 16

_ACTIVATED = (
    layers.Dense,
    layers.EinsumDense,
    layers.Conv1D,
    layers.Conv2D,
    layers.DepthwiseConv1D,
    layers.SeparableConv1D,
    layers.Conv1DTranspose,
)
_LINEAR = (
    layers.BatchNormalization,
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.Flatten,
    layers.Reshape,
    layers.Permute,
    layers.Add,
    layers.Subtract,
    layers.Average,
    layers.Concatenate,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.ZeroPadding1D,
    layers.Cropping1D,
    layers.UpSampling1D,
    layers.RepeatVector,
    layers.Rescaling,
    layers.Identity,
    RandomReverseComplement,
)
_LINEAR_OPERATIONS = {
    *("Add", "Subtract", "Negative", "Reshape", "Transpose", "GetItem", "Mean"),
    *("Sum", "Concatenate", "Squeeze", "ExpandDims", "Flip", "Pad", "Cast", "Identity"),
    *("Stack", "Split", "Take", "Ravel", "AveragePool"),
}
_ELEMENTWISE = {"Absolute", "Abs", "Square", "Sqrt", "Log", "Log1p", "Expm1"}
_NOT_ELEMENTWISE = {"softmax", "logsoftmax", "sparsemax", "glu"}


class RescaleRule:
    """Calls operations by the rule.

    Attributes:
        unknown: The names of the operations that have no rule, in order; they have
            their plain gradient.
    """

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def __call__(self, operation: Any, args: Any, kwargs: Any) -> Any:
        """Return what an operation gives, with the rule's gradient."""
        tensors = [x for x in keras.tree.flatten((args, kwargs)) if _is_tensor(x)]
        kind = type(operation).__name__
        if isinstance(operation, _ACTIVATED) and not is_linear(operation):
            activation = operation.activation
            with without_activation(operation):
                linear = operation(*args, **kwargs)
            return self._activated(operation, activation, linear)
        if isinstance(operation, layers.Activation):
            return self._activated(operation, operation.activation, tensors[0])
        if isinstance(operation, _LINEAR + _ACTIVATED) or kind in _LINEAR_OPERATIONS:
            return operation(*args, **kwargs)
        if kind == "Multiply":
            return _multiplied(operation, args, kwargs, tensors)
        if kind == "Divide" and len(tensors) == 1 and _is_tensor(args[0]):
            return operation(*args, **kwargs)
        if isinstance(operation, layers.MaxPooling1D):
            return _max_pooled(operation, tensors[0])
        if isinstance(operation, layers.GlobalMaxPooling1D):
            return _global_max(operation, tensors[0])
        if len(tensors) == 1 and _is_elementwise(operation):
            return _rescaled(lambda x: operation(x, *args[1:], **kwargs), tensors[0])
        return self._without_rule(operation, operation(*args, **kwargs))

    def _activated(self, operation: Any, activation: Any, x: Any) -> Any:
        if activation is keras.activations.linear:
            return x
        name = getattr(activation, "__name__", type(activation).__name__)
        if name.lower().replace("_", "") in _NOT_ELEMENTWISE:
            return self._without_rule(operation, activation(x))
        return _rescaled(activation, x)

    def _without_rule(self, operation: Any, result: Any) -> Any:
        name = f"{operation.name} ({type(operation).__name__})"
        if name not in self.unknown:
            self.unknown.append(name)
        return result


def _is_elementwise(operation: Any) -> bool:
    kind = type(operation).__name__
    if kind.lower().replace("_", "") in _NOT_ELEMENTWISE:
        return False
    return (
        kind in _ELEMENTWISE
        or is_activation(operation)
        or isinstance(operation, Exponential)
    )


def _is_tensor(x: Any) -> bool:
    return bool(keras.ops.is_tensor(x))


def _halves(x: Any) -> tuple[Any, Any]:
    first, second = ops.split(x, 2, axis=0)
    return first, second


def _free(x: Any) -> Any:
    """Return zeros that have a gradient of one."""
    return x - ops.stop_gradient(x)


def _rescaled(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function of single numbers, with difference quotients as gradients.

    A quotient of two small differences is mostly rounding. Where it is, and the
    function is smooth between the two numbers, the mean derivative takes its place:
    that at the two points of Gauss' rule, where it gives the same difference as far as
    rounding tells.
    """
    ends = ops.stop_gradient(x)
    y = ops.stop_gradient(function(ends))
    (x1, x0), (y1, y0) = _halves(ends), _halves(y)
    step, rise = x1 - x0, y1 - y0
    middle, reach = 0.5 * (x1 + x0), _GAUSS * step
    points = [middle - reach, middle + reach]
    mean = sum(ops.stop_gradient(derivative(function, p)) for p in points) * 0.5
    size = ops.abs(y1) + ops.abs(y0) + ops.abs(mean) * (ops.abs(x1) + ops.abs(x0))
    is_same = ops.abs(mean * step - rise) <= _rounding(x) * size
    slope = ops.where(is_same, mean, rise / ops.where(step == 0, 1.0, step))
    first, _ = _halves(x)
    return ops.concatenate([y1 + slope * _free(first), y0], axis=0)


def _rounding(x: Any) -> float:
    """Return the rounding error of a few steps, as a share of the numbers."""
    kind = keras.backend.standardize_dtype(x.dtype)
    return _FEW * {"bfloat16": 2**-8, "float16": 2**-11}.get(kind, 2**-24)


def _multiplied(operation: Any, args: Any, kwargs: Any, tensors: list[Any]) -> Any:
    """Share the product's difference evenly: each factor times the other's mean."""
    y = operation(*args, **kwargs)
    varied = [x for x in tensors if x.shape[0] == y.shape[0] and len(x.shape) > 1]
    if len(varied) < 2:
        return y
    if len(varied) > 2:
        product = varied[0]
        for factor in varied[1:]:
            product = _product(product, factor)
        return product
    return _product(*varied)


def _product(a: Any, b: Any) -> Any:
    (a1, a0), (b1, b0) = _halves(a), _halves(b)
    mean_a = ops.stop_gradient(0.5 * (a1 + a0))
    mean_b = ops.stop_gradient(0.5 * (b1 + b0))
    y1 = ops.stop_gradient(a1 * b1) + mean_b * _free(a1) + mean_a * _free(b1)
    return ops.concatenate([y1, a0 * b0], axis=0)


def _max_pooled(layer: Any, x: Any) -> Any:
    """Pool windows of positions, wherever the model's data format keeps them."""
    size, stride = layer.pool_size[0], layer.strides[0]
    if layer.data_format == "channels_first":
        return ops.transpose(
            _windows_max(ops.transpose(x, (0, 2, 1)), size, stride, layer.padding),
            (0, 2, 1),
        )
    return _windows_max(x, size, stride, layer.padding)


def _global_max(layer: Any, x: Any) -> Any:
    if layer.data_format == "channels_first":
        x = ops.transpose(x, (0, 2, 1))
    y = _windows_max(x, x.shape[1], 1, "valid")
    return y if layer.keepdims else ops.squeeze(y, axis=1)


def _windows_max(x: Any, size: int, stride: int, padding: str) -> Any:
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
    where = ops.arange(num_windows)[:, None] * stride + ops.arange(size)[None, :]
    pads = [[0, 0], [before, padded - length - before], [0, 0]]
    lowest = ops.pad(x, pads, constant_values=-3e38)
    values = ops.stop_gradient(ops.take(lowest, where, axis=1))
    free = ops.take(ops.pad(_free(x), pads), where, axis=1)
    y = ops.max(values, axis=2)
    (v1, v0), (y1, y0) = _halves(values), _halves(y)
    highest = ops.maximum(y1, y0)
    step, rounding = v1 - v0, _rounding(x)
    # The first of the equal ones, also of those that only rounding tells apart.
    at1, at0 = (
        ops.one_hot(
            ops.argmax(v >= (top - rounding * ops.abs(top))[:, :, None], axis=2),
            size,
            axis=2,
            dtype=x.dtype,
        )
        for v, top in ((v1, y1), (v0, y0))
    )
    shares = at1 * (highest - y0)[:, :, None] + at0 * (y1 - highest)[:, :, None]
    is_same = ops.abs(step) <= rounding * (ops.abs(v1) + ops.abs(v0))
    slopes = ops.where(is_same, 0.0, shares / ops.where(is_same, 1.0, step))
    free1, _ = _halves(free)
    return ops.concatenate([y1 + ops.sum(slopes * free1, axis=2), y0], axis=0)
