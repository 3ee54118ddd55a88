"""The largest activation that a first layer's filters can reach at all."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.models.operations import CONVOLUTIONS, keeps_positions

__all__ = ["achievable_activations", "first_kernel", "only_convolution"]

Array = np.ndarray[Any, Any]

_SEQUENCES_AT_ONCE = 64
_ROOM = 4  # windows that fit into the sequences, where the model takes any length
# What mixes the filters of a position, so that none has an extreme of its own.
_MIXING = (keras.layers.Dense, keras.layers.LayerNormalization, keras.layers.Softmax)
_MIXING_ACTIVATIONS = (keras.activations.softmax, keras.activations.log_softmax)


def achievable_activations(maps: ActivationMap) -> Array:
    """Return the largest activation of each filter over all possible sequences.

    A first convolution is linear in each base, so its extremes are at the sequence
    that takes the largest weight of each column, and at the one that takes the
    smallest. Batch norm, whose scale may be negative, and the activation come after
    it, each filter for itself. The network itself is evaluated on both sequences and
    the larger value taken: right for every activation that is nowhere larger than at
    the ends of an interval, as all that rise, all that fall, and log|x|.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods: "maximum possible
    activation".

    Args:
        maps: The maps of a first convolution, or of the batch norm, dropout or
            activation behind it.

    Returns:
        Array of shape `(num_filters,)`, float32. Whole windows of A C G T alone are
        considered: windows that reach beyond the ends, and N, can lie above.

    Raises:
        ValueError: A layer behind more than one convolution, pools or others.
    """
    convolution = only_convolution(maps)
    kernel = first_kernel(convolution, maps.num_filters)
    dilation = convolution.dilation_rate
    step = int(dilation[0] if isinstance(dilation, tuple | list) else dilation)
    offsets = step * np.arange(kernel.shape[0])
    start, position, length = _whole_window(maps, int(offsets[-1]) + 1)
    places = start + offsets
    extremes = np.concatenate([kernel.argmax(axis=1).T, kernel.argmin(axis=1).T])
    values = []
    for first in range(0, len(extremes), _SEQUENCES_AT_ONCE):
        bases = extremes[first : first + _SEQUENCES_AT_ONCE]
        batch = np.zeros((len(bases), length, 4), dtype=np.float32)
        batch[..., 0] = 1
        batch[:, places] = np.eye(4, dtype=np.float32)[bases]
        own = np.arange(first, first + len(bases)) % maps.num_filters
        values.append(maps(batch)[np.arange(len(bases)), position, own])
    both: Array = np.concatenate(values).reshape(2, -1)
    largest: Array = both.max(axis=0)
    return largest


def first_kernel(convolution: Any, num_filters: int) -> Array:
    """Return the kernel of a first convolution, `(taps, 4, num_filters)`, float32.

    Args:
        convolution: The layer.
        num_filters: How many of its channels are read, the first ones.
    """
    # Not its first weight: of that the kernel may be made.
    kernel = np.asarray(keras.ops.convert_to_numpy(convolution.kernel), np.float32)
    return kernel.reshape(kernel.shape[0], 4, -1)[..., :num_filters]


def only_convolution(maps: ActivationMap) -> Any:
    """Return the convolution, if nothing else mixes positions or filters.

    Raises:
        ValueError: A layer behind more than one convolution, pools or others.
    """
    operations = [call.operation for call in maps.calls]
    found = [x for x in operations if isinstance(x, CONVOLUTIONS)]
    if (
        len(found) == 1
        and found[0].groups == 1
        and all(x is found[0] or keeps_positions(x) for x in operations)
        and not any(_mixes_filters(x) for x in operations)
    ):
        return found[0]
    raise ValueError(
        'threshold_of="achievable" is known for a first convolution, its batch norm '
        f"and its activation alone. The layer {maps.name!r} lies behind "
        f"{', '.join(str(x.name) for x in operations)}. Name the first layer with "
        '`layer=`, or use threshold_of="observed".'
    )


def _mixes_filters(operation: Any) -> bool:
    return isinstance(operation, _MIXING) or (
        getattr(operation, "activation", None) in _MIXING_ACTIVATIONS
    )


def _whole_window(maps: ActivationMap, size: int) -> tuple[int, int, int]:
    """Return a whole window's first base, its position, and a length to hold it."""
    length = maps.fixed_length or _ROOM * size
    field = maps.receptive_field(length)
    starts = field.start + field.stride * np.arange(field.length)
    whole = np.flatnonzero((starts >= 0) & (starts + size <= length))
    if not len(whole):
        raise ValueError(
            f"The sequences of length {length} that the model takes are too short for "
            f"a whole window of {size} bases."
        )
    return int(starts[whole[0]]), int(whole[0]), length
