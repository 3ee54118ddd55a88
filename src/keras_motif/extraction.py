"""From a trained model and sequences to motifs and sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import h5py
import keras
import numpy as np

from keras_motif._checks import (
    check_one_hot_shape,
    check_one_hot_values,
    check_stored_shape,
)
from keras_motif.activation_maps import ActivationMap, activation_map
from keras_motif.motif import Motif

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "activation_sites",
    "check_extraction",
    "extract_motifs",
    "motifs_from_map",
]

Array = np.ndarray[Any, Any]
LayerLike: TypeAlias = "str | int | keras.layers.Layer | None"

_UNKNOWN = 4  # the code of N, after 0 to 3 for A C G T
_RELEASED_WINDOW = 20


class _Rule(NamedTuple):
    """Which positions count as sites, and the window about each."""

    threshold: float
    select: Literal["all", "best"]
    window: int | None
    released: bool

    @property
    def min_sites(self) -> int:
        return 2 if self.released else 1


class _Sites(NamedTuple):
    """Sites found in one batch, each array of shape `(num_sites,)`."""

    sequences: Array  # index within the batch
    starts: Array
    filters: Array
    activations: Array


def extract_motifs(
    model: keras.Model,
    sequences: Any,
    *,
    layer: LayerLike = None,
    threshold: float = 0.5,
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    trim: bool = False,
    batch_size: int = 512,
    compat: Literal["released"] | None = None,
) -> list[Motif]:
    """Turn each filter of a layer into the motif of the sites that activate it.

    A position counts when its activation is strictly above `threshold` times the
    filter's largest activation over all positions of all sequences, and its whole
    window lies inside the sequence. Every such window weighs the same. The data
    are read twice (largest activations, then sites), batch by batch, so memory
    depends on the batch alone.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods; `compat="released"`
    follows the code published with it.

    Args:
        model: A built Sequential or functional model; it is left as it is.
        sequences: One-hot, `(n, length, 4)`, bases A C G T, N all zero: an array of
            any dtype, an `h5py.Dataset` (also of shape `(n, 4, length)`), a
            `tf.data.Dataset`, a `keras.utils.PyDataset` or another iterable of
            such batches, labels ignored, that can be read twice.
        layer: Whose filters: a name, an index into `model.layers`, or a layer.
            None stands for the activation of the first convolution.
        threshold: Share of the largest activation, from 0 up to, not including, 1.
        select: "all" takes every position above the threshold; "best" only the
            first position of each sequence's maximum, if it passes.
        window: Width of the motifs. None stands for the receptive field; a larger
            window starts `(window - field + 1) // 2` bases earlier.
        trim: Whether to cut off uninformative ends, see `Motif.trim`.
        batch_size: Sequences per batch, where `sequences` comes in one piece.
        compat: "released" follows the released code: window 20, windows that touch
            either end of the sequence dropped, and fewer than 2 windows give no
            motif.

    Returns:
        One motif per filter, in filter order: filter0, filter1, ... A filter
        without a site, or whose largest activation is 0 or less, gives a uniform
        motif with `num_sites` 0.

    Raises:
        ValueError: Sequences that are not one-hot, empty, too short or readable
            only once; a layer that does not exist or cannot be told; activations
            that are not finite; an option out of range.
        TypeError: `model` is no Keras model, or `sequences` of a wrong kind.
    """
    return motifs_from_map(
        activation_map(model, layer),
        sequences,
        threshold=threshold,
        select=select,
        window=window,
        trim=trim,
        batch_size=batch_size,
        compat=compat,
    )


def motifs_from_map(
    maps: ActivationMap,
    sequences: Any,
    *,
    threshold: float = 0.5,
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    trim: bool = False,
    batch_size: int = 512,
    compat: Literal["released"] | None = None,
) -> list[Motif]:
    """Do `extract_motifs`' work on a layer found before, for repeated extractions.

    Args:
        maps: What `activation_maps.activation_map` returned for the layer.
        sequences: See `extract_motifs`, like all that follow.
        threshold: Share of the largest activation.
        select: "all" or "best".
        window: Width of the motifs.
        trim: Whether to cut off uninformative ends.
        batch_size: Sequences per batch.
        compat: None or "released".

    Returns:
        One motif per filter, in filter order.
    """
    rule = _checked_rule(threshold, select, window, compat)
    num_codes = _UNKNOWN + 1
    counts = np.zeros((0, maps.num_filters * num_codes), dtype=np.int64)
    num_sites = np.zeros(maps.num_filters, dtype=np.int64)
    for codes, sites, width in _site_batches(maps, sequences, rule, batch_size):
        if not len(counts):
            counts = np.zeros((width, counts.shape[1]), dtype=np.int64)
        num_sites += np.bincount(sites.filters, minlength=maps.num_filters)
        for position in range(width):
            base = codes[sites.sequences, sites.starts + position]
            counts[position] += np.bincount(
                sites.filters * num_codes + base, minlength=counts.shape[1]
            )
    table = counts.reshape(-1, maps.num_filters, num_codes)[..., :_UNKNOWN]
    motifs = [
        _motif(table[:, index], index, int(num_sites[index]), rule)
        for index in range(maps.num_filters)
    ]
    return [motif.trim() for motif in motifs] if trim else motifs


def check_extraction(
    maps: ActivationMap,
    sequences: Any,
    *,
    threshold: float = 0.5,
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    batch_size: int = 512,
) -> None:
    """Raise what `motifs_from_map` would raise, as far as the first batch tells.

    Args:
        maps: See `motifs_from_map`, like all that follow.
        sequences: One-hot sequences.
        threshold: Share of the largest activation.
        select: "all" or "best".
        window: Width of the motifs.
        batch_size: Sequences per batch.

    Raises:
        ValueError: As `extract_motifs`, for options and sequences.
        TypeError: As `extract_motifs`.
    """
    rule = _checked_rule(threshold, select, window, None)
    batch = next(_reader(sequences, batch_size)(), None)
    if batch is None:
        raise ValueError("`sequences` must hold at least one sequence. Received none.")
    check_one_hot_shape(batch.shape)
    check_one_hot_values(batch)
    _windows(maps, rule, batch.shape[1])


def activation_sites(
    model: keras.Model,
    sequences: Any,
    *,
    layer: LayerLike = None,
    threshold: float = 0.5,
    select: Literal["all", "best"] = "all",
    window: int | None = None,
    batch_size: int = 512,
    compat: Literal["released"] | None = None,
) -> pd.DataFrame:
    """Return where in the sequences each filter fires: the sites of its motif.

    Args:
        model: See `extract_motifs`, like all other arguments.
        sequences: One-hot sequences.
        layer: Whose filters.
        threshold: Share of the largest activation.
        select: "all" or "best".
        window: Width of the sites.
        batch_size: Sequences per batch.
        compat: None or "released".

    Returns:
        One row per site, by sequence, then position, then filter. Columns: filter
        (the motif's name), sequence (index), start and end (0-based, end not
        included), activation.

    Raises:
        ValueError: As `extract_motifs`.
        TypeError: As `extract_motifs`.
    """
    import pandas as pd

    maps = activation_map(model, layer)
    rule = _checked_rule(threshold, select, window, compat)
    parts: list[_Sites] = []
    ends: list[Array] = []
    first = 0
    for codes, sites, width in _site_batches(maps, sequences, rule, batch_size):
        parts.append(sites._replace(sequences=sites.sequences + first))
        ends.append(sites.starts + width)
        first += len(codes)
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    names = np.array([_name(index) for index in range(maps.num_filters)], dtype=object)
    return pd.DataFrame(
        {
            "filter": names[joined[2]],
            "sequence": joined[0],
            "start": joined[1],
            "end": np.concatenate(ends),
            "activation": joined[3],
        }
    )


def _name(index: int) -> str:
    return f"filter{index}"


def _motif(counts: Array, index: int, num_sites: int, rule: _Rule) -> Motif:
    """Turn the counts of one filter, `(width, 4)`, into its motif."""
    if num_sites < rule.min_sites:
        counts, num_sites = np.zeros_like(counts), 0
    totals = counts.sum(axis=1, keepdims=True)
    uniform = np.full(counts.shape, 0.25)
    frequencies = np.divide(counts, totals, out=uniform, where=totals > 0)
    return Motif(frequencies, _name(index), num_sites=num_sites)


def _checked_rule(
    threshold: float, select: str, window: int | None, compat: str | None
) -> _Rule:
    if not 0 <= threshold < 1:
        raise ValueError(
            "`threshold` must be a share of the largest activation, 0 <= threshold "
            f"< 1. Received {threshold!r}."
        )
    if select not in ("all", "best"):
        raise ValueError(f'`select` must be "all" or "best". Received {select!r}.')
    if compat not in (None, "released"):
        raise ValueError(f'`compat` must be None or "released". Received {compat!r}.')
    released = compat == "released"
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
    width = _RELEASED_WINDOW if released else window
    return _Rule(threshold, "best" if select == "best" else "all", width, released)


def _site_batches(
    maps: ActivationMap, sequences: Any, rule: _Rule, batch_size: int
) -> Iterator[tuple[Array, _Sites, int]]:
    """Yield, batch by batch, base codes `(n, length)`, sites, and their width."""
    read = _reader(sequences, batch_size)
    largest, length = _largest_activations(maps, read)
    starts, inside, width = _windows(maps, rule, length)
    cutoffs = _cutoffs(largest, rule.threshold)
    for batch in read():
        values = maps(batch)
        sequence, position, index = _above(values, cutoffs, inside, rule.select)
        sites = _Sites(
            sequence, starts[position], index, values[sequence, position, index]
        )
        yield _codes(batch), sites, width


def _windows(maps: ActivationMap, rule: _Rule, length: int) -> tuple[Array, Array, int]:
    """Return where each position's window starts, whether it counts, and its width."""
    field = maps.receptive_field(length)
    width = field.size if rule.window is None else rule.window
    if width < field.size:
        raise ValueError(
            f"`window` must be at least the receptive field, {field.size} bases. "
            f"Received {width}."
        )
    start = field.start - (width - field.size + 1) // 2
    # A window [s, s + width) must lie in the sequence; the released code drops
    # those that touch an end as well.
    margin = 1 if rule.released else 0
    starts = start + field.stride * np.arange(field.length)
    inside = (starts >= margin) & (starts + width <= length - margin)
    if not inside.any():
        raise ValueError(
            f"`sequences` must be long enough for windows of {width} bases. Received "
            f"length {length}."
        )
    return starts, inside, width


