"""The network that reads best in our trials."""

from __future__ import annotations

import keras

from keras_motif.models._assembly import Strands
from keras_motif.models.study import cnn_2

__all__ = ["recommended"]


def recommended(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    num_filters: int = 30,
    kernel_size: int = 19,
    pools: tuple[int, int] | None = None,
    width_multiplier: int = 1,
    strands: Strands = "given",
    name: str = "recommended",
) -> keras.Model:
    """Build the network whose filters read best: start here for a data set of yours.

    CNN-2 with the exponential, which sees each training sequence on a strand drawn at
    random, and has no batch norm behind the first convolution: with it, some filters
    stay as random as they began. Nothing else of the study's protocol need change.
    `examples/recipe.py` compares it with other changes; its page in the documentation
    has the figures. Where the strand matters, as for RNA, use
    `cnn_2(batch_norm=False)`.

    Args:
        input_shape: `(length, 4)`, see `cnn_2`.
        num_outputs: Number of sigmoid outputs.
        num_filters: Filters of the first convolution, before `width_multiplier`.
        kernel_size: Width of the first convolution's filters, in bases.
        pools: Max-pool behind each convolution. None stands for (2, 50), and for
            inputs shorter than 200 for a second pool that leaves two positions.
        width_multiplier: Factor on the filters and units of all hidden layers.
        strands: "given", or "equivariant" for filters on both strands instead of
            sequences on either, see `cnn_2`.
        name: The model's name.

    Returns:
        An uncompiled model, layers named as in `cnn_2`.

    Raises:
        ValueError: As `cnn_2`.

    Example:
        >>> model = recommended((101, 4), 1)
        >>> [layer.name for layer in model.layers[1:3]]
        ['random_strand', 'first_convolution']
    """
    if pools is None:
        length = input_shape[0] if isinstance(input_shape[0], int) else 200
        pools = (2, min(50, max(1, length // 4)))
    return cnn_2(
        input_shape,
        num_outputs,
        activation="exponential",
        batch_norm=False,
        num_filters=num_filters,
        kernel_size=kernel_size,
        pools=pools,
        width_multiplier=width_multiplier,
        random_strand=strands != "equivariant",
        strands=strands,
        name=name,
    )
