"""What every extraction begins with: its options, checked, and sequences in batches."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np

from keras_motif.extraction._achievable import achievable_activations
from keras_motif.extraction._batches import MAX_STREAMED, SequenceBatches
from keras_motif.extraction._order import Order
from keras_motif.extraction._sites import Rule, check_finite, windows
from keras_motif.extraction._tiles import Tiling
from keras_motif.extraction.activation_maps import ActivationMap
from keras_motif.extraction.layers_read import LayersRead
from keras_motif.models.choices import InputChoice

__all__ = [
    "ExtractionOptions",
    "Prepared",
    "is_of_any_length",
    "prepared",
    "readable",
    "tiling_for",
]

_RELEASED_WINDOW = 20


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
    max_streamed: int | None
    length: int | None
    tile: bool


class Prepared(NamedTuple):
    """What a search for sites takes.

    Attributes:
        batches: The sequences.
        rule: What counts as a site.
        largest: Each filter's largest activation, `(num_filters,)`, where it is known
            beforehand.
    """

    batches: SequenceBatches
    rule: Rule
    largest: np.ndarray[Any, Any] | None


def prepared(
    maps: ActivationMap,
    sequences: Any,
    options: ExtractionOptions,
    *,
    with_labels: bool = False,
) -> Prepared:
    """Check the options and open the sequences.

    Args:
        maps: Whose filters.
        sequences: See `extract_motifs`.
        options: See `ExtractionOptions`.
        with_labels: Whether to keep the labels that come with the sequences.

    Raises:
        ValueError: As `extract_motifs`, for options and sequences.
        TypeError: As `extract_motifs`.
    """
    rule = _checked_rule(options)
    if maps.is_paired:
        rule = rule._replace(both_strands=True)
    strands = 2 if rule.both_strands else 1
    batches = SequenceBatches(
        sequences,
        options.get("batch_size"),
        lambda length: strands * maps.sequence_bytes(length),
        maps.choice,
        options.get("progress"),
        options.get("max_streamed", MAX_STREAMED),
        with_labels=with_labels,
        tiling=tiling_for(maps, rule, options),
    )
    if options.get("threshold_of", "observed") == "observed":
        return Prepared(batches, rule, None)
    known = achievable_activations(maps)
    check_finite(known, maps)
    return Prepared(batches, rule, known)


def tiling_for(
    maps: ActivationMap, rule: Rule, options: ExtractionOptions
) -> Tiling | None:
    """Return how sequences are cut and padded; None where they are read as they are.

    Raises:
        ValueError: No length to cut to, another than the model's, or `select="best"`.
    """
    tiling = _tiling(
        maps.choice, options.get("length"), tile=options.get("tile", False)
    )
    if tiling is None:
        return None
    if rule.select == "best" and tiling.cuts:
        raise ValueError(
            '`select="best"` takes one window of each sequence, which pieces don\'t '
            "know of each other. Leave it or `tile=True` out."
        )
    found = windows(maps, rule, tiling.length)
    starts = found.starts[found.inside]
    strides = np.diff(np.sort(starts))
    step = int(strides.max()) if len(strides) else tiling.length
    return tiling._replace(step=int(starts.max() - starts.min()) + step)


def _tiling(choice: InputChoice, length: int | None, *, tile: bool) -> Tiling | None:
    """Return how sequences are cut and padded; pieces side by side.

    Args:
        choice: Says what length the model takes.
        length: To what to pad and cut; None for what the model takes.
        tile: Whether to cut longer ones.

    Raises:
        ValueError: No length, or another than the model's.
    """
    if length is None and not tile:
        return None
    fixed = choice.layout.length
    wanted = fixed if length is None else length
    if wanted is None:
        raise ValueError(
            "`tile=True` needs the `length` of the pieces, since the model takes any. "
            "Where it does, it also reads long sequences as they are."
        )
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise ValueError(
            f"`length` must be a whole number of bases. Received {length}."
        )
    if fixed not in (None, wanted):
        raise ValueError(
            f"`length` must be what the model takes, {fixed} bases. Received {wanted}."
        )
    return Tiling(wanted, wanted, cuts=tile, pads=length is not None or tile)


def is_of_any_length(options: ExtractionOptions) -> bool:
    """Return whether sequences may have several lengths."""
    return options.get("length") is not None or bool(options.get("tile"))


def readable(
    read: LayersRead, sequences: Any, options: ExtractionOptions
) -> tuple[Any, Order | None]:
    """Return sequences that can be read as often as the layers need it, in one order.

    What runs dry, comes in another order at each reading, or may do so, is kept in
    memory where several layers or strands take more than one reading.

    Args:
        read: The layers.
        sequences: See `extract_motifs`.
        options: See `ExtractionOptions`.

    Returns:
        The sequences, and the order in which they came before they were kept; None
        where they weren't.
    """
    if len(read) == 1 and read[0].is_plain:
        return sequences, None
    batches = SequenceBatches(
        sequences,
        options.get("batch_size"),
        read.sequence_bytes,
        read.choice,
        max_streamed=options.get("max_streamed", MAX_STREAMED),
        with_labels=True,
        any_length=is_of_any_length(options),
    )
    # Of some, a look at the order would be the only reading.
    is_risky = batches.is_one_shot or batches.is_foreign
    if not is_risky and batches.order() == "fixed":
        return sequences, None
    kept = batches.kept()
    return kept, batches.order()


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
