"""Which bases the positions of a map see, followed through a model's graph."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from keras_motif.models import graph, operations

__all__ = ["ReceptiveField", "field_through"]

_SEPARABLE = (keras.layers.SeparableConv1D, keras.layers.DepthwiseConv1D)


_POOLS = (
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
)


_MERGES = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.Concatenate,
    keras.layers.Maximum,
    keras.layers.Minimum,
    keras.layers.Multiply,
    keras.layers.Subtract,
)


_MERGE_NAMES = {"add", "subtract", "multiply", "maximum", "minimum", "divide"}


class ReceptiveField(NamedTuple):
    """What the positions of a map see.

    Position p sees the bases `start + p * stride` up to, not including, `start + p *
    stride + size`; at the ends some of them lie in the padding, outside the
    sequence.

    Attributes:
        start: First base that position 0 sees; negative with padding.
        size: Number of bases that a position sees.
        stride: Bases from one position to the next.
        length: Number of positions.
    """

    start: int
    size: int
    stride: int
    length: int


def field_through(calls: list[graph.Step], first: ReceptiveField) -> ReceptiveField:
    """Follow the receptive field from a graph's input to its last call."""
    fields: dict[int, ReceptiveField] = {}
    field = first
    for call in calls:
        sources = [fields[id(tensor)] for tensor in call.inputs]
        field = _field_after(call, sources) if sources else first
        fields.update((id(tensor), field) for tensor in call.outputs)
    return field


def _field_after(call: graph.Step, sources: list[ReceptiveField]) -> ReceptiveField:
    operation = call.operation
    name = operation.__class__.__name__.lower()
    if isinstance(operation, keras.Model):
        return field_through(graph.steps(operation), sources[0])
    if isinstance(operation, (*operations.CONVOLUTIONS, *_SEPARABLE)):
        return _slide(
            sources[0],
            operation,
            operation.kernel_size[0],
            _first(operation.strides),
            _first(operation.dilation_rate),
        )
    if isinstance(operation, _POOLS):
        pool = _first(operation.pool_size)
        return _slide(sources[0], operation, pool, _first(operation.strides), 1)
    if isinstance(operation, _MERGES) or (name in _MERGE_NAMES and len(sources) > 1):
        return _union(sources, operation)
    # What keeps each position's place, whatever it does within the position.
    shape_in, shape_out = call.inputs[0].shape, call.outputs[0].shape
    if operations.keeps_positions(operation) and shape_in[1] == shape_out[1]:
        return sources[0]
    raise ValueError(
        f"It isn't known which bases a position sees through the layer "
        f"{operation.name!r} ({operation.__class__.__name__}). Name a layer before "
        "it with `layer=`."
    )


def _first(value: Any) -> int:
    return int(value[0] if isinstance(value, tuple | list) else value)


def _slide(
    source: ReceptiveField, operation: Any, taps: int, stride: int, dilation: int
) -> ReceptiveField:
    """Widen a field by a window that slides along the positions."""
    if operation.data_format != "channels_last":
        raise ValueError(
            f"The layer {operation.name!r} has data_format "
            f"{operation.data_format!r}. Maps are read as (n, positions, filters): "
            'use "channels_last".'
        )
    reach = (taps - 1) * dilation + 1
    if operation.padding == "valid":
        before, length = 0, (source.length - reach) // stride + 1
    else:
        length = -(-source.length // stride)
        needed = max((length - 1) * stride + reach - source.length, 0)
        before = reach - 1 if operation.padding == "causal" else needed // 2
    return ReceptiveField(
        start=source.start - before * source.stride,
        size=source.size + (reach - 1) * source.stride,
        stride=source.stride * stride,
        length=max(length, 0),
    )


def _union(sources: list[ReceptiveField], operation: Any) -> ReceptiveField:
    """Return what a position sees through several branches together."""
    strides = {source.stride for source in sources}
    lengths = {source.length for source in sources}
    if len(strides) > 1 or len(lengths) > 1:
        raise ValueError(
            f"The branches that meet in the layer {operation.name!r} have different "
            "strides or lengths, so its positions see no single window. Name a "
            "layer before it with `layer=`."
        )
    start = min(source.start for source in sources)
    end = max(source.start + source.size for source in sources)
    return sources[0]._replace(start=start, size=end - start)
