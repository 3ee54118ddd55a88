"""A convolution whose filters look at both strands alike."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_motif.layers._between import KeepsStrands, check_activation
from keras_motif.layers._mirrored_grid import Grid

__all__ = ["RevCompConv1D"]


@keras.saving.register_keras_serializable(package="keras_motif")
class RevCompConv1D(KeepsStrands, keras.layers.Conv1D):
    """Convolution with `2 x filters` channels: each filter on either strand.

    Channel c of a sequence is channel `2 x filters - 1 - c` of its reverse complement,
    read backwards: what a filter learns on one strand it knows on the other. It has
    half the parameters of a `Conv1D` of as many channels, and needs no second filter
    for the other strand. The first one takes one-hot sequences, further
    ones the paired channels of the one before. `RevCompBatchNormalization` keeps the
    pairs, activations, dropout and pools without a rest do too; `RevCompFold` ends
    them, so that the output is the same for both strands.

    That is exact where the windows are: with `padding="valid"` where
    `(length - kernel_size) % strides` is 0, with "same" where as much is padded at the
    start as at the end, so for odd kernels with stride 1. Pools behind it must divide
    the positions without a rest. In Sequential and functional models of known length
    the next `RevCompConv1D` or `RevCompFold` checks that, and that no plain Keras layer
    with weights for each channel lies between.

    Source: Shrikumar, Greenside & Kundaje (2017), bioRxiv 103663.

    Args:
        filters: Number of filters, half the number of channels.
        kernel_size: Width of the filters, in positions.
        strides: Distance of neighbouring windows, in positions.
        padding: "valid" or "same".
        data_format: "channels_last", or None for it.
        dilation_rate: Distance of neighbouring taps of a filter.
        groups: 1.
        activation: As `keras.layers.Conv1D`, like all that follow. It must treat all
            channels and positions alike, as functions and layers without weights do.
        use_bias: Whether each filter has a bias, the same on both strands.
        kwargs: Further arguments of `keras.layers.Conv1D`; initialisers,
            regularisers and constraints are those of the stored filters.

    Attributes:
        kernel: `(kernel_size, input channels, 2 x filters)`: the stored filters, then,
            from the last to the first, their reverse complements.

    Raises:
        ValueError: Causal padding, groups or channels first; when it is built, an odd
            number of input channels, an activation with weights for each channel, a
            layer before it that parts the strands, or windows that lie otherwise on
            the other strand: the message names the nearest sizes that work.

    Example:
        >>> from keras_motif.sequences import one_hot, reverse_complement
        >>> layer = RevCompConv1D(filters=8, kernel_size=5, padding="same")
        >>> x = one_hot(["ACGGTTA"])
        >>> given, turned = layer(x), layer(reverse_complement(x))
        >>> tuple(given.shape)
        (1, 7, 16)
        >>> bool(ops.all(ops.isclose(given, ops.flip(turned, axis=(1, 2)), atol=1e-6)))
        True
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
        **kwargs: Any,
    ) -> None:
        if isinstance(padding, str) and padding.lower() == "causal":
            raise ValueError(
                '`padding` must be "valid" or "same": a causal convolution sees one '
                "side alone, which on the other strand is the other side. Received "
                f"{padding!r}."
            )
        if groups != 1:
            raise ValueError(
                "`groups` must be 1: a pair of channels lies at both ends of the "
                f"channels, in different groups. Received {groups!r}."
            )
        if data_format not in (None, "channels_last"):
            raise ValueError(
                '`data_format` must be "channels_last": (n, length, channels). '
                f"Received {data_format!r}."
            )
        super().__init__(
            filters,
            kernel_size,
            strides=strides,
            padding=padding,
            data_format="channels_last",
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            **kwargs,
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the filters and biases of one strand."""
        self._check_input(input_shape)
        super().build(input_shape)
        check_activation(self, self.compute_output_shape(input_shape))

    @property
    def kernel(self) -> Any:
        """The filters of both strands."""
        given = super().kernel
        return ops.concatenate([given, ops.flip(given, axis=(0, 1, 2))], axis=-1)

    def call(self, inputs: Any) -> Any:
        """Return the maps of both strands, `(n, positions, 2 x filters)`."""
        self._check_grid(inputs.shape[1], is_built=True)
        inputs = ops.cast(inputs, self.compute_dtype)  # as one-hot integers, too
        outputs = self.convolution_op(inputs, self.kernel)
        if self.use_bias:
            bias = ops.concatenate([self.bias, ops.flip(self.bias, axis=0)])
            outputs = ops.add(outputs, bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> Any:
        """Return the shape of the output: that of a Conv1D of twice the filters."""
        self._check_input(input_shape)
        return (*super().compute_output_shape(input_shape)[:-1], 2 * self.filters)

    def save_own_variables(self, store: Any) -> None:
        """Save the stored filters alone; the others follow from them."""
        variables = [super().kernel, self.bias] if self.use_bias else [super().kernel]
        for index, variable in enumerate(variables):
            store[str(index)] = variable

    def _check_input(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) != 3:
            raise ValueError(
                f"RevCompConv1D takes (n, length, channels). Received shape "
                f"{tuple(input_shape)} for the layer {self.name!r}."
            )
        if input_shape[-1] is None or input_shape[-1] % 2 or not input_shape[-1]:
            raise ValueError(
                "RevCompConv1D takes one-hot sequences (n, length, 4), bases A C G T, "
                "or the paired channels of another RevCompConv1D, an even number. "
                f"Received shape {tuple(input_shape)} for the layer {self.name!r}."
            )
        self._check_grid(input_shape[1])

    def _check_grid(self, length: int | None, is_built: bool = False) -> None:
        if is_built and length is None:
            return  # a length that varies was looked at when the layer was built
        Grid(
            length,
            self.kernel_size[0],
            self.strides[0],
            self.dilation_rate[0],
            self.padding,
        ).check(self.name)
