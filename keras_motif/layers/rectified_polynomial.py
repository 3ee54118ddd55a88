"""The rectified polynomial, finite for every finite input."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_motif.layers.exponential import float_dtype

__all__ = ["RectifiedPolynomial"]

_LARGEST = {
    "float16": 65504.0,
    "bfloat16": 3.38e38,
    "float32": 3.4e38,
    "float64": 1.79e308,
}
_BELOW = 0.99  # so that rounding on the way does not pass the largest number
_HIGHEST = 30


@keras.saving.register_keras_serializable(package="keras_motif")
class RectifiedPolynomial(keras.layers.Layer):
    """Rectified polynomial: `relu(x)^order`, bounded so that it stays finite.

    Between ReLU (order 1) and the exponential: the higher the order, the more it tells
    whole matches from parts. Works as a layer and as an `activation=` value. Order 3
    is the study's `scale_relu`.

    The output has the dtype of the input, whatever dtype policy is in force. The input
    is cut off where its power or the gradient would not be finite.

    Source: Krotov & Hopfield (2016), "Dense associative memory for pattern
    recognition"; named by Koo & Ploenzke (2021), Nature Machine Intelligence.

    Args:
        order: The power, a whole number from 1 to 30.

    Raises:
        ValueError: Another `order`.

    Example:
        >>> layer = RectifiedPolynomial(order=2)
        >>> [float(y) for y in layer(ops.array([-1.0, 3.0]))]
        [0.0, 9.0]
    """

    def __init__(self, order: int = 3, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        is_whole = isinstance(order, int) and not isinstance(order, bool)
        if not is_whole or not 1 <= order <= _HIGHEST:
            raise ValueError(
                f"`order` must be a whole number from 1 to {_HIGHEST}. Received "
                f"{order!r}."
            )
        self.order = order
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the power of the rectified input."""
        inputs = ops.convert_to_tensor(inputs)
        dtype = float_dtype(inputs)
        x = ops.relu(ops.cast(inputs, dtype))
        if self.order == 1:
            return x
        return ops.power(ops.minimum(x, self._bound(dtype)), self.order)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return shape and dtype of the output: those of the input."""
        return keras.KerasTensor(inputs.shape, dtype=float_dtype(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """Return the shape of the output: that of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build the same layer."""
        return {**super().get_config(), "order": self.order}

    def _bound(self, dtype: str) -> float:
        largest, order = _LARGEST[dtype], self.order
        power: float = largest ** (1 / order)
        gradient: float = (largest / order) ** (1 / (order - 1))
        return _BELOW * min(power, gradient)
