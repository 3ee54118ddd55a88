"""The forward pass to a layer's maps, compiled and kept for the next time."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import keras

from keras_motif.extraction._compiled import Function, compiled
from keras_motif.layers import Exponential
from keras_motif.models import operations
from keras_motif.models.calls import Call

__all__ = ["Forward", "forward_of"]

# Layers whose configuration says all about them.
_PLAIN = (
    *operations.CONVOLUTIONS,
    Exponential,
    keras.layers.Activation,
    keras.layers.AveragePooling1D,
    keras.layers.MaxPooling1D,
    keras.layers.ReLU,
)

# By the last layer, which they don't hold, so that they go with it.
_KEPT: WeakKeyDictionary[Any, tuple[Any, Forward]] = WeakKeyDictionary()


class Forward:
    """A compiled forward pass.

    It holds no layer between its calls: the function that compiles it anew for another
    shape of batch is given to each.

    Args:
        calls: The calls that make the maps.
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        self._function: Function | None = None
        variables = {
            id(x): x for call in calls for x in getattr(call.operation, "variables", [])
        }
        self._run = compiled(self._called, list(variables.values()))

    def __call__(self, function: Function, batch: Any) -> Any:
        """Return what a function makes of a batch.

        Args:
            function: The one that it was made for, or one of the same layers.
            batch: What the model takes, a tensor of any dtype.
        """
        self._function = function
        try:
            return self._run(batch)
        finally:
            self._function = None

    def _called(self, batch: Any) -> Any:
        assert self._function is not None
        return self._function(batch)


def forward_of(calls: Sequence[Call], key: Hashable) -> Forward:
    """Return a forward pass, the one from before where nothing has changed.

    Args:
        calls: The calls that make the maps.
        key: What else decides about the function.
    """
    parts = [_layer_signature(call) for call in calls]
    if not parts or None in parts:
        return Forward(calls)
    signature = key, tuple(parts)
    last = calls[-1].operation
    kept = _KEPT.get(last)
    if kept is None or kept[0] != signature:
        kept = signature, Forward(calls)
        _KEPT[last] = kept
    return kept[1]


def _layer_signature(call: Call) -> Any:
    """Return what decides about one layer, as far as its kind tells all."""
    layer = call.operation
    known = operations.is_transparent(layer) or operations.is_a(layer, _PLAIN)
    if not isinstance(layer, keras.layers.Layer) or not known:
        return None
    activation = getattr(layer, "activation", None)
    package = getattr(activation, "__module__", "keras").partition(".")[0]
    if package not in ("keras", "keras_motif"):
        return None
    variables = tuple(id(x) for x in layer.variables)
    return id(layer), call.inputs, call.outputs, variables, repr(layer.get_config())
