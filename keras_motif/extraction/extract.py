"""From a trained model and sequences to motifs and sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, Unpack

import keras
import numpy as np

from keras_motif.extraction._achievable import achievable_activations
from keras_motif.extraction._batches import SequenceBatches
from keras_motif.extraction._site_counts import SiteCounts
from keras_motif.extraction._sites import Rule, Search, check_finite, cutoffs, windows
from keras_motif.extraction.activation_maps import ActivationMap, activation_map
from keras_motif.motifs import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ExtractionOptions",
    "activation_sites",
    "check_extraction",
    "extract_motifs",
    "motifs_from_map",
    "sites_from_map",
]

Array = np.ndarray[Any, Any]
LayerLike: TypeAlias = "str | int | keras.layers.Layer | None"

_RELEASED_WINDOW = 20
_RELEASED_MIN_SITES = 2


class ExtractionOptions(TypedDict, total=False):
    """The options of `extract_motifs` that don't concern the model."""

    threshold: float
    threshold_of: Literal["observed", "achievable"]
    select: Literal["all", "best"]
    window: int | None
    reverse_complement: bool
    batch_size: int | None
    compat: Literal["released"] | None
    progress: bool | None


def extract_motifs(
    model: keras.Model,
    sequences: Any,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
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
) -> list[Motif]:
    """Turn each filter of a layer into the motif of the sites that activate it.

    A position counts when its activation is strictly above `threshold` times the
    filter's largest activation over all positions of all sequences, and its whole
    window lies inside the sequence. Every such window weighs the same.

    The data are read batch by batch, mostly once: positions above the threshold of
    the largest activation so far are kept and measured again at the end. Where they
    would take too much memory they are counted at once, and the data read a second
    time for the filters whose largest activation came later. So memory doesn't grow
    with the data.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods; `compat="released"`
    follows the code published with it.

    Args:
        model: A built model; it is left as it is. A subclassed one must run on
            symbolic inputs.
        sequences: One-hot, `(n, length, 4)`, bases A C G T, N all zero: an array of
            any dtype, an `h5py.Dataset` (also of shape `(n, 4, length)`), a
            `tf.data.Dataset`, a `keras.utils.PyDataset`, a torch `DataLoader` or
            another iterable of such batches, labels ignored; a dict of inputs; or
            the path of a FASTA file (`.fa`, `.fasta`, also `.gz`). Of an iterator
            that runs dry all candidates are kept, so its memory grows with them.
        layer: Whose filters: a name, an index into `model.layers`, or a layer.
            None stands for the activation of the first convolution.
        inputs: Name or index of the model's input that takes the sequences, where
            it has several; None stands for the one that the layer depends on.
        threshold: Share of the largest activation, from 0 up to, not including, 1.
        threshold_of: "observed" means the largest activation over the data,
            "achievable" the largest over all possible sequences, which is known for
            a first convolution.
        select: "all" takes every position above the threshold; "best" only the
            first position of each sequence's maximum, if it passes.
        window: Width of the motifs. None stands for the receptive field; a larger
            window starts `(window - field + 1) // 2` bases earlier.
        reverse_complement: Whether to search the reverse complements too. The
            largest activation is that of both strands; "best" takes one site of
            both.
        weighted: Whether a window weighs as much as its activation, instead of 1.
        trim: Whether to cut off uninformative ends, see `Motif.trim`.
        batch_size: Sequences per batch, where `sequences` comes in one piece. None
            stands for as many as give maps of 32 MiB.
        compat: "released" follows the released code: window 20, windows that touch
            either end of the sequence dropped, and fewer than 2 windows give no
            motif.
        progress: Whether to show a progress bar on standard error; None shows one
            at a terminal, for work of more than two seconds.

    Returns:
        One motif per filter, in filter order: filter0, filter1, ... A filter
        without a site, or whose largest activation is 0 or less, gives a uniform
        motif with `num_sites` 0.

    Raises:
        ValueError: Sequences that are not one-hot, empty or too short; a layer that
            does not exist or cannot be told; activations that are not finite; an
            option out of range.
        TypeError: `model` is no Keras model, or `sequences` of a wrong kind.
    """
    return motifs_from_map(
        activation_map(model, layer, inputs=inputs),
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
    )


