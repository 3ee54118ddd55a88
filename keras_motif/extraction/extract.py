"""From a trained model and sequences to motifs."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Unpack

import keras
import numpy as np

from keras_motif.extraction._batches import MAX_STREAMED
from keras_motif.extraction._site_counts import SiteCounts
from keras_motif.extraction._sites import windows
from keras_motif.extraction.activation_maps import (
    ActivationMap,
    FieldLike,
    LayerLike,
)
from keras_motif.extraction.layers_read import LayersRead, activation_map
from keras_motif.extraction.options import ExtractionOptions, prepared, readable
from keras_motif.motifs import Motif, column_shares
from keras_motif.sequences import SequencesLike

__all__ = ["MapReading", "check_extraction", "extract_motifs", "read_map"]

Array = np.ndarray[Any, Any]

_RELEASED_MIN_SITES = 2


def extract_motifs(
    model: keras.Model,
    sequences: SequencesLike,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    receptive_field: FieldLike = None,
    unknown: float | None = None,
    threshold: float = 0.5,
    threshold_of: Literal["observed", "achievable"] = "observed",
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    reverse_complement: bool = False,
    weighted: bool = False,
    trim: bool = False,
    batch_size: int | None = None,
    compat: Literal["released"] | None = None,
    progress: bool | None = None,
    max_streamed: int | None = MAX_STREAMED,
    length: int | None = None,
    tile: bool = False,
) -> list[Motif]:
    """Turn each filter of a layer into the motif of the sites that activate it.

    A position counts when its activation is strictly above `threshold` times the
    filter's largest activation over all positions of all sequences, and its whole
    window lies inside the sequence. Every such window weighs the same. An unknown base
    in it (N, all zero) counts as a quarter of each base: a position that 1 of 100
    windows knows is nearly uniform.

    The data are read batch by batch, once where sites are few: positions above the
    threshold of the largest activation so far are kept and measured again at the end.
    Where they are many the data are read twice, for the largest activations and then
    for the counts. So memory doesn't grow with the data.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods; `compat="released"`
    follows the code published with it.

    Args:
        model: A built model; it is left as it is. A subclassed one must run on
            symbolic inputs.
        sequences: One-hot, `(n, length, 4)`, bases A C G T, N all zero: an array of
            any dtype, an `h5py.Dataset` (also of shape `(n, 4, length)`), a
            `tf.data.Dataset`, a `keras.utils.PyDataset`, a torch `DataLoader` or
            dataset, or another iterable of such batches or of single sequences,
            labels ignored; a dict of inputs; or the path of a FASTA file (`.fa`,
            `.fasta`, also `.gz`). Of an iterator that runs dry all candidates are
            kept, so its memory grows with them.
        layer: Whose filters: a name (of nested models also "model/layer"), an index
            into `model.layers`, or a layer, or a list of these. None stands for the
            first layer that sees more than one base, of whatever class, and its
            activation.
        inputs: Name or index of the model's input that takes the sequences, where
            it has several; None stands for the one that the layer depends on.
        receptive_field: `(start, size)` or `(start, size, stride)` in bases: what
            position 0 of the layer sees, and the step to the next. None finds it by
            the rules of Keras' layers, and measures what other layers do.
        unknown: What the model is given for each base of an N, as in its training: 0
            or 0.25. None: what the sequences hold.
        threshold: Share of the largest activation, from 0 up to, not including, 1.
        threshold_of: "observed" means the largest activation over the data,
            "achievable" the largest over all possible sequences, which is known for
            a first convolution.
        select: "all" takes every position above the threshold; "best" only the
            first position of each sequence's maximum, if it passes.
        window: Width of the motifs. None stands for the receptive field; a larger
            window starts `(window - field + 1) // 2` bases earlier.
        reverse_complement: Whether to search the reverse complements too, which is
            always so for the paired channels of `RevCompConv1D`: one motif a pair. The
            largest activation is that of both strands; "best" takes one site of
            both.
        weighted: Whether a window weighs as much as its activation, instead of 1.
            An unknown base shares the weight equally among the four.
        trim: Whether to cut off uninformative ends, see `Motif.trim`.
        batch_size: Sequences per batch, where `sequences` comes in one piece. None
            stands for as many as give maps of 16 or 32 MiB, by the backend.
        compat: "released" follows the released code: window 20, windows that touch
            either end of the sequence dropped, and fewer than 2 windows give no
            motif.
        progress: Whether to show a progress bar on standard error; None shows one
            at a terminal, for work of more than two seconds.
        max_streamed: How many sequences to read of a source of which it isn't known
            whether it ends, such as a generator; None for all. More are warned of.
        length: To how many bases to fill shorter sequences with N, and to cut longer
            ones; None for what the model takes, if it takes one length. Windows that
            reach behind a sequence's end don't count.
        tile: Whether to cut longer sequences into pieces of `length`. They overlap so
            that each window is read once; what lies at their ends, where a layer pads,
            is left out.

    Returns:
        One motif per filter, in filter order: filter0, filter1, ...; of several layers
        one after the other, as layer.filter0. The layer's name is the `alt_name`. A
        filter without a site, or whose largest activation is 0 or less, gives a uniform
        motif with `num_sites` 0. `num_sites` is the number of windows, whatever they
        weigh and however many of their bases are unknown.

    Raises:
        ValueError: Sequences that are not one-hot, empty, too short or endless; a
            layer that does not exist or cannot be told; activations that are not
            finite; an option out of range.
        TypeError: `model` is no Keras model, or `sequences` of a wrong kind.

    Warns:
        UserWarning: Several layers are the first, and `layer` doesn't say which.
    """
    return read_map(
        activation_map(
            model,
            layer,
            inputs=inputs,
            receptive_field=receptive_field,
            unknown=unknown,
        ),
        sequences,
        weighted=weighted,
        trim=trim,
        threshold=threshold,
        threshold_of=threshold_of,
        select=select,
        window=window,
        reverse_complement=reverse_complement,
        batch_size=batch_size,
        compat=compat,
        progress=progress,
        max_streamed=max_streamed,
        length=length,
        tile=tile,
    ).motifs


class MapReading(NamedTuple):
    """What a layer's maps gave.

    Attributes:
        motifs: One motif per filter, in filter order.
        num_windows: In how many windows each filter was looked for: those of all
            sequences that lie in them as they should, on both strands if both are
            searched.
        num_sequences: How many sequences were read.
        layers: Which layers were read, and how their receptive fields were found.
    """

    motifs: list[Motif]
    num_windows: int
    num_sequences: int
    layers: str


def read_map(
    read: LayersRead,
    sequences: SequencesLike,
    *,
    weighted: bool = False,
    trim: bool = False,
    **options: Unpack[ExtractionOptions],
) -> MapReading:
    """Do `extract_motifs`' work on a layer found before, for repeated extractions.

    Args:
        read: What `activation_map` returned for the layers.
        sequences: See `extract_motifs`, like all that follow.
        weighted: Whether a window weighs as much as its activation.
        trim: Whether to cut off uninformative ends.
        options: See `ExtractionOptions`.

    Returns:
        The motifs and what was read.
    """
    sequences, _ = readable(read, sequences, options)
    readings = [_layer_reading(maps, sequences, weighted, options) for maps in read]
    motifs = [motif for reading in readings for motif in reading.motifs]
    motifs = [motif.trim() for motif in motifs] if trim else motifs
    return MapReading(
        motifs,
        max(reading.num_windows for reading in readings),
        readings[0].num_sequences,
        "; ".join(reading.layers for reading in readings),
    )


def _layer_reading(
    maps: ActivationMap,
    sequences: SequencesLike,
    weighted: bool,
    options: ExtractionOptions,
) -> MapReading:
    batches, rule, known = prepared(maps, sequences, options)
    counts = SiteCounts(maps.num_filters, weighted)
    counts.collect(maps, batches, rule, known)
    min_sites = _RELEASED_MIN_SITES if rule.released else 1
    layer = " ".join(maps.name.split())
    rows = zip(maps.filter_names, counts.bases, counts.num_sites.tolist(), strict=True)
    motifs = [
        _motif(name, layer, bases, number, min_sites) for name, bases, number in rows
    ]
    told = maps.told(batches.row_length)
    return MapReading(motifs, counts.num_windows, batches.num_sequences, told)


def check_extraction(
    read: LayersRead, sequences: SequencesLike, **options: Unpack[ExtractionOptions]
) -> None:
    """Raise what `read_map` would raise, as far as the first batch tells.

    Args:
        read: See `read_map`, like all that follow.
        sequences: One-hot sequences.
        options: See `ExtractionOptions`.

    Raises:
        ValueError: As `extract_motifs`, for options and sequences; also for
            sequences that can be read only once.
        TypeError: As `extract_motifs`.
    """
    for maps in read:
        _check_layer(maps, sequences, {**options, "progress": False})


def _check_layer(
    maps: ActivationMap, sequences: SequencesLike, options: ExtractionOptions
) -> None:
    batches, rule, _ = prepared(maps, sequences, options)
    is_foreign = batches.is_foreign
    if batches.is_one_shot or (is_foreign and batches.order() == "once"):
        raise ValueError(
            "`sequences` must be readable more than once. Received an iterator that "
            "runs dry, or a loader that hands out the same one again. Pass a list of "
            "batches, a `tf.data.Dataset`, or an object whose `__iter__` starts anew."
        )
    windows(maps, rule, next(iter(batches)).shape[1])


def _motif(
    name: str, layer: str, counts: Array, num_sites: int, min_sites: int
) -> Motif:
    """Turn the counts of one filter, `(width, 4)`, into its motif."""
    if num_sites < min_sites:
        counts, num_sites = np.zeros_like(counts), 0
    shares = column_shares(counts)
    return Motif(shares, name, alt_name=layer, num_sites=num_sites)