def _largest_activations(
    maps: ActivationMap, read: Callable[[], Iterator[Array]]
) -> tuple[Array, int]:
    """Return each filter's largest activation, `(num_filters,)`, and the length.

    The first look at the data, so it checks them too.
    """
    largest = np.full(maps.num_filters, -np.inf, dtype=np.float32)
    length, first = 0, 0
    for batch in read():
        check_one_hot_shape(batch.shape)
        if length not in (0, batch.shape[1]):
            raise ValueError(
                "`sequences` must all have one length. Received a batch of length "
                f"{batch.shape[1]} after one of length {length}. Pad with N (all "
                "zero), or extract from each length by itself."
            )
        length = batch.shape[1]
        check_one_hot_values(batch, first)
        if first == 0:
            maps.receptive_field(length)  # raises if the sequences are too short
        first += len(batch)
        np.maximum(largest, maps(batch).max(axis=(0, 1)), out=largest)
        _check_finite(largest, maps.name)
    if first == 0:
        raise ValueError("`sequences` must hold at least one sequence. Received none.")
    return largest, length


def _check_finite(largest: Array, name: str) -> None:
    """Raise on NaN and inf, which reach the maximum; -inf, as of log(0), may be."""
    filters = np.flatnonzero(np.isnan(largest) | (largest == np.inf)).tolist()
    if not filters:
        return
    raise ValueError(
        f"The activations of the layer {name!r} must be finite. Received NaN or inf "
        f"in filters {filters}. Likely causes: an exponential without batch norm "
        "before it, too high a learning rate, or float16 with Keras' own "
        "exponential; `keras_motif.Exponential()` stays finite for finite inputs."
    )


