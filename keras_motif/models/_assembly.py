"""Networks put together from their hidden layers, as the study does it.

Each hidden layer is a convolution or a dense layer without bias, then batch norm,
activation, dropout and, behind convolutions, a max-pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import keras

from keras_motif.layers import (
    RandomReverseComplement,
    RevCompBatchNormalization,
    RevCompConv1D,
    RevCompFold,
)
from keras_motif.layers.initializers import FromMotifs
from keras_motif.models._hidden_layers import (
    Convolution,
    ResidualBlock,
    check_mirrored,
    shortest_input,
)
from keras_motif.models.first_activation import ActivationLike, activation_layer

__all__ = ["InitializerLike", "Strands", "begin", "build"]

InitializerLike: TypeAlias = "str | keras.initializers.Initializer"

Strands: TypeAlias = Literal["given", "equivariant"]

_L2 = 1e-6


def build(
    name: str,
    input_shape: tuple[int, int],
    num_outputs: int,
    first: Convolution,
    tail: Sequence[Convolution | ResidualBlock],
    dense_units: Sequence[int],
    *,
    pools: Sequence[int],
    dropouts: Sequence[float],
    activation: ActivationLike,
    kernel_initializer: InitializerLike = "he_normal",
    batch_norm: bool = True,
    width_multiplier: int = 1,
    random_strand: bool = False,
    strands: Strands = "given",
) -> keras.Model:
    """Build a network with sigmoid outputs.

    Args:
        name: The model's name, also for messages.
        input_shape: `(length, 4)`.
        num_outputs: Number of outputs.
        first: The first hidden layer.
        tail: Those that follow it, up to the dense ones.
        dense_units: Units of each dense hidden layer.
        pools: Max-pool behind `first` and each of `tail`; 1 for none.
        dropouts: Dropout rate of each hidden layer; 0 for none.
        activation: The first layer's; the others have ReLU.
        kernel_initializer: Of all kernels.
        batch_norm: Whether the first layer has batch norm.
        width_multiplier: Factor on the filters and units of hidden layers.
        random_strand: Whether training sees sequences on a strand drawn at random.
        strands: "equivariant" puts each filter on both strands, up to the fold behind
            the last pool: `first` has twice the channels, `tail` as many as it says,
            and even widths of its padded convolutions are one larger.

    Returns:
        An uncompiled model.

    Raises:
        ValueError: An option out of range, or an input too short for the network.
        TypeError: An activation or initialiser of a wrong kind.
    """
    _check_sizes(first, num_outputs, width_multiplier)
    _check_pools(name, pools, 1 + len(tail))
    _check_dropouts(name, dropouts, 1 + len(tail) + len(dense_units))
    _check_input_shape(name, input_shape, shortest_input([first, *tail], pools))
    is_equivariant = _check_strands(strands, random_strand)
    if is_equivariant:
        check_mirrored(name, input_shape[0], [first, *tail], pools)
    kind = _PairedLayers if is_equivariant else _Layers
    layers = kind(kernel_initializer, width_multiplier)
    x = inputs = keras.Input(shape=tuple(input_shape), name="sequence")
    if random_strand:
        x = RandomReverseComplement(name="random_strand")(x)
    x = layers.first_convolution(first)(x)
    if batch_norm:
        x = layers.batch_norm()(x)
    x = layers.first_activation(activation)(x)
    x = _drop_and_pool(x, dropouts[0], pools[0])
    for layer, rate, pool in zip(tail, dropouts[1:], pools[1:], strict=False):
        if isinstance(layer, ResidualBlock):
            x = layers.residual_block(x, layer)
        else:
            x = layers.normalise_and_rectify(layers.convolution(layer)(x))
        x = _drop_and_pool(x, rate, pool)
    x = keras.layers.Flatten()(layers.fold(x))
    for units, rate in zip(dense_units, dropouts[1 + len(tail) :], strict=True):
        x = _normalise_and_rectify(layers.dense(units)(x))
        x = _drop_and_pool(x, rate)
    return keras.Model(inputs, layers.output(num_outputs)(x), name=name)


def begin(
    name: str,
    input_shape: tuple[int, int],
    num_outputs: int,
    first: Convolution,
    *,
    pool: int,
    dropout: float,
    activation: ActivationLike,
    strands: Strands,
) -> tuple[_Layers, Any, Any]:
    """Make the first hidden layer of a network that goes on otherwise.

    Args:
        name: As `build`, like all that follow.
        input_shape: `(length, 4)`.
        num_outputs: Number of outputs.
        first: The first hidden layer.
        pool: Max-pool behind it; 1 for none.
        dropout: Rate of what follows, which is checked here.
        activation: Its activation.
        strands: "given" or "equivariant".

    Returns:
        What makes further layers, the input, and the pooled maps.

    Raises:
        ValueError: As `build`.
        TypeError: As `build`.
    """
    _check_sizes(first, num_outputs, 1)
    _check_pools(name, (pool,), 1)
    _check_dropouts(name, (dropout,), 1)
    _check_input_shape(name, input_shape, shortest_input([first], (pool,)))
    is_equivariant = _check_strands(strands, False)
    if is_equivariant:
        check_mirrored(name, input_shape[0], [first], (pool,))
    layers = (_PairedLayers if is_equivariant else _Layers)("he_normal", 1)
    inputs = keras.Input(shape=tuple(input_shape), name="sequence")
    x = layers.batch_norm()(layers.first_convolution(first)(inputs))
    x = layers.first_activation(activation)(x)
    return layers, inputs, _drop_and_pool(x, 0.0, pool)


class _Layers:
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

    def _options(self, layer: Convolution) -> dict[str, Any]:
        return {
            "kernel_size": layer.kernel_size,
            "padding": layer.padding,
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


class _PairedLayers(_Layers):
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


def _normalise_and_rectify(x: Any) -> Any:
    x = keras.layers.BatchNormalization()(x)
    return keras.layers.Activation("relu")(x)


def _drop_and_pool(x: Any, rate: float, pool: int = 1) -> Any:
    x = keras.layers.Dropout(rate)(x) if rate > 0 else x
    return keras.layers.MaxPooling1D(pool)(x) if pool > 1 else x


def _check_strands(strands: object, random_strand: bool) -> bool:
    """Return whether a network is to be equivariant."""
    if strands not in ("given", "equivariant"):
        raise ValueError(
            f'`strands` must be "given" or "equivariant". Received {strands!r}.'
        )
    if strands == "equivariant" and random_strand:
        raise ValueError(
            '`random_strand` must be False with strands="equivariant": the network '
            "gives the same for either strand, so drawing one changes nothing."
        )
    return strands == "equivariant"


def _check_sizes(first: Convolution, num_outputs: int, width_multiplier: int) -> None:
    sizes = {
        "num_outputs": num_outputs,
        "num_filters": first.filters,
        "kernel_size": first.kernel_size,
        "width_multiplier": width_multiplier,
    }
    for argument, size in sizes.items():
        if not _is_size(size):
            raise ValueError(
                f"`{argument}` must be a whole number, 1 or more. Received {size!r}."
            )


def _check_pools(name: str, pools: Sequence[int], num_layers: int) -> None:
    is_sequence = isinstance(pools, tuple | list)
    if not is_sequence or len(pools) != num_layers or not all(map(_is_size, pools)):
        raise ValueError(
            f"`pools` must hold {num_layers} whole numbers, 1 or more, one for each "
            f"convolution of {name} (1 for no pool). Received {pools!r}."
        )


def _check_dropouts(name: str, dropouts: Sequence[float], num_layers: int) -> None:
    is_sequence = isinstance(dropouts, tuple | list)
    if (
        not is_sequence
        or len(dropouts) != num_layers
        or not all(isinstance(x, int | float) and 0 <= x < 1 for x in dropouts)
    ):
        raise ValueError(
            f"`dropouts` must hold {num_layers} rates, 0 <= rate < 1, one for each "
            f"hidden layer of {name}. Received {dropouts!r}."
        )


def _check_input_shape(name: str, input_shape: tuple[int, int], shortest: int) -> None:
    if len(input_shape) != 2 or input_shape[1] != 4:
        raise ValueError(
            "`input_shape` must be (length, 4), bases A C G T. Received "
            f"{input_shape!r}."
        )
    if not isinstance(input_shape[0], int) or input_shape[0] < shortest:
        raise ValueError(
            f"`input_shape` must have a length of {shortest} or more, so that the "
            f"convolutions and pools of {name} leave something. Received length "
            f"{input_shape[0]!r}."
        )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
