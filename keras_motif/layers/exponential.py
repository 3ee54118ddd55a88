"""The exponential activation, finite for every finite input."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

__all__ = ["Exponential"]

# The largest number of each dtype whose exponential is finite there. The
# logarithm of the largest finite number itself rounds up and gives inf.
LARGEST_INPUT = {
    "float16": 11.0859375,
    "bfloat16": 88.5,
    "float32": 88.72283172607422,
    "float64": 709.782712893384,
}


@keras.saving.register_keras_serializable(package="keras_motif")
class Exponential(keras.layers.Layer):
    """Exponential activation: `exp(scale * x)`, bounded so that it stays finite.

    On the first convolution, after batch normalisation, it makes filters learn
    whole motifs: small activations are suppressed, so a filter pays only where
    its whole pattern matches. Works as a layer and as an `activation=` value. It
    equals `keras.activations.exponential` for `scale=1` wherever that is finite;
    under `mixed_float16` that one overflows above 11.09, this one does not.

    The output has the dtype of the input, whatever dtype policy is in force; the
    gradient is 0 beyond the bound. Inputs of integer dtype are cast to the
    default float.

    Source: Koo & Ploenzke (2019), bioRxiv 650804; `scale` from its published
    version, Nature Machine Intelligence (2021).

    Args:
        scale: Factor on the input, finite and above 0.
        max_input: Where `scale * x` is cut off from above. None, and anything
            larger than it, stands for the largest number whose exponential is
            finite in the input's dtype (float16 11.0859, bfloat16 88.5, float32
            88.7228).

    Raises:
        ValueError: `scale` is not finite and above 0, or `max_input` not finite.

    Example:
        >>> layer = Exponential()
        >>> [round(float(y), 4) for y in layer(ops.array([0.0, 1.0]))]
        [1.0, 2.7183]
    """

    def __init__(
        self, scale: float = 1.0, max_input: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        if not _is_finite_number(scale) or scale <= 0:
            raise ValueError(
                f"`scale` must be a finite number above 0. Received {scale!r}."
            )
        if max_input is not None and not _is_finite_number(max_input):
            raise ValueError(
                "`max_input` must be a finite number, or None for the largest that "
                f"stays finite. Received {max_input!r}."
            )
        self.scale = float(scale)
        self.max_input = None if max_input is None else float(max_input)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the activation to a tensor of any shape."""
        x = ops.convert_to_tensor(inputs)
        dtype = float_dtype(x)
        x = ops.cast(x, dtype)
        if self.scale != 1.0:
            x = ops.multiply(x, ops.cast(self.scale, dtype))
        return ops.exp(ops.minimum(x, ops.cast(self._bound(dtype), dtype)))

    def _bound(self, dtype: str) -> float:
        largest = LARGEST_INPUT[dtype]
        return largest if self.max_input is None else min(self.max_input, largest)

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        """Return shape and dtype of the output: those of the input."""
        return keras.KerasTensor(inputs.shape, dtype=float_dtype(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """Return the shape of the output: that of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build the same layer."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "max_input": self.max_input,
        }


def float_dtype(x: Any) -> str:
    """Return a tensor's dtype, the default float for one that is no float."""
    dtype = str(keras.backend.standardize_dtype(x.dtype))
    return dtype if dtype in LARGEST_INPUT else str(keras.config.floatx())


def _is_finite_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )
