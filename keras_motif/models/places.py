"""Where in a model a layer stands: by its name, or as the first to see patterns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras

from keras_motif.models import operations
from keras_motif.models.calls import Call, CallGraph
from keras_motif.models.elementwise import elementwise_kind, is_affine
from keras_motif.models.walk import FieldWalk, Unseen

__all__ = [
    "candidates",
    "find_activation",
    "find_calls",
    "first_layers",
    "names",
]

_KERNELS = {"conv", "convtranspose", "depthwiseconv", "separableconv"}


def first_layers(graph: CallGraph, source: int, walk: FieldWalk) -> list[Call]:
    """Find the layers that are the first to look at more than one base.

    Of whatever class: what counts is that they have weights, that their positions see
    more than one base, and that no such layer lies between them and the sequences.
    Where there are none, the first layer with a kernel of one base. Layers whose
    positions see the whole sequence, such as recurrent ones, are taken only where
    there are no others.

    Args:
        graph: The model's calls.
        source: The input that takes the sequences.
        walk: Follows its sequences.

    Returns:
        Their calls in graph order; of a shared layer one, that reads the sequences
        forwards where there is such a one.
    """
    depends, behind = {source}, set[int]()
    kinds: dict[str, list[Call]] = {"wide": [], "unseen": [], "narrow": []}
    for call in graph.calls:
        if call.is_model or not depends & {*call.inputs}:
            continue
        depends.update(call.outputs)
        if behind & {*call.inputs}:
            behind.update(call.outputs)
            continue
        if not operations.has_filters(call.operation):
            continue
        kind = _kind(call, walk)
        if kind != "narrow":
            behind.update(call.outputs)
        if kind in ("wide", "unseen") or (kind == "narrow" and call.operation.weights):
            kinds[kind].append(call)
    found = kinds["wide"] or kinds["unseen"] or kinds["narrow"][:1]
    return _each_once(found, walk)


def _kind(call: Call, walk: FieldWalk) -> str:
    try:
        track = walk.track(call.outputs[0])
    except Unseen:
        return "unseen"  # whoever reads it is told why it can't be read
    if track is None or track.axis is None:
        return "lost"
    return "wide" if track.is_wide else "narrow"


def _each_once(calls: Iterable[Call], walk: FieldWalk) -> list[Call]:
    """Keep one call of a shared layer, that reads forwards if there is one."""
    kept: dict[int, Call] = {}
    for call in calls:
        key = id(call.operation)
        if key not in kept or (
            reads_backwards(kept[key], walk) and not reads_backwards(call, walk)
        ):
            kept[key] = call
    return list(kept.values())


def reads_backwards(call: Call, walk: FieldWalk) -> bool:
    """Return whether a call's positions run from the end of the sequence."""
    try:
        track = walk.track(call.outputs[0])
    except Unseen:
        return False
    return track is not None and track.slope < 0


def find_activation(graph: CallGraph, call: Call, walk: FieldWalk) -> Call:
    """Return the activation that belongs to a layer.

    That is the layer itself if it is not linear, else the first activation that
    follows across what changes each filter for itself, such as batch norm and pools,
    and across filters that are joined.

    Args:
        graph: The model's calls.
        call: The layer's call.
        walk: Follows the sequences.

    Raises:
        ValueError: There is none, or several: the message says what to name.
    """
    if not _is_linear(call):
        return call
    found: list[Call] = []
    others: list[Call] = []
    waiting = [call]
    while waiting:
        for user in graph.users(waiting.pop().outputs[0]):
            kind = _passes(user, walk)
            if kind == "nonlinear" and all(user is not x for x in found):
                found.append(user)
            elif kind == "affine":
                waiting.append(user)
            elif kind is None:
                others.append(user)
    if len(found) == 1:
        return found[0]
    if found:
        what = f"several activations follow it: {', '.join(names(graph, found))}"
    elif others:
        kinds = ", ".join(
            f"{name!r} ({x.operation.__class__.__name__})"
            for name, x in zip(names(graph, others), others, strict=True)
        )
        what = f"what follows it is no activation of each filter: {kinds}"
    else:
        what = "nothing but batch norm, dropout, pools and the like follows it"
    example = found[0] if found else call
    raise ValueError(
        "It cannot be told which activation belongs to the first layer that sees more "
        f"than one base, {call.name!r}: it is linear, and {what}. Name the layer whose "
        f"output to read, such as `layer={names(graph, [example])[0]!r}`. "
        f"{candidates(graph)}"
    )


