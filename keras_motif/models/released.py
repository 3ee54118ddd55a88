"""Further networks of the code released with Koo & Ploenzke (2021).

They follow the pattern of the first three: all kernels he_normal with L2 1e-6, batch
norm before each activation, ReLU but for the first layer's activation. Some of their
convolutions are not padded ("valid").
"""

from __future__ import annotations

import keras

from keras_motif.models._assembly import Strands, build
from keras_motif.models._hidden_layers import Convolution, ResidualBlock
from keras_motif.models.first_activation import ActivationLike

__all__ = ["basset", "cnn_dist", "cnn_local", "residual_bind"]

_KERNEL_SIZE = 19


def cnn_local(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 1,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 24,
    strands: Strands = "given",
    name: str = "cnn_local",
) -> keras.Model:
    """Build CNN-local: a first pool of 50, whose filters must learn whole motifs.

    Made for attribution, with `cnn_dist` as its counterpart.

    Source: Koo & Ploenzke (2021), Nature Machine Intelligence, and its code.

    Args:
        input_shape: `(length, 4)`; length 100 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        strands: "given" or "equivariant", see `cnn_2`.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: An input too short for the network, another number of channels,
            or an unknown activation.
        TypeError: An activation of a wrong kind.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, _KERNEL_SIZE),
        [Convolution(48, 3)],
        [96],
        pools=(50, 2),
        dropouts=(0.1, 0.2, 0.5),
        activation=activation,
        strands=strands,
    )


def cnn_dist(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 1,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 24,
    strands: Strands = "given",
    name: str = "cnn_dist",
) -> keras.Model:
    """Build CNN-dist: no first pool, so that motifs may be put together later.

    Made for attribution, with `cnn_local` as its counterpart.

    Source: Koo & Ploenzke (2021), Nature Machine Intelligence, and its code.

    Args:
        input_shape: `(length, 4)`; length 104 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        strands: "given" or "equivariant", see `cnn_2`.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_local`.
        TypeError: As `cnn_local`.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, _KERNEL_SIZE),
        [
            Convolution(32, 7),
            Convolution(48, 7, "valid"),
            Convolution(64, 3, "valid"),
        ],
        [96],
        pools=(1, 4, 4, 3),
        dropouts=(0.1, 0.2, 0.3, 0.4, 0.5),
        activation=activation,
        strands=strands,
    )


def basset(
    input_shape: tuple[int, int] = (600, 4),
    num_outputs: int = 164,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 300,
    strands: Strands = "given",
    name: str = "basset",
) -> keras.Model:
    """Build Basset in the study's form: three convolutions, two dense layers.

    Source: Kelley et al. (2016), Genome Research, as modified in the code of Koo &
    Ploenzke (2021), Nature Machine Intelligence.

    Args:
        input_shape: `(length, 4)`; length 150 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution.
        strands: "given" or "equivariant", see `cnn_2`. The pools want another length
            then: 582 or 630 instead of 600.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_local`.
        TypeError: As `cnn_local`.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, _KERNEL_SIZE),
        [Convolution(200, 11, "valid"), Convolution(200, 7, "valid")],
        [1000, 1000],
        pools=(3, 4, 4),
        dropouts=(0.2, 0.2, 0.2, 0.5, 0.5),
        activation=activation,
        strands=strands,
    )


def residual_bind(
    input_shape: tuple[int, int] = (400, 4),
    num_outputs: int = 1,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 24,
    strands: Strands = "given",
    name: str = "residual_bind",
) -> keras.Model:
    """Build ResidualBind in the study's form: a residual block after the first layer.

    The block is two convolutions of width 5, with as many filters as the first
    layer, each followed by batch norm, with a ReLU between them; its result is added
    to its input, then come a ReLU and the pool. It has no dropout. The released code
    puts one more ReLU between each of the two convolutions and its batch norm.

    Source: Koo & Ploenzke (2021), Nature Machine Intelligence, and its code; the
    block, He et al. (2016), "Deep residual learning for image recognition".

    Args:
        input_shape: `(length, 4)`; length 300 or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`.
        num_filters: Filters of the first convolution and of the residual block.
        strands: "given" or "equivariant", see `cnn_2`. The pools want another length
            then: 300 or 500 instead of 400.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_local`.
        TypeError: As `cnn_local`.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, _KERNEL_SIZE),
        [ResidualBlock(5), Convolution(48, 7), Convolution(64, 3, "valid")],
        [96],
        pools=(1, 10, 5, 4),
        dropouts=(0.1, 0.0, 0.3, 0.4, 0.5),
        activation=activation,
        strands=strands,
    )
