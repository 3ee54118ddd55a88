"""The filters of a layer under training, read on all sequences or on some."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_motif.extraction import (
    ExtractionOptions,
    FieldLike,
    LayerLike,
    LayersRead,
    Subset,
    activation_map,
    check_extraction,
    circular,
    filter_kernels,
    is_of_any_length,
    kernel_cosines,
    read_map,
    take_subset,
    warn,
)
from keras_motif.motifs import Motif

__all__ = ["LayerReader", "LayerReading"]


class LayerReading(NamedTuple):
    """What one extraction gave.

    Attributes:
        motifs: The motifs, untrimmed, in filter order.
        weights: Digest of the weights that they were read with; None where only some
            of the sequences were read.
        num_windows: In how many windows each filter was looked for.
        cosines: Of each filter the cosine between its kernel and the one that training
            began with, `(num_filters,)`; None where that isn't known.
        num_sequences: How many sequences were read.
        layers: Which layers were read, and how their receptive fields were found.
        known: Names of the known motifs that filters started from.
    """

    motifs: list[Motif]
    weights: str | None
    num_windows: int
    cosines: np.ndarray[Any, Any] | None
    num_sequences: int = 0
    layers: str = ""
    known: Sequence[str] = ()


class LayerReader:
    """Finds the maps of a layer once per model, a part of the sequences once for all.

    Args:
        layer: Whose filters.
        inputs: Which input takes the sequences.
        receptive_field: What position 0 of the layer sees; None to find out.
        unknown: What the model is given for each base of an N.
        model: The model to read in the place of the one that is trained.
        max_sequences: How many of them a part holds at most.
        weighted: Whether a site weighs as much as its activation.
        options: How sites are found.
    """

    def __init__(
        self,
        *,
        layer: LayerLike,
        inputs: str | int | None,
        receptive_field: FieldLike = None,
        unknown: float | None = None,
        model: keras.Model | None = None,
        max_sequences: int | None,
        weighted: bool,
        options: ExtractionOptions,
    ) -> None:
        self._layer = layer
        self._inputs = inputs
        self._receptive_field = receptive_field
        self._unknown = unknown
        self._model = model
        self._max_sequences = max_sequences
        self._weighted = weighted
        self._options = options
        self._map: tuple[keras.Model, LayersRead] | None = None
        self._subset: tuple[Any, Subset] | None = None
        self._start: tuple[keras.Model, np.ndarray[Any, Any]] | None = None

    def check(self, model: keras.Model, sequences: Any) -> LayersRead | None:
        """Raise what `read` would raise, as far as it can be known.

        Returns:
            The maps of the layer; None of a model that isn't built.

        Raises:
            ValueError: As `extract_motifs`, and for sequences that can be read once.
            TypeError: As `extract_motifs`.
        """
        if not (self._model or model).built:
            return None
        maps = self.maps(model)
        check_extraction(maps, sequences, **self._options)
        known = maps.starting_motifs()
        if known:
            warn(
                f"The layer {', '.join(maps.names)!r}: {circular(known)}. They count "
                "in the shares of matches and of relevant factors all the same."
            )
        return maps

    def maps(self, model: keras.Model) -> LayersRead:
        """Return the maps of the layer.

        Raises:
            ValueError: As `activation_map`.
        """
        model = self._model or model
        if self._map is None or self._map[0] is not model:
            maps = activation_map(
                model,
                self._layer,
                inputs=self._inputs,
                receptive_field=self._receptive_field,
                unknown=self._unknown,
            )
            self._map = model, maps
        return self._map[1]

    def note_start(self, model: keras.Model) -> None:
        """Remember the kernels that training begins with, if this is its beginning.

        A model that was trained before, in another call of `fit`, has begun already.

        Args:
            model: The model, before its first step.
        """
        self._start = None
        try:
            kernels = filter_kernels(self.maps(model))
            optimizer = getattr(model, "optimizer", None)
            steps = int(getattr(optimizer, "iterations", 0))
        except Exception:
            # A model that cannot be read: the extraction will say why.
            return
        if kernels is not None and steps == 0:
            self._start = model, kernels

    def read(self, model: keras.Model, sequences: Any, *, whole: bool) -> LayerReading:
        """Turn the filters into motifs.

        Args:
            model: The model.
            sequences: See `extract_motifs`.
            whole: Whether to read all sequences, or always the same part of them.

        Raises:
            ValueError: As `extract_motifs`.
        """
        digest = self.weights_digest(model)
        maps = self.maps(model)
        subset = Subset(sequences, True) if whole else self._part(maps, sequences)
        found = read_map(
            maps, subset.sequences, weighted=self._weighted, **self._options
        )
        return LayerReading(
            found.motifs,
            digest if subset.is_whole else None,
            found.num_windows,
            self._cosines(model),
            found.num_sequences,
            found.layers,
            maps.starting_motifs(),
        )

    def _cosines(self, model: keras.Model) -> np.ndarray[Any, Any] | None:
        if self._start is None or self._start[0] is not model:
            return None
        kernels = filter_kernels(self.maps(model))
        return None if kernels is None else kernel_cosines(self._start[1], kernels)

    def weights_digest(self, model: keras.Model) -> str:
        """Return a digest of the weights that the maps depend on."""
        digest = hashlib.blake2b()
        try:
            for weight in self.maps(model).weights():
                digest.update(np.ascontiguousarray(weight).tobytes())
        except Exception:
            # A model that cannot be read: the extraction will say why.
            return ""
        return digest.hexdigest()

    def _part(self, maps: LayersRead, sequences: Any) -> Subset:
        if self._subset is None or self._subset[0] is not sequences:
            subset = take_subset(
                maps,
                sequences,
                self._max_sequences,
                any_length=is_of_any_length(self._options),
            )
            self._subset = sequences, subset
        return self._subset[1]
