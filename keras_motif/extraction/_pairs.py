"""Which maps hold a channel for each strand of a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from keras_motif.layers import RevCompBatchNormalization, RevCompConv1D
from keras_motif.models import graph, operations

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


def are_paired(ancestors: Sequence[Sequence[graph.Step]]) -> bool:
    """Return whether channel c of maps is the last but c of the other strand.

    Args:
        ancestors: The calls that make the maps, those of each nested model by
            themselves, from the outside in.
    """
    paired = False
    for calls in ancestors:
        paired = _through(calls, paired)
    return paired


def _through(calls: Sequence[graph.Step], first: bool) -> bool:
    known: dict[int, bool] = {}
    paired = first
    for call in calls:
        sources = [known[id(tensor)] for tensor in call.inputs]
        paired = _after(call.operation, sources) if sources else first
        known.update((id(tensor), paired) for tensor in call.outputs)
    return paired


def _after(operation: Any, sources: list[bool]) -> bool:
    if isinstance(operation, keras.Model):
        return graph.is_graph(operation) and _through(
            graph.steps(operation), sources[0]
        )
    if isinstance(operation, RevCompConv1D):
        return True
    keeps = isinstance(operation, _KEEPING) or operations.is_activation(operation)
    return keeps and all(sources) and not isinstance(operation, keras.layers.PReLU)
