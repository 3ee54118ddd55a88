"""DeepLIFT's rescale rule, layer by layer.

Sequences and their references lie behind one another in one batch. A step with a rule
gives its true result, whose gradient in the first half is replaced by the rule's
multiplier: `stop(y) + multiplier * (x - stop(x))`. What is linear keeps its gradient,
so that gradients of the score in the first half are DeepLIFT's multipliers.

Source: Shrikumar, Greenside & Kundaje (2017), ICML 70, 3145.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_motif.attribution._gradients import derivative
from keras_motif.attribution._network import without_activation
from keras_motif.attribution._pairs import free, halves, rounding
from keras_motif.attribution._pooling import windows_max
from keras_motif.layers import (
    Exponential,
    PWMConv1D,
    RandomReverseComplement,
    RectifiedPolynomial,
    RevCompBatchNormalization,
    RevCompConv1D,
)
from keras_motif.models.calls import Call
from keras_motif.models.elementwise import elementwise_kind, is_affine
from keras_motif.models.operations import is_a, is_activation, is_known, is_linear, kind

__all__ = ["RescaleRule"]

# From the middle to the points of Gauss' rule with two points, as a share of the way.
_GAUSS = 0.5 / math.sqrt(3)

_ACTIVATED = (
    layers.Dense,
    layers.EinsumDense,
    layers.Conv1D,
    layers.Conv2D,
    layers.DepthwiseConv1D,
    layers.SeparableConv1D,
    layers.Conv1DTranspose,
    PWMConv1D,
    RevCompConv1D,
)
_LINEAR = (
    layers.ActivityRegularization,
    layers.BatchNormalization,
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.Flatten,
    layers.Normalization,
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
    layers.ZeroPadding2D,
    layers.Cropping1D,
    layers.UpSampling1D,
    layers.RepeatVector,
    layers.Rescaling,
    layers.Identity,
    layers.InputLayer,
    RandomReverseComplement,
    RevCompBatchNormalization,
)
_LINEAR_NAMES = {
    *("add", "subtract", "negative", "reshape", "transpose", "getitem", "mean", "sum"),
    *("concatenate", "squeeze", "expanddims", "flip", "pad", "cast", "identity"),
    *("stack", "split", "take", "ravel", "averagepool", "moveaxis", "swapaxes"),
    *("average", "repeat", "tile", "roll", "conv", "depthwiseconv", "separableconv"),
}
# Linear in each of two factors; a factor that is no tensor of the graph is a constant.
_BILINEAR_NAMES = {"multiply", "matmul", "dot", "tensordot", "einsum"}
_ELEMENTWISE = {"absolute", "abs", "square", "sqrt", "log", "log1p", "expm1"}
_NOT_ELEMENTWISE = {"softmax", "logsoftmax", "sparsemax", "glu"}


class RescaleRule:
    """Calls operations by the rule.

    Args:
        calls: What will be called: operations of the user's own are measured first.

    Attributes:
        unknown: The operations that have no rule, by name and kind, in order; they
            have their plain gradient.
    """

    def __init__(self, calls: Iterable[Call]) -> None:
        self.unknown: list[str] = []
        self._measured = {
            id(x.step): _found_kind(x) for x in calls if not is_known(x.operation)
        }

    def __call__(self, call: Call, tensors: Sequence[Any]) -> Sequence[Any]:
        """Return what an operation gives, with the rule's gradient."""
        operation, name = call.operation, kind(call.operation)
        if is_a(operation, _ACTIVATED) and not is_linear(operation):
            activation = operation.activation
            with without_activation(operation):
                (linear,) = call.evaluate(tensors)
            return [self._activated(call, activation, linear)]
        if is_a(operation, layers.Activation):
            return [self._activated(call, operation.activation, tensors[0])]
        if is_a(operation, _LINEAR + _ACTIVATED):
            return call.evaluate(tensors)
        if is_a(operation, layers.MaxPooling1D):
            return [_max_pooled(operation, tensors[0])]
        if is_a(operation, layers.GlobalMaxPooling1D):
            return [_global_max(operation, tensors[0])]
        if not is_known(operation):
            return self._measured_rule(call, tensors)
        if name in _LINEAR_NAMES:
            return call.evaluate(tensors)
        if name == "multiply" and len(tensors) > 1:
            return [_multiplied(tensors)]
        if name in _BILINEAR_NAMES and len({*call.inputs}) == len(tensors) < 3:
            return [_bilinear(call, tensors)]
        if name in ("divide", "truedivide") and _is_numerator(call, tensors):
            return call.evaluate(tensors)
        if name in ("maximum", "minimum") and len(tensors) > 1:
            return [_largest(tensors, 1 if name == "maximum" else -1)]
        if len(tensors) == 1 and _is_elementwise(operation):
            return [_rescaled(lambda x: call.evaluate([x])[0], tensors[0])]
        return self._without_rule(call, call.evaluate(tensors))

    def _activated(self, call: Call, activation: Any, x: Any) -> Any:
        if activation is None or activation is keras.activations.linear:
            return x
        name = getattr(activation, "__name__", type(activation).__name__)
        if name.lower().replace("_", "") in _NOT_ELEMENTWISE:
            return self._without_rule(call, [activation(x)])[0]
        return _rescaled(activation, x)

    def _measured_rule(self, call: Call, tensors: Sequence[Any]) -> Sequence[Any]:
        """Call what isn't of Keras, such as a layer of the user's own."""
        found = self._measured[id(call.step)]
        if found == "elementwise":
            return [_rescaled(lambda x: call.evaluate([x])[0], tensors[0])]
        if found == "affine":
            return call.evaluate(tensors)
        return self._without_rule(call, call.evaluate(tensors))

    def _without_rule(self, call: Call, results: Sequence[Any]) -> Sequence[Any]:
        name = f"{call.long_name} ({type(call.operation).__name__})"
        if name not in self.unknown:
            self.unknown.append(name)
        return results


