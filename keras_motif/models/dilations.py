"""A residual network of dilated convolutions, which sees far behind its first layer."""

from __future__ import annotations

from typing import Any

import keras

from keras_motif.models._assembly import Layers, Strands, begin, drop_and_pool
from keras_motif.models._build_options import check_rate, check_sizes
from keras_motif.models._hidden_layers import Convolution
from keras_motif.models.first_activation import ActivationLike

__all__ = ["dilated"]

_BLOCK_FILTERS = 64


def dilated(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    kernel_size: int = 19,
    pool: int = 2,
    num_blocks: int = 5,
    dropout: float = 0.1,
    random_strand: bool = False,
    strands: Strands = "given",
    name: str = "dilated",
) -> keras.Model:
    """Build a dilated residual network: many layers, no pool but the first.

    Behind the first layer and its pool stands a convolution of 64 filters, 5 wide,
    then blocks, each a convolution of width 3 whose taps lie 1, 2, 4, 8, ... positions
    apart and one of width 1, whose result is added to what came in. So a position sees
    `2^num_blocks` pooled positions on either side at no loss of resolution. The mean of
    each channel over the sequence goes to the outputs, so sequences of any length have
    as many parameters. With the largest value instead, a trial learned far more slowly.

    Source: after Kelley et al. (2018), Genome Research ("Basenji"), and Avsec et al.
    (2021), Nature Genetics ("BPNet").

    Args:
        input_shape: `(length, 4)`; the length must be `pool` or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        kernel_size: Width of the first convolution's filters, in bases.
        pool: Max-pool behind the first layer, in positions; 1 for none.
        num_blocks: Number of dilated blocks.
        dropout: Dropout rate of the first layer and of each block; 0 for none.
        random_strand: Whether training sees sequences on a strand drawn at random, see
            `cnn_2`.
        strands: "given" or "equivariant", see `cnn_2`; `pool` must divide the length
            then.
        name: The model's name.

    Returns:
        An uncompiled model; the first layers are named as in `cnn_2`, the sums of the
        blocks `block1`, `block2`, ...

    Raises:
        ValueError: As `cnn_2`.
        TypeError: As `cnn_2`.

    Example:
        >>> model = dilated((100, 4), 2, num_blocks=3)
        >>> model.get_layer("block3").output.shape
        (None, 50, 64)
    """
    check_sizes(pool=pool, num_blocks=num_blocks)
    check_rate("dropout", dropout)
    layers, inputs, x = begin(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, kernel_size),
        [Convolution(_BLOCK_FILTERS, 5)],
        pools=(pool, 1),
        dropouts=(dropout, 0.0),
        activation=activation,
        random_strand=random_strand,
        strands=strands,
    )
    for number in range(num_blocks):
        x = _block(layers, x, 2**number, dropout, f"block{number + 1}")
    x = keras.layers.GlobalAveragePooling1D()(layers.fold(x))
    return keras.Model(inputs, layers.output(num_outputs)(x), name=name)


def _block(layers: Layers, x: Any, dilation: int, dropout: float, name: str) -> Any:
    """Return the maps with what a dilated block adds to them."""
    wide = Convolution(_BLOCK_FILTERS, 3, dilation=dilation)
    y = layers.normalise_and_rectify(layers.convolution(wide)(x))
    y = layers.batch_norm()(layers.convolution(Convolution(_BLOCK_FILTERS, 1))(y))
    return keras.layers.Add(name=name)([x, drop_and_pool(y, dropout)])
