"""ExplaiNN: independent units, one filter each, whose sum is the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from keras_motif.models._assembly import Strands, begin
from keras_motif.models._build_options import check_rate, check_sizes
from keras_motif.models._hidden_layers import Convolution
from keras_motif.models.first_activation import ActivationLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["explainn", "model_effects"]

_EFFECTS = "effects"


def explainn(
    input_shape: tuple[int, int] = (200, 4),
    num_outputs: int = 12,
    *,
    activation: ActivationLike = "exponential",
    num_filters: int = 100,
    kernel_size: int = 19,
    pool: int = 7,
    unit_size: int = 100,
    dropout: float = 0.3,
    strands: Strands = "given",
    name: str = "explainn",
) -> keras.Model:
    """Build ExplaiNN: each filter has a network of its own, and outputs add them up.

    A unit is one filter, its batch norm, activation and pool, and two dense layers of
    its own, which give one number, 0 or more. Each output is a weighted sum of these
    behind a sigmoid, so `model_effects` says what each filter does for each output.
    All units are computed at once, as batched products.

    Source: Novakovsky, Fornes, Saraswat, Mostafavi & Wasserman (2023), Genome Biology
    24:154.

    Args:
        input_shape: `(length, 4)`; the length must be `pool` or more.
        num_outputs: Number of sigmoid outputs.
        activation: The filters', see `cnn_2`.
        num_filters: Number of units, one filter each.
        kernel_size: Width of the filters, in bases.
        pool: Max-pool behind the filters, in positions; 1 for none.
        unit_size: Hidden units of each unit.
        dropout: Dropout rate within the units; 0 for none.
        strands: "given" or "equivariant", see `cnn_2`; `pool` must divide the length
            then. Units follow the fold.
        name: The model's name.

    Returns:
        An uncompiled model; the first layers are named as in `cnn_2`, the last
        `effects`.

    Raises:
        ValueError: As `cnn_2`.
        TypeError: As `cnn_2`.

    Example:
        >>> model = explainn((100, 4), 2, num_filters=8, unit_size=10)
        >>> model_effects(model).shape
        (8, 2)
    """
    check_sizes(unit_size=unit_size, pool=pool)
    check_rate("dropout", dropout)
    layers, inputs, x = begin(
        name,
        input_shape,
        num_outputs,
        Convolution(num_filters, kernel_size),
        [],
        pools=(pool,),
        dropouts=(0,),
        activation=activation,
        strands=strands,
    )
    x = layers.fold(x)
    # Each filter's positions to its own hidden units: (n, filters, unit_size).
    x = keras.layers.EinsumDense(
        "npf,pfu->nfu", (num_filters, unit_size), name="units"
    )(x)
    x = keras.layers.Flatten()(x)  # so that batch norm treats each by itself
    x = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dropout(dropout)(x) if dropout else x
    x = keras.layers.Reshape((num_filters, unit_size))(x)
    x = keras.layers.EinsumDense("nfu,fu->nf", (num_filters,), name="unit_outputs")(x)
    x = keras.layers.Activation("relu")(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dense(num_outputs, activation="sigmoid", name=_EFFECTS)(x)
    return keras.Model(inputs, x, name=name)


def model_effects(
    model: keras.Model, label_names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return what each filter of an `explainn` network does for each output.

    A unit's number is 0 or more, so a weight above 0 speaks for the output, one below
    against it. Units differ in size: compare the filters of one output with care, and
    the outputs of one filter freely.

    Args:
        model: A network of `explainn`, also a loaded one.
        label_names: Names of the outputs; None for output0, output1, ...

    Returns:
        One row per filter, filter0, filter1, ..., one column per output.

    Raises:
        ValueError: Another network, or another number of names.
    """
    import pandas as pd

    names = [layer.name for layer in getattr(model, "layers", ())]
    if "unit_outputs" not in names or _EFFECTS not in names:
        raise ValueError(
            "`model` must be a network of `models.explainn`, whose last layer weighs "
            f"its filters. Received {getattr(model, 'name', model)!r}."
        )
    weights = keras.ops.convert_to_numpy(model.get_layer(_EFFECTS).kernel)
    columns = [f"output{i}" for i in range(weights.shape[1])]
    if label_names is not None:
        columns = list(label_names)
    if len(columns) != weights.shape[1]:
        raise ValueError(
            f"`label_names` must hold {weights.shape[1]} names, one for each output. "
            f"Received {len(columns)}."
        )
    rows = [f"filter{i}" for i in range(len(weights))]
    return pd.DataFrame(weights, index=rows, columns=columns)
