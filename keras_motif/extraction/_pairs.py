"""Which maps hold a channel for each strand of a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_motif.layers import RevCompBatchNormalization, RevCompConv1D
from keras_motif.models import operations
from keras_motif.models.calls import Call

__all__ = ["are_paired"]

# What treats all channels and positions alike, or combines the same ones.
_KEEPING = (
    RevCompBatchNormalization,
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.AveragePooling1D,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.MaxPooling1D,
    keras.layers.Maximum,
    keras.layers.Minimum,
    keras.layers.Multiply,
    keras.layers.SpatialDropout1D,
)


def are_paired(calls: Sequence[Call]) -> bool:
    """Return whether channel c of maps is the last but c of the other strand.

    Args:
        calls: The calls that make the maps, in order, the last one theirs.
    """
    known: dict[int, bool] = {}
    paired = False
    for call in calls:
        sources = [known.get(number, False) for number in call.inputs]
        paired = _after(call.operation, sources)
        known.update((number, paired) for number in call.outputs)
    return paired


def _after(operation: Any, sources: list[bool]) -> bool:
    if operations.is_a(operation, RevCompConv1D):
        return True
    keeps = operations.is_a(operation, _KEEPING) or operations.is_activation(operation)
    is_shared = not isinstance(operation, keras.layers.PReLU)
    return keeps and is_shared and bool(sources) and all(sources)
