"""A convolution whose kernels are position weight matrices."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_motif.layers._background import checked_background
from keras_motif.layers.initializers import FromMotifs
from keras_motif.motifs import Motif

__all__ = ["PWMConv1D"]


@keras.saving.register_keras_serializable(package="keras_motif")
class PWMConv1D(keras.layers.Conv1D):
    """Convolution whose filters are motifs: each kernel is a PWM, times a scale.

    Each column of a filter is `log2(p / background)` of a distribution p over the
    bases, so the filter's motif can be read off without any data (`motifs`), and its
    output is the log-odds of a window in bits, times the filter's scale, plus its bias.
    What is learned is p, as a softmax, so its columns sum to 1 after every step; no
    column has more than 2 bits of information. The scale is learned as its logarithm,
    so it stays above 0, and a filter never stands for the absence of its motif.

    For the first layer, on one-hot sequences; any activation may follow.

    Source: Ploenzke & Irizarry (2018), bioRxiv 411934, where columns are projected
    after each step and the scale may be negative.

    Args:
        filters: Number of filters.
        kernel_size: Width of the motifs, in positions.
        strides: Distance of neighbouring windows, in positions.
        padding: "valid", "same" or "causal".
        data_format: "channels_last", or None for it.
        dilation_rate: Distance of neighbouring taps of a filter.
        groups: 1.
        activation: As `keras.layers.Conv1D`, like all that follow.
        use_bias: Whether each filter has a bias.
        kernel_initializer: Of the log-odds in bits, up to what each column's sum to 1
            takes away. None for random ones of standard deviation 1/2; `FromMotifs`
            gives the motifs themselves.
        background: Frequencies of A C G T that p is compared with; None for a quarter
            each.
        kwargs: Further arguments of `keras.layers.Conv1D`; regularisers and constraints
            are those of the log-odds.

    Attributes:
        kernel: `(kernel_size, 4, filters)`, the PWMs in bits, times the scales.
        scale: `(filters,)`, above 0; they start at `1 / sqrt(kernel_size)`, so that
            outputs start around 1 whatever the width.

    Raises:
        ValueError: A background that isn't four frequencies above 0, groups, channels
            first or LoRA; when it is built, inputs without four channels.

    Example:
        >>> from keras_motif.sequences import one_hot
        >>> layer = PWMConv1D(filters=8, kernel_size=5)
        >>> tuple(layer(one_hot(["ACGGTTA"])).shape)
        (1, 3, 8)
        >>> layer.motifs()[0].width
        5
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int],
        strides: int | tuple[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | tuple[int] = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        background: Any = None,
        **kwargs: Any,
    ) -> None:
        if groups != 1:
            raise ValueError(
                "`groups` must be 1: each filter sees all four bases. Received "
                f"{groups!r}."
            )
        if data_format not in (None, "channels_last"):
            raise ValueError(
                '`data_format` must be "channels_last": (n, length, 4). '
                f"Received {data_format!r}."
            )
        if kwargs.get("lora_rank"):
            raise ValueError(
                "`lora_rank` must be None: PWMs have no low-rank update. Received "
                f"{kwargs['lora_rank']!r}."
            )
        if kernel_initializer is None:
            kernel_initializer = keras.initializers.RandomNormal(stddev=0.5)
        if isinstance(kernel_initializer, FromMotifs):
            kernel_initializer = kernel_initializer.unscaled()
        super().__init__(
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format="channels_last",
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.background = checked_background(background)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the log-odds, scales and biases."""
        if len(input_shape) != 3 or input_shape[-1] != 4:
            raise ValueError(
                "PWMConv1D takes one-hot sequences (n, length, 4), bases A C G T. "
                f"Received shape {tuple(input_shape)} for the layer {self.name!r}. "
                "Further layers are plain `Conv1D`."
            )
        super().build(input_shape)
        self._log_scale = self.add_weight(
            name="log_scale",
            shape=(self.filters,),
            initializer=keras.initializers.Constant(
                -0.5 * math.log(self.kernel_size[0])
            ),
        )

    @property
    def scale(self) -> Any:
        """The factor of each filter."""
        return ops.exp(ops.cast(self._log_scale, _wide(self._log_scale)))

    @property
    def kernel(self) -> Any:
        """The PWMs in bits, times the scales."""
        log_odds = self._log_frequencies() - self._log_background()
        return ops.cast(log_odds / math.log(2) * self.scale, self.compute_dtype)

    def call(self, inputs: Any) -> Any:
        """Return the maps, `(n, positions, filters)`."""
        return super().call(ops.cast(inputs, self.compute_dtype))

    def motifs(self) -> list[Motif]:
        """Return the motif of each filter, `filter0`, ...: no data is needed.

        Returns:
            As many motifs as filters, `kernel_size` wide.

        Raises:
            ValueError: The layer isn't built.
        """
        if not self.built:
            raise ValueError(
                f"The layer {self.name!r} has no motifs before it is built. Call it, "
                "or build its model."
            )
        values = ops.convert_to_numpy(ops.exp(self._log_frequencies()))
        frequencies = np.moveaxis(np.asarray(values, np.float64), 2, 0)
        frequencies /= frequencies.sum(axis=2, keepdims=True)
        return [Motif(x, f"filter{i}") for i, x in enumerate(frequencies)]

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs to build the same layer."""
        return {**super().get_config(), "background": list(self.background)}

    def save_own_variables(self, store: Any) -> None:
        """Save the log-odds, biases and scales."""
        for index, variable in enumerate(self._own_variables()):
            store[str(index)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Load what `save_own_variables` saved."""
        for index, variable in enumerate(self._own_variables()):
            variable.assign(store[str(index)])

    def _own_variables(self) -> list[Any]:
        if not self.built:
            return []
        biases = [self.bias] if self.use_bias else []
        return [self._kernel, *biases, self._log_scale]

    def _log_frequencies(self) -> Any:
        """Return log p, `(kernel_size, 4, filters)`, in float32 at least."""
        log_odds = ops.cast(self._kernel, _wide(self._kernel))
        return ops.log_softmax(log_odds * math.log(2) + self._log_background(), axis=1)

    def _log_background(self) -> Any:
        values = np.log(np.array(self.background)).reshape(1, 4, 1)
        return ops.convert_to_tensor(values, dtype=_wide(self._kernel))


def _wide(variable: Any) -> str:
    """Return the dtype to compute in: small frequencies vanish in half precision."""
    return "float64" if str(variable.dtype) == "float64" else "float32"