def _is_linear(call: Call) -> bool:
    operation = call.operation
    if operations.is_known(operation) and not hasattr(operation, "activation"):
        return operations.kind(operation) in _KERNELS
    if operations.is_known(operation) or not operations.is_linear(operation):
        return operations.is_linear(operation)
    return is_affine(call)


def _passes(call: Call, walk: FieldWalk) -> str | None:
    operation = call.operation
    if operations.is_activation(operation):
        return "nonlinear"
    if operations.is_transparent(operation) or operations.is_pool(operation):
        return "affine"
    if operations.kind(operation) == "concatenate":
        return "affine"
    if len(call.inputs) != 1:
        return None
    kind = elementwise_kind(call)
    if kind is None and _is_norm(call, walk):
        return "affine"
    return kind


def _is_norm(call: Call, walk: FieldWalk) -> bool:
    """Return whether it is a norm over the length, or a gate, of the user's own."""
    try:
        walk.track(call.outputs[0])
    except Unseen:
        return False
    shapes = [tuple(x.shape[1:]) for x in (call.step.inputs[0], call.step.outputs[0])]
    return shapes[0] == shapes[1] and walk.is_pointwise_statistic(call)


def find_calls(graph: CallGraph, layer: Any) -> list[Call]:
    """Find the calls of a layer, nested models included.

    Args:
        graph: The model's calls.
        layer: A name, also with those of the nested models around it ("model/layer"),
            an index into the model's layers, or a layer.

    Returns:
        Its calls in graph order, one or more.

    Raises:
        ValueError: The model has no such layer, or several of that name.
        TypeError: Neither a string, an integer nor a layer.
    """
    if isinstance(layer, bool) or not isinstance(
        layer, str | int | keras.layers.Layer | keras.Operation
    ):
        raise TypeError(
            "`layer` must be a layer's name, its index in `model.layers`, a layer, or "
            f"a list of these. Received {layer!r}."
        )
    if isinstance(layer, int):
        listed = graph.layers
        if not -len(listed) <= layer < len(listed):
            raise ValueError(
                f"`layer` must be an index into the {len(listed)} layers of the "
                f"model {graph.name!r}. Received {layer}. {candidates(graph)}"
            )
        layer = listed[layer]
    found = [
        call
        for call in graph.calls
        if call.operation is layer or layer in (call.name, call.long_name)
    ]
    if len({id(call.operation) for call in found}) > 1:
        raise ValueError(
            f"`layer` must name one layer. The model {graph.name!r} has several of the "
            f"name {layer!r}: {', '.join(call.long_name for call in found)}. Pass one "
            "of these names."
        )
    if found:
        return found
    name = layer if isinstance(layer, str) else layer.name
    if name in [str(graph.tensors[n].name) for n in graph.inputs]:
        raise ValueError(
            f"The layer {name!r} is an input: it has no map. {candidates(graph)}"
        )
    raise ValueError(
        f"`layer` must name a layer of the model {graph.name!r}. Received {name!r}. "
        f"{candidates(graph)}"
    )


def names(graph: CallGraph, calls: Iterable[Call]) -> list[str]:
    """Return the names by which calls' layers can be told apart, in order."""
    return [
        call.long_name if _is_repeated(graph, call) else call.name for call in calls
    ]


def _is_repeated(graph: CallGraph, call: Call) -> bool:
    same = [x.operation for x in graph.calls if x.name == call.name]
    return any(operation is not call.operation for operation in same)


def _is_map(shape: Sequence[int | None]) -> bool:
    return len(shape) == 3 or (len(shape) == 4 and 1 in shape[1:])


def candidates(graph: CallGraph, calls: Sequence[Call] | None = None) -> str:
    """Say which layers give maps, that is one row per position."""
    listed = [
        call
        for call in (graph.calls if calls is None else calls)
        if _is_map(call.step.outputs[0].shape)
    ]
    if not listed:
        return "None of its layers gives one row per position."
    unique = dict.fromkeys(names(graph, listed))
    return f"Layers to choose from: {', '.join(unique)}."
