"""A hybrid network: convolutions, then attention between what they found."""

from __future__ import annotations

import keras

from keras_motif.models._assembly import Strands, begin, drop_and_pool
from keras_motif.models._build_options import check_dropouts, check_sizes
from keras_motif.models._hidden_layers import Convolution
from keras_motif.models.first_activation import ActivationLike

__all__ = ["cnn_attention"]

_DENSE_UNITS = 512


def cnn_attention(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    kernel_size: int = 19,
    pools: tuple[int, int] = (2, 12),
    dropouts: tuple[float, float, float, float] = (0.1, 0.1, 0.1, 0.5),
    num_heads: int = 8,
    key_size: int = 16,
    random_strand: bool = False,
    strands: Strands = "given",
    name: str = "cnn_attention",
) -> keras.Model:
    """Build a hybrid of convolutions and attention.

    CNN-2 with multi-head attention between its pooled positions before the dense
    layer: what the heads find is added to each position, behind it stands layer norm.
    Attention knows no order of positions; the dense layer does.

    The first of `pools` decides what filters learn. (24, 1) leaves attention as many
    positions as (2, 12) does, behind a large first pool, where the exponential read
    worse than ReLU in the source; behind a small one it read better.

    Source: after CNN-ATT of Ghotra, Lee, Tripathy & Koo (2021), bioRxiv
    2021.07.13.452181; the attention, Vaswani et al. (2017).

    Args:
        input_shape: `(length, 4)`; the length must be the product of the pools, by
            default 24, or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution; the second has 128.
        kernel_size: Width of the first convolution's filters, in bases.
        pools: Max-pool behind each convolution, in positions; 1 for none.
        dropouts: Dropout rate of both convolutions, the attention and the dense layer;
            0 for none.
        num_heads: Heads of the attention.
        key_size: Size of each head's queries, keys and values.
        random_strand: Whether training sees sequences on a strand drawn at random, see
            `cnn_2`.
        strands: "given" or "equivariant", see `cnn_2`: attention is behind the fold.
            The pools must divide the length then: 192 or 216, or `pools=(2, 10)` at
            200.
        name: The model's name.

    Returns:
        An uncompiled model; the first layers are named as in `cnn_2`, the attention
        `attention`.

    Raises:
        ValueError: As `cnn_2`.
        TypeError: As `cnn_2`.

    Example:
        >>> model = cnn_attention((200, 4), 2, pools=(24, 1))
        >>> model.get_layer("attention").output.shape
        (None, 8, 128)
    """
    check_sizes(num_heads=num_heads, key_size=key_size)
    check_dropouts(name, dropouts, 4)
    layers, inputs, x = begin(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, kernel_size),
        [Convolution(128, 5)],
        pools=pools,
        dropouts=dropouts,
        activation=activation,
        random_strand=random_strand,
        strands=strands,
    )
    x = layers.fold(x)
    y = keras.layers.MultiHeadAttention(num_heads, key_size, name="attention")(x, x)
    x = keras.layers.Add()([x, drop_and_pool(y, dropouts[2])])
    x = keras.layers.LayerNormalization()(x)
    x = layers.head(x, [_DENSE_UNITS], dropouts[3:], num_outputs)
    return keras.Model(inputs, x, name=name)