def motifs_from_map(
    maps: ActivationMap,
    sequences: Any,
    *,
    weighted: bool = False,
    trim: bool = False,
    **options: Unpack[ExtractionOptions],
) -> list[Motif]:
    """Do `extract_motifs`' work on a layer found before, for repeated extractions.

    Args:
        maps: What `activation_maps.activation_map` returned for the layer.
        sequences: See `extract_motifs`, like all that follow.
        weighted: Whether a window weighs as much as its activation.
        trim: Whether to cut off uninformative ends.
        options: See `ExtractionOptions`.

    Returns:
        One motif per filter, in filter order.
    """
    batches, rule, known = _prepared(maps, sequences, options)
    counts = SiteCounts(maps.num_filters, weighted)
    counts.collect(maps, batches, rule, known)
    min_sites = _RELEASED_MIN_SITES if rule.released else 1
    motifs = [
        _motif(counts.bases[index], index, int(counts.num_sites[index]), min_sites)
        for index in range(maps.num_filters)
    ]
    return [motif.trim() for motif in motifs] if trim else motifs


def check_extraction(
    maps: ActivationMap, sequences: Any, **options: Unpack[ExtractionOptions]
) -> None:
    """Raise what `motifs_from_map` would raise, as far as the first batch tells.

    Args:
        maps: See `motifs_from_map`, like all that follow.
        sequences: One-hot sequences.
        options: See `ExtractionOptions`.

    Raises:
        ValueError: As `extract_motifs`, for options and sequences; also for
            sequences that can be read only once.
        TypeError: As `extract_motifs`.
    """
    batches, rule, _ = _prepared(maps, sequences, {**options, "progress": False})
    if batches.is_one_shot:
        raise ValueError(
            "`sequences` must be readable more than once. Received an iterator that "
            "runs dry. Pass a list of batches, a `tf.data.Dataset`, or an object "
            "whose `__iter__` starts anew."
        )
    windows(maps, rule, next(iter(batches)).shape[1])


