"""The largest activation that a first layer's filters can reach at all."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.models.operations import CONVOLUTIONS, is_a, keeps_positions

__all__ = ["achievable_activations", "base_kernel"]

Array = np.ndarray[Any, Any]

_SEQUENCES_AT_ONCE = 64
_ROOM = 4  # windows that fit into the sequences, where the model takes any length
# What mixes the filters of a position, so that none has an extreme of its own.
_MIXING = (
    keras.layers.Dense,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    keras.layers.RMSNormalization,
    keras.layers.Softmax,
    keras.layers.UnitNormalization,
)
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
    convolution = _only_convolution(maps)
    kernel = base_kernel(maps)
    place = _along(maps, convolution)
    dilation = convolution.dilation_rate
    step = int(dilation[place] if isinstance(dilation, tuple | list) else dilation)
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


def base_kernel(maps: ActivationMap) -> Array:
    """Return the kernel of a first convolution, `(taps, 4, filters)`, float32.

    Raises:
        ValueError: A layer behind more than one convolution, pools or others.
    """
    convolution = _only_convolution(maps)
    # Not its first weight: of that the kernel may be made.
    kernel = np.asarray(keras.ops.convert_to_numpy(convolution.kernel), np.float32)
    kernel = np.moveaxis(kernel, _along(maps, convolution), 0)
    kernel = kernel.reshape(kernel.shape[0], -1, kernel.shape[-1])
    has_rows = kernel.shape[-1] < maps.num_filters  # a filter for each row of bases
    if kernel.shape[1] != maps.choice.layout.channels or has_rows:
        raise ValueError(_unknown(maps))
    return np.asarray(kernel[:, :4, : maps.num_filters])


def _along(maps: ActivationMap, convolution: Any) -> int:
    """Return which of a kernel's axes runs along the sequence."""
    is_last = convolution.data_format == "channels_last"
    return maps.choice.layout.positions - (1 if is_last else 2)


def _only_convolution(maps: ActivationMap) -> Any:
    """Return the convolution, if nothing else mixes positions or filters.

    Raises:
        ValueError: A layer behind more than one convolution, pools or others.
    """
    operations = [call.operation for call in maps.calls]
    found = [x for x in operations if is_a(x, CONVOLUTIONS)]
    if (
        len(found) == 1
        and found[0].groups == 1
        and all(x is found[0] or keeps_positions(x) for x in operations)
        and not any(_mixes_filters(x) for x in operations)
    ):
        return found[0]
    raise ValueError(_unknown(maps))


def _unknown(maps: ActivationMap) -> str:
    named = ", ".join(
        f"{call.name} ({call.operation.__class__.__name__})" for call in maps.calls
    )
    return (
        'threshold_of="achievable" is known for a first convolution, its batch norm '
        f"and its activation alone. The layer {maps.name!r} lies behind {named}. Name "
        'the first layer with `layer=`, or use threshold_of="observed".'
    )


def _mixes_filters(operation: Any) -> bool:
    return isinstance(operation, _MIXING) or (
        getattr(operation, "activation", None) in _MIXING_ACTIVATIONS
    )


def _whole_window(maps: ActivationMap, size: int) -> tuple[int, int, int]:
    """Return a whole window's first base, its position, and a length to hold it."""
    length = maps.fixed_length or _ROOM * size
    field = maps.receptive_field(length)
    starts = field.starts()
    whole = np.flatnonzero((starts >= 0) & (starts + size <= length))
    if not len(whole):
        raise ValueError(
            f"The sequences of length {length} that the model takes are too short for "
            f"a whole window of {size} bases."
        )
    return int(starts[whole[0]]), int(whole[0]), length