def _cutoffs(largest: Array, threshold: float) -> Array:
    """Return what an activation must exceed, `(num_filters,)`, float32.

    Of the exact product the next float32 below, so that the comparison in float32
    decides as one of real numbers would. A filter that never fires gets inf.
    """
    exact = threshold * largest.astype(np.float64)
    rounded = exact.astype(np.float32)
    below = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(largest > 0, np.where(rounded > exact, below, rounded), np.inf)


def _above(
    values: Array, cutoffs: Array, inside: Array, select: str
) -> tuple[Array, Array, Array]:
    """Return sequence, position and filter of each site in a batch's maps."""
    if select == "all":
        first, last = np.flatnonzero(inside)[[0, -1]]
        mask = values[:, first : last + 1] > cutoffs.astype(np.float32)
        sequence, position, index = np.nonzero(mask)
        return sequence, position + first, index
    best = values.argmax(axis=1)  # the first of equals
    highest = np.take_along_axis(values, best[:, None], axis=1)[:, 0]
    sequence, index = np.nonzero((highest > cutoffs) & inside[best])
    return sequence, best[sequence, index], index


def _codes(batch: Array) -> Array:
    """Return the base at each position, `(n, length)`: 0 to 3, or 4 for N."""
    return np.where(batch.any(axis=2), batch.argmax(axis=2), _UNKNOWN)