def activation_sites(
    model: keras.Model,
    sequences: Any,
    *,
    layer: LayerLike = None,
    inputs: str | int | None = None,
    threshold: float = 0.5,
    threshold_of: Literal["observed", "achievable"] = "observed",
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    reverse_complement: bool = False,
    batch_size: int | None = None,
    compat: Literal["released"] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Return where in the sequences each filter fires: the sites of its motif.

    Args:
        model: See `extract_motifs`, like all other arguments.
        sequences: One-hot sequences.
        layer: Whose filters.
        inputs: Which input takes the sequences.
        threshold: Share of the largest activation.
        threshold_of: "observed" or "achievable".
        select: "all" or "best".
        window: Width of the sites.
        reverse_complement: Whether to search the reverse complements too.
        batch_size: Sequences per batch.
        compat: None or "released".
        progress: Whether to show a progress bar.

    Returns:
        One row per site, by sequence, start, strand and filter. Columns: filter (the
        motif's name), sequence (index), start and end (0-based on the given strand,
        end not included), strand ("-" where the reverse complement fires),
        activation. `attrs["length"]` is the sequences' length.

    Raises:
        ValueError: As `extract_motifs`.
        TypeError: As `extract_motifs`.
    """
    return sites_from_map(
        activation_map(model, layer, inputs=inputs),
        sequences,
        threshold=threshold,
        threshold_of=threshold_of,
        select=select,
        window=window,
        reverse_complement=reverse_complement,
        batch_size=batch_size,
        compat=compat,
        progress=progress,
    )


def sites_from_map(
    maps: ActivationMap, sequences: Any, **options: Unpack[ExtractionOptions]
) -> pd.DataFrame:
    """Do `activation_sites`' work on a layer found before.

    Args:
        maps: What `activation_maps.activation_map` returned for the layer.
        sequences: See `extract_motifs`.
        options: See `ExtractionOptions`.

    Returns:
        The table of `activation_sites`; its `attrs` hold the sequences' `length`.
    """
    import pandas as pd

    batches, rule, known = _prepared(maps, sequences, options)
    search = Search(maps, batches, rule, known)
    parts = []
    for block, found in search:
        length = block.codes.shape[1]
        starts, width = found.starts[block.positions], found.width
        is_reverse = block.rows >= block.num_sequences
        table = {
            "filter": block.filters,
            "sequence": block.first + block.rows % block.num_sequences,
            "start": np.where(is_reverse, length - starts - width, starts),
            "strand": np.where(is_reverse, "-", "+"),
            "activation": block.activations,
        }
        parts.append(pd.DataFrame(table))
    sites = pd.concat(parts, ignore_index=True)
    limits = cutoffs(search.largest, rule.threshold)
    sites = sites[sites["activation"] > limits[sites["filter"]]]
    sites = sites.sort_values(["sequence", "start", "strand", "filter"])
    sites.insert(3, "end", sites["start"] + found.width)
    names = np.array([_name(index) for index in range(maps.num_filters)], dtype=object)
    sites["filter"] = names[sites["filter"]]
    sites = sites.reset_index(drop=True)
    sites.attrs["length"] = length
    return sites


def _name(index: int) -> str:
    return f"filter{index}"


def _motif(counts: Array, index: int, num_sites: int, min_sites: int) -> Motif:
    """Turn the counts of one filter, `(width, 4)`, into its motif."""
    if num_sites < min_sites:
        counts, num_sites = np.zeros_like(counts), 0
    totals = counts.sum(axis=1, keepdims=True)
    uniform = np.full(counts.shape, 0.25)
    frequencies = np.divide(counts, totals, out=uniform, where=totals > 0)
    return Motif(frequencies, _name(index), num_sites=num_sites)


def _prepared(
    maps: ActivationMap, sequences: Any, options: ExtractionOptions
) -> tuple[SequenceBatches, Rule, Array | None]:
    """Return the sequences, the rule, and the largest activations if known."""
    rule = _checked_rule(options)
    strands = 2 if rule.both_strands else 1
    batches = SequenceBatches(
        sequences,
        options.get("batch_size"),
        lambda length: strands * maps.sequence_bytes(length),
        maps.choice,
        options.get("progress"),
    )
    if options.get("threshold_of", "observed") == "observed":
        return batches, rule, None
    known = achievable_activations(maps)
    check_finite(known, maps.name)
    return batches, rule, known


def _checked_rule(options: ExtractionOptions) -> Rule:
    threshold = options.get("threshold", 0.5)
    if not 0 <= threshold < 1:
        raise ValueError(
            "`threshold` must be a share of the largest activation, 0 <= threshold "
            f"< 1. Received {threshold!r}."
        )
    for name, known in (
        ("threshold_of", ("observed", "achievable")),
        ("select", ("all", "best")),
        ("compat", (None, "released")),
    ):
        value = options.get(name, known[0])
        if value not in known:
            expected = " or ".join(
                "None" if choice is None else f'"{choice}"' for choice in known
            )
            raise ValueError(f"`{name}` must be {expected}. Received {value!r}.")
    released, window = options.get("compat") == "released", options.get("window")
    if released and window not in (None, _RELEASED_WINDOW):
        raise ValueError(
            f'compat="released" means a window of {_RELEASED_WINDOW}. Received '
            f"`window` {window!r}; leave one of the two out."
        )
    if window is not None and (not isinstance(window, int) or window < 1):
        raise ValueError(
            "`window` must be a whole number of bases, 1 or more, or None for the "
            f"receptive field. Received {window!r}."
        )
    return Rule(
        threshold=threshold,
        select="best" if options.get("select") == "best" else "all",
        window=_RELEASED_WINDOW if released else window,
        released=released,
        both_strands=bool(options.get("reverse_complement")),
    )
