"""What each value of a graph sees of the sequences, followed from call to call."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import keras

from keras_motif.models import operations
from keras_motif.models.calls import Call, CallGraph, run
from keras_motif.models.fields import Local, Track, known_rule
from keras_motif.models.probes import Question, measured_rule, to_numpy

__all__ = ["FieldWalk", "Unseen"]

_MERGES = (
    keras.layers.Add,
    keras.layers.Average,
    keras.layers.Maximum,
    keras.layers.Minimum,
    keras.layers.Multiply,
    keras.layers.Subtract,
)
_MERGE_NAMES = {
    "add",
    "divide",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
    "truedivide",
    "where",
}
_CYCLE = 720  # which most strides divide
_LONG = 2 * _CYCLE


class Unseen(Exception):  # noqa: N818 - it is caught, and told as a ValueError
    """It cannot be told what a value sees.

    Attributes:
        call: The call that hides it.
        reason: Why, without a full stop.
    """

    def __init__(self, call: Call, reason: str) -> None:
        super().__init__(reason)
        self.call = call
        self.reason = reason


class FieldWalk:
    """Follows the sequences through a graph, as far as it is asked.

    Args:
        graph: The calls.
        source: The number of the input that takes the sequences.
        axis: Its axis of positions.
        length: Length of the sequences.

    Attributes:
        measured: The calls whose rule was measured.
        statistics: Those of them, and of the known ones, that use statistics of the
            whole length, which are left out of the field.
    """

    def __init__(self, graph: CallGraph, source: int, axis: int, length: int) -> None:
        self._graph = graph
        self._source = source
        self._length = length
        self._makers = {
            n: call for call in graph.calls if not call.is_model for n in call.outputs
        }
        zero, one = Fraction(0), Fraction(1)
        self._tracks: dict[int, Track | Unseen | None] = dict.fromkeys(graph.inputs)
        self._tracks[source] = Track(zero, zero, one, length, axis)
        self.measured: list[Call] = []
        self.statistics: list[Call] = []
        self._rules: dict[int, Local | str] = {}

    def track(self, value: int) -> Track | None:
        """Return what a value sees; None where it doesn't depend on the sequences.

        Raises:
            Unseen: It can't be told.
        """
        waiting = [value]
        while waiting:  # without recursion: graphs may be deep
            number = waiting[-1]
            if number in self._tracks:
                waiting.pop()
                continue
            call = self._makers[number]
            needed = [n for n in call.inputs if n not in self._tracks]
            if needed:
                waiting += needed
                continue
            for output, made in enumerate(call.outputs):
                self._tracks[made] = self._found(call, output)
        found = self._tracks[value]
        if isinstance(found, Unseen):
            raise found
        return found

    def is_pointwise_statistic(self, call: Call) -> bool:
        """Return whether a call does something to each position by the whole length.

        Such as a norm of the user's own, of one input, that `track` has passed.
        """
        rule = self._rules.get(id(call.step))
        is_one = isinstance(rule, Local) and rule.low == rule.high == 0
        return is_one and any(call.step is x.step for x in self.statistics)

    def _found(self, call: Call, output: int) -> Track | Unseen | None:
        sources = [self._tracks[n] for n in call.inputs]
        for one in sources:
            if isinstance(one, Unseen):
                return one
        try:
            return self._followed(
                call, output, [x for x in sources if not isinstance(x, Unseen)]
            )
        except Unseen as unseen:
            return unseen
        except ValueError as error:
            return Unseen(call, str(error).removesuffix("."))
        except Exception as error:  # whatever a layer of the user's may raise
            return Unseen(call, f"{type(error).__name__}: {error}")

    def _followed(
        self, call: Call, output: int, sources: list[Track | None]
    ) -> Track | None:
        known = [x for x in sources if x is not None]
        if not known:
            return None
        placed = [(i, x) for i, x in enumerate(sources) if x and x.axis is not None]
        if not placed:
            return known[0]
        if len(placed) < len(known):
            self.statistics.append(call)
        if self._is_merge(call, placed):
            return _union([self._aligned(call, i, x) for i, x in placed], call)
        tracks = []
        for place, track in placed:
            rule = self._rule(call, output, place, track)
            if rule == "constant":
                continue
            if rule == "none":
                return track._replace(axis=None)
            if isinstance(rule, str):
                raise Unseen(call, "each of its positions sees the whole sequence")
            tracks.append(track.after(rule))
        return _union(tracks, call) if tracks else None

    def _is_merge(self, call: Call, placed: list[tuple[int, Track]]) -> bool:
        operation = call.operation
        if operations.is_a(operation, _MERGES):
            return True
        name = operations.kind(operation)
        if not operations.is_known(operation) or len(call.inputs) < 2:
            return False
        if name == "concatenate":
            rank = len(call.step.outputs[0].shape)
            axis = operation.axis % rank
            if any(x.axis == axis for _, x in placed):
                raise Unseen(call, "it joins sequences of positions end to end")
            return True
        return name in _MERGE_NAMES

    def _aligned(self, call: Call, place: int, track: Track) -> Track:
        """Return a track with the axis that it has behind an operation that spreads."""
        ranks = [len(call.step.inputs[place].shape), len(call.step.outputs[0].shape)]
        axis = (track.axis or 0) + ranks[1] - ranks[0]
        return track._replace(axis=axis)

    def _rule(self, call: Call, output: int, place: int, track: Track) -> Local | str:
        axis = track.axis or 0
        shape = tuple(call.step.inputs[place].shape)
        rule: Local | str | None = None
        if len(call.inputs) == len(call.outputs) == 1:
            rule = known_rule(call, shape, axis, track.length)
        if rule is None:
            rule, has_statistics = self._measured(call, output, place, track)
            self.measured.append(call)
            if has_statistics:
                self.statistics.append(call)
        elif _has_statistics(call.operation, axis, len(shape)):
            self.statistics.append(call)
        self._rules[id(call.step)] = rule
        return rule

    def _measured(
        self, call: Call, output: int, place: int, track: Track
    ) -> tuple[Local | str, bool]:
        axis, length = track.axis or 0, track.length
        is_one_hot = call.inputs[place] == self._source
        constants = self._constants(call)

        def measure(size: int) -> tuple[Local | str, bool]:
            shapes = [
                _filled(x.shape, size, axis if i == place else None)
                for i, x in enumerate(call.step.inputs)
            ]
            return measured_rule(
                Question(call, place, shapes, axis, output, is_one_hot, constants)
            )

        if length >= 2 * _LONG and len(call.inputs) == 1:
            sizes = [length % _CYCLE + _CYCLE, length % _CYCLE + 2 * _CYCLE]
            short = _at_any_length(measure, sizes, call, length)
            if short is not None:
                return short
        return measure(length)

    def _constants(self, call: Call) -> dict[int, Any]:
        """Return the values of inputs that are one for all, such as a switch."""
        found = {}
        for place, (number, symbolic) in enumerate(
            zip(call.inputs, call.step.inputs, strict=True)
        ):
            if self._tracks[number] is not None or len(symbolic.shape) > 0:
                continue
            needed = self._graph.to(number)
            inputs = {n for x in needed for n in x.inputs} & {*self._graph.inputs}
            values: dict[int, Any] = {
                n: keras.ops.ones(
                    (1, *_filled(self._graph.tensors[n].shape, self._length, None)),
                    dtype=self._graph.tensors[n].dtype,
                )
                for n in inputs
            }
            found[place] = to_numpy(run(needed, values, number))
        return found


def _at_any_length(
    measure: Any, sizes: list[int], call: Call, length: int
) -> tuple[Local, bool] | None:
    """Return a rule that two shorter lengths agree on, for sequences that are long."""
    try:
        (one, has_statistics), (other, _) = (measure(size) for size in sizes)
    except Exception:  # a layer of the user's that takes one length alone
        return None
    if isinstance(one, str) or isinstance(other, str) or one.slope < 0:
        return None
    growth = Fraction(other.length - one.length, sizes[1] - sizes[0])
    positions = one.length + growth * (length - sizes[0])
    found = one._replace(length=int(positions))
    stated = call.step.outputs[0].shape[one.axis]
    agrees = one == other._replace(length=one.length) and positions.denominator == 1
    if agrees and stated in (None, found.length):
        return found, has_statistics
    return None


def _filled(
    shape: Sequence[int | None], length: int, axis: int | None
) -> tuple[int, ...]:
    """Return a shape without the batch, with its positions, and no size unknown."""
    return tuple(
        length if i == axis or size is None else int(size)
        for i, size in enumerate(shape)
    )[1:]


def _has_statistics(operation: Any, axis: int, rank: int) -> bool:
    """Return whether one of Keras' layers normalises over the positions."""
    if operations.is_a(operation, keras.layers.GroupNormalization):
        return bool(axis != operation.axis % rank)
    kinds = (
        keras.layers.Softmax,
        keras.layers.LayerNormalization,
        keras.layers.RMSNormalization,
        keras.layers.UnitNormalization,
    )
    if operations.is_a(operation, kinds):
        axes = operation.axis if isinstance(operation.axis, list | tuple) else None
        listed = [operation.axis] if axes is None else axes
        return axis in [x % rank for x in listed]
    return False


def _union(tracks: list[Track], call: Call) -> Track:
    """Return what a position sees through several branches together."""
    one = tracks[0]
    for name, values in (
        ("strides", {x.slope for x in tracks}),
        ("lengths", {x.length for x in tracks}),
        ("axes of positions", {x.axis for x in tracks}),
    ):
        if len(values) > 1:
            listed = ", ".join(str(x) for x in sorted(values, key=str))
            raise Unseen(
                call, f"the branches that meet in it have different {name} ({listed})"
            )
    low, high = min(x.low for x in tracks), max(x.high for x in tracks)
    return one._replace(low=low, high=high)