def _reader(sequences: Any, batch_size: int) -> Callable[[], Iterator[Array]]:
    """Return a function that reads the sequences once, batch by batch."""
    if isinstance(batch_size, bool) or not isinstance(batch_size, int):
        raise TypeError(f"`batch_size` must be an integer. Received {batch_size!r}.")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be 1 or more. Received {batch_size}.")
    if isinstance(sequences, str) or (
        isinstance(sequences, list | tuple)
        and all(isinstance(item, str) for item in sequences)
    ):
        raise ValueError(
            "`sequences` must be one-hot. Received strings, or nothing; encode them "
            "with `keras_motif.one_hot(strings)`."
        )
    if isinstance(sequences, h5py.Dataset):
        channels_first = check_stored_shape(tuple(sequences.shape))
        return lambda: _slices(sequences, batch_size, channels_first)
    if hasattr(sequences, "shape") and hasattr(sequences, "__getitem__"):
        check_one_hot_shape(tuple(sequences.shape))
        return lambda: _slices(sequences, batch_size, False)
    if isinstance(sequences, keras.utils.PyDataset):
        return lambda: (
            _batch(sequences[index]) for index in range(sequences.num_batches or 0)
        )
    if not hasattr(sequences, "__iter__"):
        raise TypeError(
            "`sequences` must be an array of shape (n, length, 4), an HDF5 dataset, "
            f"or an iterable of such batches. Received {type(sequences).__name__}."
        )
    if iter(sequences) is sequences:
        raise ValueError(
            "`sequences` must be readable twice: once for the largest activations, "
            "once for the sites. Received an iterator that runs dry. Pass a list of "
            "batches, a `tf.data.Dataset`, or an object whose `__iter__` starts anew."
        )
    return lambda: (_batch(item) for item in sequences)


def _slices(sequences: Any, size: int, channels_first: bool) -> Iterator[Array]:
    for start in range(0, sequences.shape[0], size):
        batch = _to_numpy(sequences[start : start + size])
        yield batch.transpose(0, 2, 1) if channels_first else batch


def _batch(item: Any) -> Array:
    """Return the sequences of one batch, which may come with labels."""
    if isinstance(item, tuple | list) and len(item) in (1, 2, 3):
        item = item[0]
    if not hasattr(item, "shape"):
        raise ValueError(
            "Each batch of `sequences` must be an array of shape (n, length, 4), or a "
            f"tuple that begins with one. Received {type(item).__name__}."
        )
    return _to_numpy(item)


def _to_numpy(tensor: Any) -> Array:
    if hasattr(tensor, "detach"):  # a torch tensor, perhaps on another device
        tensor = tensor.detach().cpu()
    return np.asarray(tensor)
