"""Which layers and which input are meant: by name, or as the first of the model."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras

from keras_motif.models import _layouts, places, walk
from keras_motif.models.calls import Call, CallGraph

__all__ = ["InputChoice", "chosen_layers"]

_LENGTH = 2000  # of sequences, to find a layer of a model that takes any


class InputChoice(NamedTuple):
    """Which of a model's inputs takes the sequences.

    Attributes:
        name: The input's name.
        place: Its index among the model's inputs.
        num_inputs: How many there are.
        layout: How it takes them.
    """

    name: str
    place: int
    num_inputs: int
    layout: _layouts.Layout

    def with_unknown(self, unknown: float | None) -> InputChoice:
        """Return the choice of an input that is given this for each base of an N.

        Args:
            unknown: 0 or 0.25; None for what the sequences hold.

        Raises:
            ValueError: Another value, or a model that takes codes.
        """
        if unknown is None:
            return self
        if unknown not in (0, 0.25):
            raise ValueError(
                "`unknown` must be 0, 0.25, or None for N as the sequences hold it. "
                f"Received {unknown!r}."
            )
        if self.layout.codes is not None:
            raise ValueError(
                f"`unknown` is for models that take one-hot bases. {self.name!r} takes "
                f"the codes {list(self.layout.codes)} of A C G T and N: leave it out."
            )
        return self._replace(layout=self.layout._replace(unknown=unknown))


def chosen_layers(
    graph: CallGraph, layer: Any, inputs: str | int | None
) -> list[tuple[Call, InputChoice]]:
    """Return the calls to read, each with the input that it depends on.

    Args:
        graph: The model's calls.
        layer: A name, index or layer, a list of these, or None for the first layer.
        inputs: The name or index of the input; None for any.

    Raises:
        ValueError: No such layer or input, or none that can be told.
        TypeError: `layer` of a wrong kind.

    Warns:
        UserWarning: Several layers are the first, and `layer` doesn't say which.
    """
    source = None if inputs is None else _named_input(graph, inputs)
    if layer is None:
        found = [_first(graph, source)]
    else:
        wanted: Sequence[Any] = layer if isinstance(layer, list | tuple) else [layer]
        if not wanted:
            raise ValueError("`layer` must hold at least one layer. Received none.")
        found = [_named(graph, one, source, inputs) for one in wanted]
    return [(call, _choice(graph, place)) for call, place in found]


def _first(graph: CallGraph, source: int | None) -> tuple[Call, int]:
    """Return the activation of the first layer, and its input; warn of others."""
    found: dict[int, tuple[Call, int]] = {}
    walks: dict[int, walk.FieldWalk] = {}
    reasons: list[str] = []
    for place in range(len(graph.inputs)) if source is None else [source]:
        try:
            choice = _choice(graph, place)
        except ValueError as error:
            reasons.append(str(error))
            continue
        steps = walk.FieldWalk(
            graph,
            graph.inputs[place],
            choice.layout.positions,
            choice.layout.length or _LENGTH,
        )
        walks[place] = steps
        for call in places.first_layers(graph, graph.inputs[place], steps):
            found.setdefault(id(call.operation), (call, place))
    exact = {
        key: (call, place)
        for key, (call, place) in found.items()
        if _choice(graph, place).layout.channels == _layouts.BASES
    }
    found = exact or found  # an input of other tracks is none of sequences
    if not found:
        if len(reasons) == len(graph.inputs) or (source is not None and reasons):
            raise ValueError(reasons[0])
        behind = (
            ""
            if source is None
            else f" behind the input {graph.tensors[graph.inputs[source]].name!r}"
        )
        raise ValueError(
            f"The model {graph.name!r} has no layer{behind} with filters along the "
            f"sequence, so there are none to read. {places.candidates(graph)} A layer "
            "with filters, such as Conv1D, must come before what sees the sequence as "
            "a whole."
        )
    return _chosen(graph, list(found.values()), walks)


def _chosen(
    graph: CallGraph,
    found: list[tuple[Call, int]],
    walks: dict[int, walk.FieldWalk],
) -> tuple[Call, int]:
    """Return the activation of one of the first layers, a trainable one if there is."""
    read: dict[int, tuple[Call, int]] = {}
    error: ValueError | None = None
    is_trained = any(call.is_trainable for call, _ in found)
    for first, place in sorted(found, key=lambda x: not x[0].is_trainable):
        if is_trained and not first.is_trainable and not read and error is not None:
            break  # the frozen ones are not what the user wants to know about
        try:
            activation = places.find_activation(graph, first, walks[place])
        except ValueError as one:
            error = error or one
            activation = first
        read.setdefault(id(activation.step), (activation, place))
    if error is not None and (len(read) == 1 or len(found) == 1):
        raise error
    activation, place = next(iter(read.values()))
    if len(graph.sources(activation.outputs[0])) > 1:
        raise ValueError(_several_inputs(graph, activation))
    if len(read) > 1:
        listed = places.names(graph, [call for call, _ in read.values()])
        is_one_input = len({place for _, place in read.values()}) == 1
        fix = f", or read all with `layer={listed}`" if is_one_input else ""
        others = "" if is_one_input else f" The others: {', '.join(listed[1:])}."
        warnings.warn(
            f"The model {graph.name!r} has {len(read)} first layers beside each "
            f"other. The filters of {listed[0]!r} are read.{others} Name one with "
            f"`layer=`{fix}.",
            UserWarning,
            stacklevel=6,
        )
    return activation, place


def _named(
    graph: CallGraph, layer: Any, source: int | None, inputs: Any
) -> tuple[Call, int]:
    """Return the call to read of a named layer, and the input that it depends on."""
    calls = [(x, graph.sources(x.outputs[0])) for x in places.find_calls(graph, layer)]
    single = [(call, found[0]) for call, found in calls if len(found) == 1]
    if not single:
        raise ValueError(_several_inputs(graph, calls[0][0]))
    if source is None:
        return next(
            (x for x in single if not _is_backwards(graph, *x)),
            single[0],
        )
    fitting = [x for x in single if x[1] == source]
    if not fitting:
        call, other = single[0]
        (name,) = places.names(graph, [call])
        raise ValueError(
            f"The maps of the layer {name!r} depend on the input "
            f"{str(graph.tensors[graph.inputs[other]].name)!r}, not on `inputs` "
            f"{inputs!r}. Name another layer or input."
        )
    return next((x for x in fitting if not _is_backwards(graph, *x)), fitting[0])


def _several_inputs(graph: CallGraph, call: Call) -> str:
    found = graph.sources(call.outputs[0])
    tensors = [graph.tensors[graph.inputs[x]] for x in found]
    named = ", ".join(str(x.name) for x in tensors)
    (name,) = places.names(graph, [call])
    alone = _of_one_input(graph)
    others = f" {places.candidates(graph, alone)}" if alone else ""
    return (
        f"The maps of the layer {name!r} must depend on one input, the sequences. "
        f"They depend on {len(found)}: {named}. Fix the others in a model around it, "
        "as zeros or as what they mostly are: `x = keras.Input(...)` for the "
        "sequences, then, where the other has one channel, "
        f"`keras.Model(x, model([x, keras.ops.zeros_like(x[..., :1])]))`.{others}"
    )


def _of_one_input(graph: CallGraph) -> list[Call]:
    return [x for x in graph.calls if len(graph.sources(x.outputs[0])) == 1]


def _is_backwards(graph: CallGraph, call: Call, place: int) -> bool:
    same = [x for x in graph.calls if x.operation is call.operation]
    if len(same) == 1:
        return False
    choice = _choice(graph, place)
    steps = walk.FieldWalk(
        graph,
        graph.inputs[place],
        choice.layout.positions,
        choice.layout.length or _LENGTH,
    )
    return places.reads_backwards(call, steps)


def _named_input(graph: CallGraph, inputs: str | int) -> int:
    """Return the place of an input of a name or index."""
    names = [str(graph.tensors[n].name) for n in graph.inputs]
    if isinstance(inputs, str) and inputs in names:
        return names.index(inputs)
    if (
        isinstance(inputs, int)
        and not isinstance(inputs, bool)
        and -len(names) <= inputs < len(names)
    ):
        return inputs % len(names)
    raise ValueError(
        f"`inputs` must be the name or index of an input of the model {graph.name!r}: "
        f"{', '.join(names)}. Received {inputs!r}."
    )


def _choice(graph: CallGraph, place: int) -> InputChoice:
    number = graph.inputs[place]
    tensor = graph.tensors[number]
    vocabulary = next(
        (
            (int(call.operation.input_dim), bool(call.operation.mask_zero))
            for call in graph.users(number)
            if isinstance(call.operation, keras.layers.Embedding)
        ),
        None,
    )
    layout = _layouts.find_layout(
        str(tensor.name), tensor.shape, str(tensor.dtype), vocabulary
    )
    return InputChoice(str(tensor.name), place, len(graph.inputs), layout)
