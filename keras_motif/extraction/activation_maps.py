"""The maps of one layer: sequences in, activations out, and what positions see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import keras
import numpy as np

from keras_motif.extraction._compiled import on_host, to_device
from keras_motif.extraction._forward import Forward, forward_of
from keras_motif.extraction._given_field import FieldLike, checked_field
from keras_motif.extraction._pairs import are_paired
from keras_motif.extraction._starts import circular, starting_motifs
from keras_motif.extraction._symmetry import symmetric_filters
from keras_motif.models import fields, operations, places, walk
from keras_motif.models.calls import Call, CallGraph, run
from keras_motif.models.choices import InputChoice
from keras_motif.models.probes import random_weights

__all__ = ["ActivationMap", "FieldLike", "LayerLike"]

Array = np.ndarray[Any, Any]

_BASES = 4

LayerLike: TypeAlias = (
    "str | int | keras.layers.Layer | Sequence[str | int | keras.layers.Layer] | None"
)


class ActivationMap:
    """The maps of one layer.

    Calls the user's own layers, so it always gives the maps of the current weights;
    the model itself is left as it was.

    Args:
        graph: The model's calls.
        call: The call whose output the maps are.
        choice: The input that takes the sequences.
        field: Start, size and stride of the receptive field, where the user knows
            them.

    Attributes:
        name: The layer's name, with those of the nested models around it where others
            have the same.
        num_filters: Number of filters, the channels of the layer's output; half of them
            where they are paired.
        is_paired: Whether each filter has a channel for either strand, as behind
            `RevCompConv1D`. The other strand's channel is read as this strand's of the
            reverse complement.
        choice: Which of the user's model's inputs takes the sequences.
        calls: The calls that make the maps, in order, those of nested models in
            their place.
        prefix: What stands before the filters' names.
        source: The number of the value that the sequences are, among the calls'.

    Raises:
        ValueError: The layer's output is not one row per position.
    """

    def __init__(
        self,
        graph: CallGraph,
        call: Call,
        choice: InputChoice,
        field: FieldLike = None,
    ) -> None:
        (self.name,) = places.names(graph, [call])
        self.choice = choice
        self.prefix = ""
        self._graph = graph
        self.source = graph.inputs[choice.place]
        self._wanted = call.outputs[0]
        self.calls = graph.to(self._wanted)
        self._dtype = graph.tensors[self.source].dtype
        self._given = checked_field(field)
        self._walks: dict[int, walk.FieldWalk] = {}
        self._fields: dict[int, fields.ReceptiveField] = {}
        self._symmetric: dict[int, Array] = {}
        self._forward: Forward | None = None
        self._shape = tuple(graph.tensors[self._wanted].shape)
        self._axis = self._position_axis()
        others = [
            size for i, size in enumerate(self._shape) if i not in (0, self._axis)
        ]
        known = [size for size in others if size is not None]
        self._num_channels: int = math.prod(int(size) for size in known)
        self.is_paired = are_paired(self.calls)
        self.num_filters = self._num_channels // (2 if self.is_paired else 1)

    def __call__(self, batch: Array) -> Array:
        """Return the maps of a batch.

        Args:
            batch: One-hot sequences of shape `(n, length, 4)`, any dtype, or with more
                channels behind.

        Returns:
            Array of shape `(n, positions, num_filters)`, float32.
        """
        return self.with_weights(batch, None)

    def on_device(self, batch: Array) -> Any:
        """Return the maps of a batch as a tensor, through a compiled forward pass.

        Args:
            batch: See `__call__`.

        Returns:
            Tensor of shape `(n, positions, num_filters)`, float32.
        """
        if self._forward is None:
            key = self.source, self._axis, self._dtype, self.num_filters
            self._forward = forward_of(self.calls, key)
        laid = self.choice.layout.to_model(batch)
        if laid.dtype not in (np.int8, np.uint8):  # a quarter of the size of floats
            return self._forward(self.tensor, self._as_input(laid))
        return self._forward(self.tensor, to_device(laid))

    def with_weights(self, batch: Array, weights: dict[int, Any] | None) -> Array:
        """Return the maps of a batch, with other values in place of the weights."""
        laid = self._as_input(self.choice.layout.to_model(batch))
        # Keras' own conversion would copy the maps.
        return on_host(self.tensor(laid, weights))

    def tensor(self, laid: Any, weights: dict[int, Any] | None = None) -> Any:
        """Return the maps of a batch as a tensor, step by step.

        Args:
            laid: What the model takes, a tensor of any dtype.
            weights: Values in place of the weights.
        """
        values = {self.source: keras.ops.cast(laid, self._dtype)}
        maps = keras.ops.cast(run(self.calls, values, self._wanted, weights), "float32")
        if self._axis != 1:
            maps = keras.ops.moveaxis(maps, self._axis, 1)
        if len(maps.shape) != 3:
            shape = (*maps.shape[:2], self._num_channels)
            maps = keras.ops.reshape(maps, shape)
        is_all = self.num_filters == self._num_channels
        return maps if is_all else maps[..., : self.num_filters]

    def _as_input(self, laid: Array) -> Any:
        laid = np.ascontiguousarray(laid)
        return keras.ops.convert_to_tensor(laid, dtype=self._dtype)

    @property
    def filter_names(self) -> list[str]:
        """The names of the filters' motifs, in order."""
        return [f"{self.prefix}filter{index}" for index in range(self.num_filters)]

    def sequence_bytes(self, length: int) -> int:
        """Return how much memory the maps of a sequence of a length take."""
        return self.receptive_field(length).length * self._num_channels * 4

    @property
    def fixed_length(self) -> int | None:
        """The length of the sequences that the model takes; None for any."""
        return self.choice.layout.length

    def weights(self) -> list[Array]:
        """Return the current weights that the maps depend on, each once."""
        variables = {
            id(x): x
            for call in self.calls
            for x in getattr(call.operation, "variables", [])
        }
        return [keras.ops.convert_to_numpy(x) for x in variables.values()]

    def receptive_field(self, length: int) -> fields.ReceptiveField:
        """Return what the maps' positions see.

        Args:
            length: Length of the sequences.

        Returns:
            Start, size, stride and number of positions.

        Raises:
            ValueError: It can't be told, or the sequences are too short.
        """
        if length not in self._fields:
            self._fields[length] = self._field(length)
        return self._fields[length]

    def _field(self, length: int) -> fields.ReceptiveField:
        if self._given is not None:
            positions = self(np.zeros((1, length, 4), dtype=np.int8)).shape[1]
            start, size, stride = self._given
            return fields.ReceptiveField(start, size, stride, positions)
        field = self._track(length).field()
        if field.length < 1:
            raise ValueError(
                f"`sequences` of length {length} are too short for the layer "
                f"{self.name!r}, whose receptive field is {field.size}. Use longer "
                "sequences."
            )
        return field

    def told(self, length: int) -> str:
        """Say what is read, and how its receptive field was found."""
        size, number = self.receptive_field(length).size, self.num_filters
        what = f"{number} filter{'s' * (number != 1)} of {size} base{'s' * (size != 1)}"
        told = f"{self.name}: {what}, {self.field_source(length)}"
        known = self.starting_motifs()
        return f"{told}; {circular(known)}" if known else told

    def starting_motifs(self) -> list[str]:
        """Return the names of the known motifs that its filters started from."""
        return starting_motifs([call.operation for call in self.calls])

    def field_source(self, length: int) -> str:
        """Say how the receptive field was found."""
        if self._given is not None:
            return "given by hand"
        self._track(length)
        found = self._walks[length]
        own = {id(call.step) for call in self.calls}
        measured = [x for x in found.measured if id(x.step) in own]
        statistics = [x for x in found.statistics if id(x.step) in own]
        parts = ["by the rules of Keras' layers"]
        if measured:
            named = dict.fromkeys(places.names(self._graph, measured))
            parts = [f"measured through {', '.join(named)}"]
        if statistics:
            named = dict.fromkeys(places.names(self._graph, statistics))
            parts.append(
                f"without the statistics of the whole sequence that {', '.join(named)} "
                "uses"
            )
        return ", ".join(parts)

    @property
    def is_plain(self) -> bool:
        """Whether Keras' own layers make the maps, which read the given strand."""
        return self._given is None and all(
            operations.is_known(call.operation)
            and operations.kind(call.operation)
            not in ("flip", "getitem", "revcompfold")
            for call in self.calls
        )

    def is_reversed(self, length: int) -> bool:
        """Return whether the layer reads the sequences from their end, as reversed."""
        return self.receptive_field(length).stride < 0

    def strand_symmetric(self, length: int) -> Array:
        """Return which filters' maps are the same on either strand, `(num_filters,)`.

        A window of such a filter doesn't say which strand it was seen on. Measured
        with random weights, where the maps come from anything but Keras' own layers
        with a rule; those see one strand.
        """
        if length not in self._symmetric:
            self._symmetric[length] = self._measured_symmetry(length)
        return self._symmetric[length]

    def _measured_symmetry(self, length: int) -> Array:
        if self._given is None:
            self._track(length)
            own = {id(call.step) for call in self.calls}
            if not any(id(x.step) in own for x in self._walks[length].measured):
                return np.zeros(self.num_filters, dtype=bool)
        weights = random_weights([call.operation for call in self.calls])
        return symmetric_filters(
            lambda batch: self.with_weights(batch, weights),
            self.receptive_field(length),
            length,
            self.num_filters,
        )

    def _track(self, length: int) -> fields.Track:
        if length not in self._walks:
            self._walks[length] = walk.FieldWalk(
                self._graph, self.source, self.choice.layout.positions, length
            )
        try:
            track = self._walks[length].track(self._wanted)
        except walk.Unseen as unseen:
            if self.choice.layout.length not in (None, length):
                raise ValueError(self._length_message(length)) from unseen
            raise ValueError(self._unseen_message(unseen, length)) from unseen
        if track is None or track.axis is None:
            raise ValueError(self._no_map_message())
        return track

    def _length_message(self, length: int) -> str:
        fixed = self.choice.layout.length or length
        fix = "Read them in pieces: `tile=True`."
        fix = fix if length > fixed else f"Fill them with N: `length={fixed}`."
        return (
            f"The model takes {fixed} bases, and what leads to the layer {self.name!r} "
            f"no other number. Received sequences of {length}. {fix}"
        )

    def _unseen_message(self, unseen: walk.Unseen, length: int) -> str:
        operation = unseen.call.operation
        inner = getattr(operation, "layer", None)
        around = isinstance(inner, keras.Model)
        return (
            "It isn't known which bases a position sees through the layer "
            f"{operation.name!r} ({operation.__class__.__name__}): {unseen.reason}. "
            f"{'It wraps a model: pass that one, its `layer`.' if around else ''}"
            f"{'' if around else self._what_works(length)}"
        )

    def _what_works(self, length: int) -> str:
        """Name the last layer before, whose field is known, or the option."""
        found = self._walks[length]
        for call in reversed(self.calls[:-1]):
            try:
                track = found.track(call.outputs[0])
            except walk.Unseen:
                continue
            if track is not None and track.axis is not None and track.is_wide:
                if not self._is_map(call.step.outputs[0].shape, track.axis):
                    continue
                (name,) = places.names(self._graph, [call])
                return f"Name a layer before it, such as `layer={name!r}`."
        return (
            "No layer before it sees more than one base. Where you know its window, "
            "say `receptive_field=(start, size)` or `(start, size, stride)`, in bases: "
            f"{self._example_field(length)}."
        )

    def _example_field(self, length: int) -> str:
        """Return a window that could be meant: the layer's own, or around positions."""
        call = self.calls[-1]
        axis = self._likely_axis()
        own = None
        if len(call.inputs) == 1:
            shape = tuple(call.step.inputs[0].shape)
            own = fields.known_rule(call, shape, axis, shape[axis] or length)
        if isinstance(own, fields.Local) and own.size > 1:
            field = (int(own.low), own.size, int(own.slope))
            what = f"is what {self.name!r} sees of what it is given"
        else:
            positions = self._shape[axis] or length
            stride = max(round(length / positions), 1)
            size = max(min(21 * stride, length // 2), 1)
            field = (-(size // 2), size, stride)
            what = f"are the {size} around each position"
        return f"`receptive_field={field}` {what}"

    def _position_axis(self) -> int:
        length = self.fixed_length
        if self._given is None and length is not None:
            try:
                track = self._track(length)
            except ValueError as error:
                if isinstance(error.__cause__, walk.Unseen):
                    return self._likely_axis()  # told when the field is asked for
                raise
            axis = track.axis or 1
        else:
            axis = self._likely_axis()
        if not self._is_map(self._shape, axis):
            raise ValueError(self._no_map_message())
        return axis

    def _is_map(self, shape: Sequence[int | None], axis: int) -> bool:
        """Return whether a shape has positions and filters, or those of each row.

        A kernel over (length, 4, 1) that doesn't reach over all bases gives a few rows
        of filters.
        """
        sizes = _sizes(shape, axis)
        is_2d = len(self.choice.layout.shape) == 4 and None not in sizes
        is_few = len(sizes) == 2 and is_2d and sizes[0] <= _BASES  # type: ignore[operator]
        return axis < len(shape) and (len(sizes) < 2 or is_few)

    def _likely_axis(self) -> int:
        """Return the axis of positions by the shape alone."""
        if len(self._shape) == 3:
            return 1
        if len(self._shape) == 4:
            single = [i for i in (1, 2, 3) if self._shape[i] == 1]
            return {1: 2, 2: 1, 3: 1}[single[0]] if single else 1
        raise ValueError(self._no_map_message())

    def _no_map_message(self) -> str:
        return (
            f"The layer {self.name!r} must give maps of shape (n, positions, filters), "
            f"with axes of 1 besides. It gives {self._shape}. "
            f"{places.candidates(self._graph, self.calls[:-1])}"
        )


def _sizes(shape: Sequence[int | None], axis: int) -> list[int | None]:
    """Return a map's sizes beside the batch and the positions, without those of 1."""
    return [size for i, size in enumerate(shape) if i not in (0, axis) and size != 1]