def _found_kind(call: Call) -> str | None:
    if len(call.inputs) != 1 or len(call.outputs) != 1:
        return None
    if elementwise_kind(call) is not None:
        return "elementwise"
    return "affine" if is_affine(call) else None


def _is_elementwise(operation: Any) -> bool:
    name = kind(operation)
    if name in _NOT_ELEMENTWISE:
        return False
    return (
        name in _ELEMENTWISE
        or is_activation(operation)
        or is_a(operation, (Exponential, RectifiedPolynomial))
    )


def _is_numerator(call: Call, tensors: Sequence[Any]) -> bool:
    """Return whether a quotient's divisor is a constant."""
    args, _ = call.filled(tensors)
    return len(tensors) == 1 and bool(args) and args[0] is tensors[0]


def _rescaled(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function of single numbers, with difference quotients as gradients.

    A quotient of two small differences is mostly rounding. Where it is, and the
    function is smooth between the two numbers, the mean derivative takes its place:
    that at the two points of Gauss' rule, where it gives the same difference as far as
    rounding tells.
    """
    ends = ops.stop_gradient(x)
    y = ops.stop_gradient(function(ends))
    (x1, x0), (y1, y0) = halves(ends), halves(y)
    step, rise = x1 - x0, y1 - y0
    if function is keras.activations.relu:  # whose quotients are exact
        at_once = ops.cast(x1 > 0, x1.dtype)
        slope = ops.where(step == 0, at_once, rise / ops.where(step == 0, 1.0, step))
        return ops.concatenate([y1 + slope * free(halves(x)[0]), y0], axis=0)
    middle, reach = 0.5 * (x1 + x0), _GAUSS * step
    points = [middle - reach, middle + reach]
    mean = sum(ops.stop_gradient(derivative(function, p)) for p in points) * 0.5
    size = ops.abs(y1) + ops.abs(y0) + ops.abs(mean) * (ops.abs(x1) + ops.abs(x0))
    is_same = ops.abs(mean * step - rise) <= rounding(x) * size
    slope = ops.where(is_same, mean, rise / ops.where(step == 0, 1.0, step))
    first, _ = halves(x)
    return ops.concatenate([y1 + slope * free(first), y0], axis=0)


def _multiplied(factors: Sequence[Any]) -> Any:
    """Multiply tensors of one shape, or that spread to one."""
    product = factors[0]
    for factor in factors[1:]:
        product = _product(ops.multiply, product, factor)
    return product


def _bilinear(call: Call, tensors: Sequence[Any]) -> Any:
    """Call what is linear in each of its tensors, one or two."""
    if len(tensors) == 1:
        return call.evaluate(tensors)[0]
    return _product(lambda a, b: call.evaluate([a, b])[0], *tensors)


def _product(multiply: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Share a product's difference evenly: each factor times the other's mean."""
    y = ops.stop_gradient(multiply(a, b))
    moved = multiply(free(a), _mean(b)) + multiply(_mean(a), free(b))
    first, second = halves(y)
    return ops.concatenate([first + halves(moved)[0], second], axis=0)


def _mean(x: Any) -> Any:
    """Return the mean of sequence and reference, for both."""
    first, second = halves(ops.stop_gradient(x))
    mean = 0.5 * (first + second)
    return ops.concatenate([mean, mean], axis=0)


def _largest(tensors: Sequence[Any], sign: int) -> Any:
    """Return the largest (or smallest, for sign -1): one, and how far others exceed."""
    found = tensors[0]
    for other in tensors[1:]:
        found = found + sign * _rescaled(ops.relu, sign * (other - found))
    return found


def _max_pooled(layer: Any, x: Any) -> Any:
    """Pool windows of positions, wherever the model's data format keeps them."""
    size, stride = layer.pool_size[0], layer.strides[0]
    if layer.data_format == "channels_first":
        return ops.transpose(
            windows_max(ops.transpose(x, (0, 2, 1)), size, stride, layer.padding),
            (0, 2, 1),
        )
    return windows_max(x, size, stride, layer.padding)


def _global_max(layer: Any, x: Any) -> Any:
    if layer.data_format == "channels_first":
        x = ops.transpose(x, (0, 2, 1))
    y = windows_max(x, x.shape[1], 1, "valid")
    return y if layer.keepdims else ops.squeeze(y, axis=1)
