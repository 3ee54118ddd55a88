"""The activations that the study compares with the exponential.

Functions for `activation=` of Keras' layers and of `keras_motif.models`, under the
names of the code released with Koo & Ploenzke (2021), Nature Machine Intelligence.
Models with them load after `import keras_motif`. Each returns the shape and, for
floats, the dtype of its input, and is finite for every finite input; so are the
gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from keras_motif.layers.exponential import LARGEST_INPUT, float_dtype
from keras_motif.layers.rectified_polynomial import RectifiedPolynomial

__all__ = [
    "EXPONENTIAL_SCALES",
    "STUDY",
    "RectifiedPolynomial",
    "exp_relu",
    "identity",
    "log",
    "log_relu",
    "scale_relu",
    "scale_sigmoid",
    "scale_tanh",
    "shift_relu",
    "shift_scale_relu",
    "shift_scale_sigmoid",
    "shift_scale_tanh",
    "shift_sigmoid",
    "shift_tanh",
]

# Just below the cube root of the largest number of each dtype.
_LARGEST_CUBED = {
    "float16": 40.25,
    "bfloat16": 6.9e12,
    "float32": 6.9e12,
    "float64": 5.6e102,
}

# Nearer to 0 than this, the logarithm is that of the bound. The released code adds
# 1e-10, which is 0 in float16: there it is the smallest normal number.
_SMALLEST_LOGGED = {"float16": 2.0**-14}
_SMALLEST_LOGGED_ELSEWHERE = 1e-10

_register = keras.saving.register_keras_serializable(package="keras_motif")


@_register
def identity(x: Any) -> Any:
    """Return `x`: the study's linear first layer, as an activation of its own.

    Keras' "linear" stands for no activation at all, so extraction looks for the
    activation behind it. This one is read like any other.
    """
    return x


@_register
def shift_relu(x: Any) -> Any:
    """Return `relu(x - 0.2)`: a ReLU that cuts off the background."""
    return ops.relu(ops.subtract(x, 0.2))


@_register
def scale_relu(x: Any) -> Any:
    """Return `relu(x^3)`: a rectified polynomial, which diverges late.

    The input is cut off where its cube would not be finite: at 40.25 in float16, at
    6.9e12 in float32 and bfloat16.

    Source: the polynomial, Krotov & Hopfield (2016).
    """
    bounded = ops.minimum(ops.relu(x), _LARGEST_CUBED[float_dtype(x)])
    return ops.power(bounded, 3)


@_register
def shift_scale_relu(x: Any) -> Any:
    """Return `relu((x - 0.2)^3)`, bounded as `scale_relu` is."""
    return scale_relu(ops.subtract(x, 0.2))


@_register
def shift_sigmoid(x: Any) -> Any:
    """Return `sigmoid(x - 8)`, near 0 for the background."""
    return ops.sigmoid(ops.subtract(x, 8.0))


@_register
def scale_sigmoid(x: Any) -> Any:
    """Return `4000 sigmoid(x)`."""
    return ops.multiply(ops.sigmoid(x), 4000.0)


@_register
def shift_scale_sigmoid(x: Any) -> Any:
    """Return `4000 sigmoid(x - 8)`, about `1.34 exp(x)` up to 5."""
    return scale_sigmoid(ops.subtract(x, 8.0))


@_register
def shift_tanh(x: Any) -> Any:
    """Return `tanh(x - 6)`, near -1 for the background."""
    return ops.tanh(ops.subtract(x, 6.0))


@_register
def scale_tanh(x: Any) -> Any:
    """Return `500 tanh(x) + 500`, from 0 to 1000."""
    return ops.add(ops.multiply(ops.tanh(x), 500.0), 500.0)


@_register
def shift_scale_tanh(x: Any) -> Any:
    """Return `500 tanh(x - 6) + 500`, from 0 to 1000."""
    return scale_tanh(ops.subtract(x, 6.0))


@_register
def exp_relu(x: Any) -> Any:
    """Return `relu(exp(0.1 x) - 1)`, bounded as `Exponential` is."""
    # The same as expm1 of the rectified input, exact near 0 and finite backwards.
    scaled = ops.multiply(ops.relu(x), 0.1)
    return ops.expm1(ops.minimum(scaled, LARGEST_INPUT[float_dtype(x)]))


@_register
def log(x: Any) -> Any:
    """Return `log|x|`.

    Nearer to 0 than 1e-10 (6.1e-5 in float16) it is the logarithm of that, -23.03
    (-9.7), with gradient 0, so that 0 gives neither -inf nor NaN.
    """
    smallest = _SMALLEST_LOGGED.get(float_dtype(x), _SMALLEST_LOGGED_ELSEWHERE)
    return ops.log(ops.maximum(ops.abs(x), smallest))


@_register
def log_relu(x: Any) -> Any:
    """Return `relu(log|x|)`: 0 from -1 to 1."""
    return ops.log(ops.maximum(ops.abs(x), 1.0))


STUDY: Mapping[str, str | Callable[[Any], Any]] = MappingProxyType(
    {
        "relu": "relu",
        "exponential": "exponential",
        "sigmoid": "sigmoid",
        "tanh": "tanh",
        "softplus": "softplus",
        "linear": identity,
        "elu": "elu",
        "shift_relu": shift_relu,
        "scale_relu": scale_relu,
        "shift_scale_relu": shift_scale_relu,
        "shift_sigmoid": shift_sigmoid,
        "scale_sigmoid": scale_sigmoid,
        "shift_scale_sigmoid": shift_scale_sigmoid,
        "shift_tanh": shift_tanh,
        "scale_tanh": scale_tanh,
        "shift_scale_tanh": shift_scale_tanh,
        "exp_relu": exp_relu,
        "log": log,
        "log_relu": log_relu,
    }
)
"""Every first-layer activation of the study: its name and what to pass as
`activation=`. `Exponential(scale)` adds the scaled exponentials."""

EXPONENTIAL_SCALES = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
"""The scales s of exp(s x) that the study compares, for `Exponential(s)`."""
