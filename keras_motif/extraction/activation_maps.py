"""Which layer to read, what its positions see, and the model that gives its maps."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import keras
import numpy as np

from keras_motif.extraction._pairs import are_paired
from keras_motif.extraction._receptive_field import ReceptiveField, field_through
from keras_motif.models import graph, places

__all__ = ["ActivationMap", "InputChoice", "LayerLike", "activation_map"]

LayerLike: TypeAlias = "str | int | keras.layers.Layer | None"


class InputChoice(NamedTuple):
    """Which of a model's inputs takes the sequences.

    Attributes:
        name: The input's name.
        place: Its index among the model's inputs.
        num_inputs: How many there are.
    """

    name: str
    place: int
    num_inputs: int


class ActivationMap:
    """The maps of one layer: sequences in, activations out.

    Shares its layers with the user's model, so it always gives the maps of the
    current weights; the model itself is left as it was.

    Args:
        place: Which tensor, see `models.places`.

    Attributes:
        name: The layer's name.
        num_filters: Number of filters, the channels of the layer's output; half of them
            where they are paired.
        is_paired: Whether each filter has a channel for either strand, as behind
            `RevCompConv1D`. The other strand's channel is read as this strand's of the
            reverse complement.
        choice: Which of the user's model's inputs takes the sequences.
        calls: The calls that make the maps, in order, those of nested models in
            their place.

    Raises:
        ValueError: The layer's output is not one row per position, or depends on
            more than one input.
    """

    def __init__(self, place: places.Place) -> None:
        self.name = str(place.step.operation.name)
        self._models: list[keras.Model] = []
        self._ancestors: list[list[graph.Step]] = []
        for model, tensor in place.path:
            calls = graph.ancestors(tensor)
            self._ancestors.append(calls)
            source = _only_input(model, calls, self.name)
            if len(self._ancestors) == 1:
                self.choice = _choice(model, source)
            if source is not tensor:
                self._models.append(keras.Model(source, tensor))
            if not self._models and len(place.path) == 1:
                raise ValueError(f"The layer {self.name!r} is an input: it has no map.")
            if model is place.path[0][0]:
                self._has_width = len(source.shape) == 4
        shape = place.step.outputs[0].shape
        if len(shape) not in (3, 4) or (len(shape) == 4 and shape[2] != 1):
            raise ValueError(
                f"The layer {self.name!r} must give maps of shape (n, positions, "
                f"filters) or (n, positions, 1, filters). It gives {tuple(shape)}. "
                "Name an earlier layer with `layer=`."
            )
        self._num_channels = int(shape[-1])
        self.is_paired = are_paired(self._ancestors)
        self.num_filters = self._num_channels // (2 if self.is_paired else 1)
        self.calls = [
            call for calls in self._ancestors for call in calls if call.inputs
        ]

    def __call__(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the maps of a batch.

        Args:
            batch: One-hot sequences of shape `(n, length, 4)`, any dtype.

        Returns:
            Array of shape `(n, positions, num_filters)`, float32.
        """
        maps: Any = batch[..., None] if self._has_width else batch
        maps = np.asarray(maps, dtype=keras.config.floatx())
        for model in self._models:
            # Called directly: `predict` would trace a function per extraction.
            maps = model(maps, training=False)
        maps = keras.ops.cast(maps, "float32")
        if hasattr(maps, "detach"):  # a torch tensor
            maps = maps.detach().cpu()
        # Keras' own conversion would copy the maps.
        values = np.asarray(maps)
        values = values.reshape(values.shape[0], values.shape[1], self._num_channels)
        return values[..., : self.num_filters]

    @property
    def filter_names(self) -> list[str]:
        """The names of the filters' motifs, in order."""
        return [f"filter{index}" for index in range(self.num_filters)]

    def sequence_bytes(self, length: int) -> int:
        """Return how much memory the maps of a sequence of a length take."""
        return self.receptive_field(length).length * self._num_channels * 4

    @property
    def fixed_length(self) -> int | None:
        """The length of the sequences that the model takes; None for any."""
        length = self._models[0].inputs[0].shape[1]
        return None if length is None else int(length)

    def weights(self) -> list[np.ndarray[Any, Any]]:
        """Return the current weights that the maps depend on."""
        return [weight for model in self._models for weight in model.get_weights()]

    def receptive_field(self, length: int) -> ReceptiveField:
        """Return what the maps' positions see.

        Args:
            length: Length of the sequences.

        Returns:
            Start, size, stride and number of positions.

        Raises:
            ValueError: An operation on the way whose field isn't known, or
                sequences too short for the layer.
        """
        field = ReceptiveField(start=0, size=1, stride=1, length=length)
        for calls in self._ancestors:
            field = field_through(calls, field)
        if field.length < 1:
            raise ValueError(
                f"`sequences` of length {length} are too short for the layer "
                f"{self.name!r}, whose receptive field is {field.size}. Use longer "
                "sequences."
            )
        return field


