"""Batch norm that treats both strands alike."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_motif.layers._between import KeepsStrands
from keras_motif.layers._pairs import check_pairs

__all__ = ["RevCompBatchNormalization"]

_LARGEST_HALF = 65504.0  # of float16


@keras.saving.register_keras_serializable(package="keras_motif")
class RevCompBatchNormalization(KeepsStrands, keras.layers.BatchNormalization):
    """Batch norm of paired channels: one mean, variance, scale and shift a pair.

    For behind `RevCompConv1D`, whose pairs plain batch norm would part. The moments
    are those of both channels of a pair together, as if each sequence stood in the
    batch on both strands.

    Source: Shrikumar, Greenside & Kundaje (2017), bioRxiv 103663.

    Args:
        momentum: As `keras.layers.BatchNormalization`, like all that follow.
        epsilon: Added to the variance.
        kwargs: Further arguments of `keras.layers.BatchNormalization`.

    Raises:
        ValueError: An `axis` that isn't the last, `synchronized` or `renorm`; when it
            is built, inputs that aren't `(n, positions, 2 x filters)`, or a layer
            before it that parts the strands.

    Example:
        >>> layer = RevCompBatchNormalization()
        >>> tuple(layer(ops.ones((2, 7, 16))).shape)
        (2, 7, 16)
        >>> tuple(layer.gamma.shape)
        (8,)
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        **kwargs: Any,
    ) -> None:
        if axis not in (-1, 2):
            raise ValueError(
                "`axis` must be -1: channels stand last, (n, positions, channels). "
                f"Received {axis!r}."
            )
        for option in ("synchronized", "renorm"):
            if kwargs.get(option):
                raise ValueError(
                    f"`{option}` must be False: the moments are those of pairs. "
                    f"Received {kwargs[option]!r}."
                )
        super().__init__(axis=-1, momentum=momentum, epsilon=epsilon, **kwargs)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the statistics, scales and shifts, one of each pair."""
        if len(input_shape) != 3:
            raise ValueError(
                "RevCompBatchNormalization takes (n, positions, channels). Received "
                f"shape {tuple(input_shape)} for the layer {self.name!r}. Behind "
                "RevCompFold, plain BatchNormalization does."
            )
        channels = check_pairs(self, input_shape)
        super().build((*input_shape[:-1], channels // 2))
        self.input_spec = keras.layers.InputSpec(ndim=3, axes={-1: channels})

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the normalised maps."""
        # In float32 at least, as Keras' own: squares would overflow in float16.
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        mean = ops.cast(self.moving_mean, x.dtype)
        variance = ops.cast(self.moving_variance, x.dtype)
        if training and self.trainable:
            now_mean, now_variance = _pair_moments(x, mask)
            keep = self.momentum
            self.moving_mean.assign(mean * keep + now_mean * (1 - keep))
            moved = variance * keep + now_variance * (1 - keep)
            if self.moving_variance.dtype == "float16":
                moved = ops.minimum(moved, _LARGEST_HALF)  # infinite, it stays so
            self.moving_variance.assign(moved)
            mean, variance = now_mean, now_variance
        normalised = ops.batch_normalization(
            x,
            _on_both(mean),
            _on_both(variance),
            axis=-1,
            offset=_on_both(ops.cast(self.beta, x.dtype)) if self.center else None,
            scale=_on_both(ops.cast(self.gamma, x.dtype)) if self.scale else None,
            epsilon=self.epsilon,
        )
        return ops.cast(normalised, self.compute_dtype)


def _pair_moments(x: Any, mask: Any) -> tuple[Any, Any]:
    """Return mean and variance of each pair's two channels together, `(filters,)`."""
    if mask is None:
        mean, variance = ops.moments(x, axes=(0, 1))
    else:
        weights = ops.cast(mask, x.dtype)[..., None]
        total = ops.maximum(ops.sum(weights), 1)
        mean = ops.sum(weights * x, axis=(0, 1)) / total
        variance = ops.sum(weights * ops.square(x - mean), axis=(0, 1)) / total
    filters = x.shape[-1] // 2
    other_mean, other_variance = ops.flip(mean, axis=0), ops.flip(variance, axis=0)
    both_variance = (variance + other_variance) / 2
    both_variance += ops.square((mean - other_mean) / 2)
    return ((mean + other_mean) / 2)[:filters], both_variance[:filters]


def _on_both(values: Any) -> Any:
    """Return a value of each pair for each channel."""
    return ops.concatenate([values, ops.flip(values, axis=0)])
