"""Which layer makes a score tell nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from keras_motif.attribution._network import Network, plain_call
from keras_motif.models.calls import Call
from keras_motif.models.probes import to_numpy

__all__ = ["first_layer"]

Array = np.ndarray[Any, Any]


def first_layer(
    network: Network, inputs: Sequence[Array], place: int
) -> tuple[str | None, str]:
    """Name the first layer whose output is not finite, or else the same for all.

    Args:
        network: The model.
        inputs: A batch of each of its inputs.
        place: Which of them are the sequences.

    Returns:
        The layer's name, None if there is none, and "nan", or what its output is.
    """
    found: dict[str, str] = {}

    def watch(call: Call, tensors: Sequence[Any]) -> Sequence[Any]:
        results = plain_call(call, tensors)
        if not network.depends_on(call, place):
            return results
        for array in map(to_numpy, results):
            if not np.isfinite(array).all():
                found.setdefault("nan", call.long_name)
            elif not array.any():
                found.setdefault("0 for all of them", call.long_name)
            elif (array == array[:1]).all():
                found.setdefault("the same for all of them", call.long_name)
        return results

    network.scores([keras.ops.convert_to_tensor(x) for x in inputs], watch)
    if "nan" in found:
        return found["nan"], "nan"
    return next(((name, why) for why, name in found.items()), (None, ""))
