"""The three networks of Koo & Ploenzke (2019), with what the study varies in them."""

from __future__ import annotations

import keras

from keras_motif.models._assembly import InitializerLike, Strands, build
from keras_motif.models._hidden_layers import Convolution
from keras_motif.models.first_activation import ActivationLike

__all__ = ["cnn_2", "cnn_50", "cnn_deep"]

_DENSE_UNITS = 512


def cnn_2(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    kernel_size: int = 19,
    pools: tuple[int, int] = (2, 50),
    dropouts: tuple[float, float, float] = (0.1, 0.1, 0.5),
    kernel_initializer: InitializerLike = "he_normal",
    batch_norm: bool = True,
    width_multiplier: int = 1,
    random_strand: bool = False,
    strands: Strands = "given",
    name: str = "cnn_2",
) -> keras.Model:
    """Build CNN-2: a small first pool, so ReLU filters learn parts of motifs.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods. Koo & Eddy (2019), PLoS
    Computational Biology, vary `pools` at a product of 100: (1, 100), (4, 25), ...

    Args:
        input_shape: `(length, 4)`; the length must be the product of the pools, by
            default 100, or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's: the string "exponential" (our
            `Exponential()`), another name of a Keras activation, a callable (as in
            `keras_motif.activations`), or a layer. All other hidden layers have
            ReLU.
        num_filters: Filters of the first convolution, before `width_multiplier`.
        kernel_size: Width of the first convolution's filters, in bases.
        pools: Max-pool behind each convolution, in positions; 1 for none.
        dropouts: Dropout rate of each hidden layer, the dense one last; 0 for none.
        kernel_initializer: Initialiser of all kernels, a name or an object. Of
            `FromMotifs` the first layer has the motifs, the others its `rest`.
        batch_norm: Whether the first convolution is followed by batch norm. Without
            it, it has no bias either, as in the study.
        width_multiplier: Factor on the filters and units of all hidden layers. The
            released code doubles them for inputs of 1000.
        random_strand: Whether training sees each sequence on a strand drawn at
            random, see `RandomReverseComplement`. The study had none.
        strands: "given" for the study's network, or "equivariant" for one that gives
            the same for a sequence and its reverse complement, see `RevCompConv1D`:
            `num_filters` filters on both strands, so as many motifs; as many channels
            as the study's in the second convolution, half as many behind the fold,
            before the dense layer. The pools must divide the length.
        name: The model's name.

    Returns:
        An uncompiled model; its first convolution is named `first_convolution`, the
        activation `first_activation`.

    Raises:
        ValueError: An input too short for the pools, another number of channels, an
            unknown activation or initialiser, or another option out of range.
        TypeError: An activation or initialiser of a wrong kind.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, kernel_size),
        [Convolution(128, 5)],
        [_DENSE_UNITS],
        pools=pools,
        dropouts=dropouts,
        activation=activation,
        kernel_initializer=kernel_initializer,
        batch_norm=batch_norm,
        width_multiplier=width_multiplier,
        random_strand=random_strand,
        strands=strands,
    )


def cnn_50(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    kernel_size: int = 19,
    pools: tuple[int, int] = (50, 2),
    dropouts: tuple[float, float, float] = (0.1, 0.1, 0.5),
    kernel_initializer: InitializerLike = "he_normal",
    batch_norm: bool = True,
    width_multiplier: int = 1,
    random_strand: bool = False,
    strands: Strands = "given",
    name: str = "cnn_50",
) -> keras.Model:
    """Build CNN-50: a large first pool, with which ReLU filters learn motifs too.

    CNN-2 with its pools the other way round.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        input_shape: `(length, 4)`, see `cnn_2`, as for all that follow.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's.
        num_filters: Filters of the first convolution, before `width_multiplier`.
        kernel_size: Width of the first convolution's filters, in bases.
        pools: Max-pool behind each convolution; 1 for none.
        dropouts: Dropout rate of each hidden layer; 0 for none.
        kernel_initializer: Initialiser of all kernels.
        batch_norm: Whether the first convolution is followed by batch norm.
        width_multiplier: Factor on the filters and units of all hidden layers.
        random_strand: Whether training sees sequences on a strand drawn at random.
        strands: "given" or "equivariant".
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_2`.
        TypeError: As `cnn_2`.
    """
    return cnn_2(
        input_shape,
        num_outputs,
        activation=activation,
        num_filters=num_filters,
        kernel_size=kernel_size,
        pools=pools,
        dropouts=dropouts,
        kernel_initializer=kernel_initializer,
        batch_norm=batch_norm,
        width_multiplier=width_multiplier,
        random_strand=random_strand,
        strands=strands,
        name=name,
    )


def cnn_deep(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 30,
    kernel_size: int = 19,
    pools: tuple[int, int, int, int] = (1, 3, 4, 3),
    dropouts: tuple[float, float, float, float, float] = (0.1, 0.2, 0.3, 0.4, 0.5),
    kernel_initializer: InitializerLike = "he_normal",
    batch_norm: bool = True,
    width_multiplier: int = 1,
    random_strand: bool = False,
    strands: Strands = "given",
    name: str = "cnn_deep",
) -> keras.Model:
    """Build CNN-deep: four convolutions, none pooled after the first.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        input_shape: `(length, 4)`; the length must be the product of the pools, by
            default 36, or more.
        num_outputs: Number of sigmoid outputs.
        activation: The first layer's, see `cnn_2`, as for all that follow.
        num_filters: Filters of the first convolution, before `width_multiplier`.
        kernel_size: Width of the first convolution's filters, in bases.
        pools: Max-pool behind each convolution; 1 for none.
        dropouts: Dropout rate of each hidden layer; 0 for none.
        kernel_initializer: Initialiser of all kernels.
        batch_norm: Whether the first convolution is followed by batch norm.
        width_multiplier: Factor on the filters and units of all hidden layers.
        random_strand: Whether training sees sequences on a strand drawn at random.
        strands: "given" or "equivariant", in which the third and fourth convolution
            have a width of 7 and 5 instead of 6 and 4. The default pools want a length
            such as 180 or 216; for 200, `pools=(1, 4, 5, 2)`.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_2`.
        TypeError: As `cnn_2`.
    """
    return build(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, kernel_size),
        [Convolution(48, 9), Convolution(96, 6), Convolution(128, 4)],
        [_DENSE_UNITS],
        pools=pools,
        dropouts=dropouts,
        activation=activation,
        kernel_initializer=kernel_initializer,
        batch_norm=batch_norm,
        width_multiplier=width_multiplier,
        random_strand=random_strand,
        strands=strands,
    )
