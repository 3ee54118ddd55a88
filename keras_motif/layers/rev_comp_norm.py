"""Batch norm that treats both strands alike."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_motif.layers._pairs import check_pairs, turn

__all__ = ["RevCompBatchNormalization"]


@keras.saving.register_keras_serializable(package="keras_motif")
class RevCompBatchNormalization(keras.layers.BatchNormalization):
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
        ValueError: An `axis` that isn't the last; when it is built, inputs that
            aren't `(n, positions, 2 x filters)`.

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
        filters, positions = inputs.shape[-1] // 2, ops.shape(inputs)[1]
        # The other strand's channels stand behind, as further positions.
        both = [inputs[..., :filters], turn(inputs)[..., :filters]]
        masks = None if mask is None else [mask, ops.flip(mask, axis=1)]
        normalised = super().call(
            ops.concatenate(both, axis=1),
            training=training,
            mask=None if masks is None else ops.concatenate(masks, axis=1),
        )
        given, other = normalised[:, :positions], normalised[:, positions:]
        return ops.concatenate([given, turn(other)], axis=-1)
