"""What lies between layers for both strands, and whether it keeps the pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from keras_motif.layers._mirrored_grid import Grid

__all__ = ["KeepsStrands", "check_activation"]

_POOLS = (keras.layers.MaxPooling1D, keras.layers.AveragePooling1D)
# Keras' layers with values of each channel's own, which are those of one strand.
_OF_CHANNELS = (
    keras.layers.BatchNormalization,
    keras.layers.Conv1D,
    keras.layers.Conv1DTranspose,
    keras.layers.Dense,
    keras.layers.DepthwiseConv1D,
    keras.layers.EinsumDense,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    keras.layers.MultiHeadAttention,
    keras.layers.PReLU,
    keras.layers.RNN,
    keras.layers.SeparableConv1D,
)
_ENDS = (keras.layers.ZeroPadding1D, keras.layers.Cropping1D)


class KeepsStrands:
    """Makes a layer look back at the layers before it, up to the next of its kind."""

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Check what lies before it, where that is known, and call it."""
        _check_between(self, inputs)
        return super().__call__(inputs, *args, **kwargs)  # type: ignore[misc]


def _check_between(layer: Any, inputs: Any) -> None:
    """Raise where a Keras layer between `layer` and the one before parts the strands.

    Args:
        layer: A layer for both strands.
        inputs: What it is called with; looked at where it is a symbolic tensor, whose
            history is known.

    Raises:
        ValueError: A pool with a rest, padding or cropping of one end, channels joined
            end to end, or a layer with weights of each channel's own.
    """
    for operation, tensors in _before(inputs, set()):
        where = f"The layer {operation.name!r} before {layer.name!r}"
        if isinstance(operation, _POOLS):
            _check_pool(operation, tensors[0].shape[1], where)
        elif isinstance(operation, _ENDS):
            _check_ends(operation, where)
        elif isinstance(operation, keras.layers.Concatenate) and len(tensors) > 1:
            if operation.axis in (-1, len(tensors[0].shape) - 1):
                raise ValueError(
                    f"{where} joins paired channels end to end, which parts the pairs. "
                    "Use `keras.layers.Add`, or join them behind RevCompFold."
                )
        elif _has_values_of_channels(operation):
            raise ValueError(
                f"{where} must treat both channels of a pair alike. Received "
                f"{type(operation).__name__}, which has weights for each channel. Use "
                "RevCompConv1D or RevCompBatchNormalization, or put it behind "
                "RevCompFold."
            )


def check_activation(layer: Any, input_shape: tuple[int | None, ...]) -> None:
    """Raise unless a layer's own activation treats all channels and positions alike.

    Args:
        layer: A layer with an `activation`.
        input_shape: What the activation is given.

    Raises:
        ValueError: An activation with weights for each channel or position.
    """
    activation = layer.activation
    if not isinstance(activation, keras.layers.Layer):
        return
    if not activation.built:
        activation.build(input_shape)
    if any(_size(weight) > 1 for weight in activation.weights):
        raise ValueError(
            "`activation` must treat all channels and positions alike. Received "
            f"{type(activation).__name__} with weights for each, for the layer "
            f"{layer.name!r}. Use a function, or `PReLU(shared_axes=[1, 2])`."
        )


def _before(tensor: Any, seen: set[int]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each call before a symbolic tensor, up to a layer for both strands."""
    history = getattr(tensor, "_keras_history", None)
    if history is None or id(tensor) in seen:
        return
    seen.add(id(tensor))
    operation = history.operation
    if isinstance(operation, KeepsStrands):
        return
    tensors = operation._inbound_nodes[history.node_index].input_tensors
    if tensors:
        yield operation, tensors
    inner = getattr(operation, "outputs", None) if _is_model(operation) else None
    for one in [*(inner or []), *tensors]:
        yield from _before(one, seen)


def _is_model(operation: Any) -> bool:
    return isinstance(operation, keras.Model)


def _check_pool(pool: Any, length: int | None, where: str) -> None:
    size, stride = pool.pool_size[0], pool.strides[0]
    grid = Grid(length, size, stride, 1, pool.padding)
    # Of sequences of any length, those with a rest can't be told beforehand.
    if length is None or grid.is_mirrored():
        return
    raise ValueError(
        f"{where} must see the same windows on either strand. Received {length} "
        f"positions for pool_size {size}, strides {stride}, padding {pool.padding!r}, "
        f"where a rest is left. What works: {grid.what_works('pool_size')}."
    )


def _check_ends(layer: Any, where: str) -> None:
    ends = getattr(layer, "padding", None) or getattr(layer, "cropping", None)
    first, last = ends if isinstance(ends, tuple | list) else (ends, ends)
    if first != last:
        raise ValueError(
            f"{where} must treat both ends alike. Received {first} positions at the "
            f"start and {last} at the end. Use the same for both."
        )


def _has_values_of_channels(operation: Any) -> bool:
    return isinstance(operation, _OF_CHANNELS) and any(
        _size(weight) > 1 for weight in operation.weights
    )


def _size(weight: Any) -> int:
    size = 1
    for axis in weight.shape:
        size *= axis
    return size
