"""Networks put together from their hidden layers, as the study does it.

Each hidden layer is a convolution or a dense layer without bias, then batch norm,
activation, dropout and, behind convolutions, a max-pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, Unpack

import keras

from keras_motif.layers import (
    RandomReverseComplement,
    RevCompBatchNormalization,
    RevCompConv1D,
    RevCompFold,
)
from keras_motif.layers.initializers import FromMotifs
from keras_motif.models._build_options import (
    check_dropouts,
    check_input_shape,
    check_pools,
    check_sizes,
    check_strands,
)
from keras_motif.models._hidden_layers import (
    Convolution,
    ResidualBlock,
    check_mirrored,
    shortest_input,
)
from keras_motif.models.first_activation import ActivationLike, activation_layer

__all__ = ["InitializerLike", "Layers", "Strands", "begin", "build", "drop_and_pool"]

InitializerLike: TypeAlias = "str | keras.initializers.Initializer"

Strands: TypeAlias = Literal["given", "equivariant"]

_L2 = 1e-6


class BodyOptions(TypedDict):
    """Options of the part of a network up to the fold.

    Attributes:
        pools: Max-pool behind each convolution; 1 for none.
        activation: The first layer's; the others have ReLU.
        kernel_initializer: Of all kernels.
        batch_norm: Whether the first layer has batch norm.
        width_multiplier: Factor on the filters and units of hidden layers.
        random_strand: Whether training sees sequences on a strand drawn at random.
        strands: "equivariant" puts each filter on both strands, up to the fold behind
            the last pool: the first layer has twice the channels, the others as many
            as they say, and even widths of padded convolutions are one larger.
    """

    pools: Sequence[int]
    activation: ActivationLike
    kernel_initializer: NotRequired[InitializerLike]
    batch_norm: NotRequired[bool]
    width_multiplier: NotRequired[int]
    random_strand: NotRequired[bool]
    strands: NotRequired[Strands]


def build(
    name: str,
    input_shape: tuple[int, int],
    num_outputs: int,
    first: Convolution,
    tail: Sequence[Convolution | ResidualBlock],
    dense_units: Sequence[int],
    *,
    dropouts: Sequence[float],
    **options: Unpack[BodyOptions],
) -> keras.Model:
    """Build a network with sigmoid outputs.

    Args:
        name: The model's name, also for messages.
        input_shape: `(length, 4)`.
        num_outputs: Number of outputs.
        first: The first hidden layer.
        tail: Those that follow it, up to the dense ones.
        dense_units: Units of each dense hidden layer.
        dropouts: Dropout rate of each hidden layer; 0 for none.
        options: As `BodyOptions`.

    Returns:
        An uncompiled model.

    Raises:
        ValueError: An option out of range, or an input too short for the network.
        TypeError: An activation or initialiser of a wrong kind.
    """
    check_dropouts(name, dropouts, 1 + len(tail) + len(dense_units))
    layers, inputs, x = begin(
        name, input_shape, num_outputs, first, tail, dropouts=dropouts, **options
    )
    rates = dropouts[1 + len(tail) :]
    x = layers.head(layers.fold(x), dense_units, rates, num_outputs)
    return keras.Model(inputs, x, name=name)


def begin(
    name: str,
    input_shape: tuple[int, int],
    num_outputs: int,
    first: Convolution,
    tail: Sequence[Convolution | ResidualBlock],
    *,
    pools: Sequence[int],
    dropouts: Sequence[float],
    activation: ActivationLike,
    kernel_initializer: InitializerLike = "he_normal",
    batch_norm: bool = True,
    width_multiplier: int = 1,
    random_strand: bool = False,
    strands: Strands = "given",
) -> tuple[Layers, Any, Any]:
    """Make the convolutions of a network, with their pools.

    Args:
        name: As `build`, like all that follow.
        input_shape: `(length, 4)`.
        num_outputs: Number of outputs.
        first: The first hidden layer.
        tail: The convolutions that follow it.
        pools: As `BodyOptions`.
        dropouts: Dropout rate of each of these; more are left to what follows.
        activation: As `BodyOptions`, like all that follow.
        kernel_initializer: Of all kernels.
        batch_norm: Whether the first layer has batch norm.
        width_multiplier: Factor on the filters of hidden layers.
        random_strand: Whether training sees sequences on a strand drawn at random.
        strands: "given" or "equivariant".

    Returns:
        What makes further layers, the input, and the pooled maps, before the fold.

    Raises:
        ValueError: As `build`.
        TypeError: As `build`.
    """
    convolutions = [first, *tail]
    check_sizes(
        num_outputs=num_outputs,
        num_filters=first.filters,
        kernel_size=first.kernel_size,
        width_multiplier=width_multiplier,
    )
    check_pools(name, pools, len(convolutions))
    check_input_shape(name, input_shape, shortest_input(convolutions, pools))
    is_equivariant = check_strands(strands, random_strand)
    if is_equivariant:
        check_mirrored(name, input_shape[0], convolutions, pools)
    kind = _PairedLayers if is_equivariant else Layers
    layers = kind(kernel_initializer, width_multiplier)
    x = inputs = keras.Input(shape=tuple(input_shape), name="sequence")
    if random_strand:
        x = RandomReverseComplement(name="random_strand")(x)
    x = layers.first_convolution(first)(x)
    if batch_norm:
        x = layers.batch_norm()(x)
    x = layers.first_activation(activation)(x)
    x = drop_and_pool(x, dropouts[0], pools[0])
    for layer, rate, pool in zip(tail, dropouts[1:], pools[1:], strict=False):
        if isinstance(layer, ResidualBlock):
            x = layers.residual_block(x, layer)
        else:
            x = layers.normalise_and_rectify(layers.convolution(layer)(x))
        x = drop_and_pool(x, rate, pool)
    return layers, inputs, x


class Layers:
    """Makes the layers that hold kernels, each with an initialiser of its own."""

    def __init__(self, initializer: InitializerLike, width_multiplier: int) -> None:
        self._initializer = initializer
        self._multiplier = width_multiplier

    def first_convolution(self, layer: Convolution) -> keras.layers.Layer:
        filters = layer.filters * self._multiplier
        return keras.layers.Conv1D(
            filters, name="first_convolution", **self._first_options(layer)
        )

    def first_activation(self, activation: ActivationLike) -> keras.layers.Layer:
        return activation_layer(activation, "first_activation")

    def convolution(self, layer: Convolution) -> keras.layers.Layer:
        filters = layer.filters * self._multiplier
        return keras.layers.Conv1D(filters, **self._options(layer))

    def batch_norm(self) -> keras.layers.Layer:
        return keras.layers.BatchNormalization()

    def normalise_and_rectify(self, x: Any) -> Any:
        return keras.layers.Activation("relu")(self.batch_norm()(x))

    def residual_block(self, x: Any, block: ResidualBlock) -> Any:
        # As wide as what comes in, which is multiplied already.
        layer = Convolution(x.shape[-1] // self._multiplier, block.kernel_size)
        y = self.normalise_and_rectify(self.convolution(layer)(x))
        y = self.batch_norm()(self.convolution(layer)(y))
        return keras.layers.Activation("relu")(keras.layers.Add()([x, y]))

    def fold(self, x: Any) -> Any:
        return x

    def dense(self, units: int) -> keras.layers.Layer:
        return keras.layers.Dense(
            units * self._multiplier, use_bias=False, **self._kernel()
        )

    def output(self, num_outputs: int) -> keras.layers.Layer:
        return keras.layers.Dense(num_outputs, activation="sigmoid", **self._kernel())

    def head(
        self, x: Any, units: Sequence[int], rates: Sequence[float], num_outputs: int
    ) -> Any:
        """Return the outputs behind dense layers, each with its dropout rate."""
        x = keras.layers.Flatten()(x)
        for size, rate in zip(units, rates, strict=True):
            x = keras.layers.BatchNormalization()(self.dense(size)(x))
            x = drop_and_pool(keras.layers.Activation("relu")(x), rate)
        return self.output(num_outputs)(x)

    def _options(self, layer: Convolution) -> dict[str, Any]:
        return {
            "kernel_size": layer.kernel_size,
            "padding": layer.padding,
            "dilation_rate": layer.dilation,
            "use_bias": False,
            **self._kernel(),
        }

    def _first_options(self, layer: Convolution) -> dict[str, Any]:
        start = _new_initializer(self._initializer)
        return {**self._options(layer), "kernel_initializer": start}

    def _kernel(self) -> dict[str, Any]:
        start = self._initializer
        if isinstance(start, FromMotifs):
            start = start.rest  # motifs are for the layer that sees bases
        return {
            "kernel_initializer": _new_initializer(start),
            "kernel_regularizer": keras.regularizers.L2(_L2),
        }


class _PairedLayers(Layers):
    """Makes layers that treat both strands alike."""

    def first_convolution(self, layer: Convolution) -> keras.layers.Layer:
        filters = layer.filters * self._multiplier
        return RevCompConv1D(
            filters, name="first_convolution", **self._first_options(layer)
        )

    def first_activation(self, activation: ActivationLike) -> keras.layers.Layer:
        layer = super().first_activation(activation)
        if getattr(layer, "weights", None) or isinstance(layer, keras.layers.PReLU):
            raise ValueError(
                "`activation` must treat all channels alike, as functions and layers "
                'without weights do, with strands="equivariant". Received '
                f"{activation!r}."
            )
        return layer

    def convolution(self, layer: Convolution) -> keras.layers.Layer:
        if layer.padding == "same":
            layer = layer._replace(kernel_size=layer.kernel_size // 2 * 2 + 1)
        filters = layer.filters * self._multiplier // 2
        return RevCompConv1D(filters, **self._options(layer))

    def batch_norm(self) -> keras.layers.Layer:
        return RevCompBatchNormalization()

    def fold(self, x: Any) -> Any:
        return RevCompFold(name="fold")(x)


def _new_initializer(initializer: InitializerLike) -> keras.initializers.Initializer:
    """Return an initialiser that no other kernel shares: one draws the same twice."""
    if isinstance(initializer, keras.initializers.Initializer):
        return initializer.clone()
    if not isinstance(initializer, str):
        raise TypeError(
            "`kernel_initializer` must be a string or a `keras.initializers` object. "
            f"Received {initializer!r}."
        )
    try:
        return keras.initializers.get(initializer)
    except ValueError:
        raise ValueError(
            f"`kernel_initializer` {initializer!r} is no name that Keras knows. Pass "
            '"he_normal", "glorot_uniform" or another of `keras.initializers`.'
        ) from None


def drop_and_pool(x: Any, rate: float, pool: int = 1) -> Any:
    x = keras.layers.Dropout(rate)(x) if rate > 0 else x
    return keras.layers.MaxPooling1D(pool)(x) if pool > 1 else x