def activation_map(
    model: keras.Model,
    layer: LayerLike = None,
    *,
    inputs: str | int | None = None,
) -> ActivationMap:
    """Return the maps of a layer, by default of the first convolution.

    Args:
        model: A built model; nested models are searched too. A subclassed one is
            called once on symbolic inputs.
        layer: A name, an index into `model.layers`, or a layer. None stands for
            the activation of the first Conv1D or Conv2D in graph order: the
            convolution's own if it isn't linear, else the first that follows
            across batch norm and dropout only.
        inputs: The name or index of the input that takes the sequences, for models
            with several. None stands for the one that the layer depends on.

    Returns:
        A callable that turns one-hot sequences into maps.

    Raises:
        ValueError: No such layer or input, or no convolution or activation to be
            found; the message lists the candidates. A layer that depends on other
            inputs.
        TypeError: `model` is no Keras model, or `layer` of a wrong kind.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a Keras model. Received {model!r}.")
    with graph.as_graph(model) as visible:
        source = None if inputs is None else _named_input(visible, inputs)
        if layer is None:
            place = places.find_first_activation(visible, source)[1]
        else:
            place = places.find_layer(visible, layer, indexed=model.layers)
        maps = ActivationMap(place)
        if source is not None and visible.inputs[maps.choice.place] is not source:
            raise ValueError(
                f"The maps of the layer {maps.name!r} depend on the input "
                f"{maps.choice.name!r}, not on `inputs` {inputs!r}. Name another "
                "layer or input."
            )
        return maps


def _named_input(model: keras.Model, inputs: str | int) -> Any:
    """Return the input of a name or index."""
    names = [str(tensor.name) for tensor in model.inputs]
    if isinstance(inputs, str) and inputs in names:
        return model.inputs[names.index(inputs)]
    if (
        isinstance(inputs, int)
        and not isinstance(inputs, bool)
        and -len(names) <= inputs < len(names)
    ):
        return model.inputs[inputs]
    raise ValueError(
        f"`inputs` must be the name or index of an input of the model {model.name!r}: "
        f"{', '.join(names)}. Received {inputs!r}."
    )


def _choice(model: keras.Model, source: Any) -> InputChoice:
    place = next(i for i, tensor in enumerate(model.inputs) if tensor is source)
    return InputChoice(str(source.name), place, len(model.inputs))


def _only_input(model: keras.Model, calls: list[graph.Step], name: str) -> Any:
    """Return the one input of the model on which the maps depend."""
    made = {id(tensor) for call in calls for tensor in call.outputs}
    sources = [tensor for tensor in model.inputs if id(tensor) in made]
    if len(sources) != 1:
        raise ValueError(
            f"The maps of the layer {name!r} must depend on one input, the "
            f"sequences. They depend on {len(sources)}: "
            f"{', '.join(str(tensor.name) for tensor in sources)}. Name an earlier "
            "layer with `layer=`."
        )
    return sources[0]
