"""Which layers to read: those that are named, or the first that sees patterns."""

from __future__ import annotations

from typing import Any

import keras

from keras_motif.extraction.activation_maps import (
    ActivationMap,
    FieldLike,
    LayerLike,
)
from keras_motif.models.calls import call_graph
from keras_motif.models.choices import InputChoice, chosen_layers
from keras_motif.models.graph import unwrapped

__all__ = ["LayersRead", "activation_map"]


class LayersRead(tuple[ActivationMap, ...]):
    """The maps of the layers that are read together, one or more."""

    @property
    def choice(self) -> InputChoice:
        """Which input takes the sequences."""
        return self[0].choice

    @property
    def names(self) -> list[str]:
        """The layers' names."""
        return [maps.name for maps in self]

    @property
    def filter_names(self) -> list[str]:
        """The names of all filters' motifs, in order."""
        return [name for maps in self for name in maps.filter_names]

    @property
    def num_filters(self) -> int:
        """Number of filters of all layers."""
        return sum(maps.num_filters for maps in self)

    def sequence_bytes(self, length: int) -> int:
        """Return how much memory the largest maps of a sequence take."""
        return max(maps.sequence_bytes(length) for maps in self)

    def weights(self) -> list[Any]:
        """Return the current weights that the maps depend on."""
        return [weight for maps in self for weight in maps.weights()]

    def starting_motifs(self) -> list[str]:
        """Return the names of the known motifs that filters started from."""
        return [name for maps in self for name in maps.starting_motifs()]

    def told(self, length: int) -> str:
        """Say which layers are read, and how their receptive field was found."""
        return "; ".join(maps.told(length) for maps in self)


def activation_map(
    model: keras.Model,
    layer: LayerLike = None,
    *,
    inputs: str | int | None = None,
    receptive_field: FieldLike = None,
    unknown: float | None = None,
) -> LayersRead:
    """Return the maps of one or more layers, by default of the first.

    Args:
        model: A model of any kind; nested models are searched too. A subclassed one is
            called once on symbolic inputs, or else the one model inside of it is read.
        layer: A name, an index into `model.layers`, or a layer, or a list of these.
            None stands for the first layer that looks at more than one base, of
            whatever class: its own activation if it isn't linear, else the first that
            follows across what changes each filter for itself.
        inputs: The name or index of the input that takes the sequences, for models
            with several. None stands for the one that the layer depends on.
        receptive_field: `(start, size)` or `(start, size, stride)` in bases, where it
            is not to be found out.
        unknown: What the model is given for each base of an N, 0 or 0.25; None for what
            the sequences hold.

    Returns:
        What turns one-hot sequences into maps, one for each layer.

    Raises:
        ValueError: No such layer or input, another `unknown`, or no first layer or
            activation to be found; the message lists the candidates. A layer that
            depends on other inputs.
        TypeError: `model` is no Keras model, or `layer` of a wrong kind.

    Warns:
        UserWarning: Several layers are the first, and `layer` doesn't say which.
    """
    model = unwrapped(model)
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    graph = call_graph(model)
    read = LayersRead(
        ActivationMap(graph, call, choice.with_unknown(unknown), receptive_field)
        for call, choice in chosen_layers(graph, layer, inputs)
    )
    if len(read) > 1:
        _name_filters(read)
    return read


def _name_filters(read: LayersRead) -> None:
    if len(set(read.names)) < len(read):
        raise ValueError(
            f"`layer` must name each layer once. Received {', '.join(read.names)}."
        )
    if len({maps.choice.place for maps in read}) > 1:
        named = ", ".join(f"{maps.name} ({maps.choice.name})" for maps in read)
        raise ValueError(
            "`layer` must name layers that depend on one input. Received layers of "
            f"several: {named}. Read each by itself."
        )
    for maps in read:
        maps.prefix = "_".join(maps.name.split()) + "."
