"""Where both strands become one."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

from keras_motif.layers._between import KeepsStrands
from keras_motif.layers._pairs import check_pairs

__all__ = ["RevCompFold"]

_MERGES = {
    "max": ops.maximum,
    # Halved first: the sum of two large values is beyond float16.
    "mean": lambda x, y: ops.add(ops.multiply(x, 0.5), ops.multiply(y, 0.5)),
    "sum": ops.add,
}


@keras.saving.register_keras_serializable(package="keras_motif")
class RevCompFold(KeepsStrands, keras.layers.Layer):
    """Merge paired channels into channels that are the same for both strands.

    `out[p, c] = merge(y[p, c], y[L - 1 - p, 2F - 1 - c])`: each channel with its
    partner at the mirrored position, so whatever follows, `Flatten` and dense layers
    included, sees no strand. Put it behind the last `RevCompConv1D` and its pool.
    Behind global pooling it merges the pooled channels.

    Args:
        merge: "max", "mean" or "sum" of both.

    Raises:
        ValueError: Another `merge`; when it is built, an odd number of channels, or a
            layer before it that parts the strands, as a pool with a rest.

    Example:
        >>> layer = RevCompFold("sum")
        >>> y = ops.array([[[1.0, 20.0], [2.0, 10.0]]])  # 2 positions, 1 pair
        >>> ops.convert_to_numpy(layer(y)).tolist()
        [[[11.0], [22.0]]]
    """

    def __init__(
        self, merge: Literal["max", "mean", "sum"] = "max", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if merge not in _MERGES:
            raise ValueError(
                f'`merge` must be "max", "mean" or "sum". Received {merge!r}.'
            )
        self.merge = merge

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check the channels."""
        self._check(input_shape)

    def call(self, inputs: Any) -> Any:
        """Return the merged channels, half as many."""
        filters = inputs.shape[-1] // 2
        axes = tuple(range(1, len(inputs.shape)))
        other = ops.flip(inputs, axis=axes)
        return _MERGES[self.merge](inputs[..., :filters], other[..., :filters])

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """Return the shape of the output: half the channels."""
        return (*input_shape[:-1], self._check(input_shape) // 2)

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build the same layer."""
        return {**super().get_config(), "merge": self.merge}

    def _check(self, input_shape: tuple[int | None, ...]) -> int:
        if len(input_shape) not in (2, 3):
            raise ValueError(
                "RevCompFold takes (n, positions, channels) or (n, channels). Received "
                f"shape {tuple(input_shape)} for the layer {self.name!r}. "
                "Put it before `Flatten`."
            )
        return check_pairs(self, input_shape)
