"""What keeps a network's filters from being read, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from keras_motif.motifs import Motif, MotifsLike, as_motifs, is_dead, known_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["reading_problems"]

Array = np.ndarray[Any, Any]

# docs/filter-profiles.md says why, and what networks gave.
_MANY = 0.5  # share of the filters from which on something is said
_SOME = 0.1  # share of the filters that makes a cause worth a sentence
_CLOSE = 0.9  # cosine of a kernel with its start
_MOST_WINDOWS = 0.2  # share of the windows that are sites
_LITTLE = 2.0  # bits of a motif
_FEW_SITES = 10
_UNMOVED = 1 - 1e-9  # the same kernel, but for rounding
_EQUAL = 0.1  # mean distance of two motifs' columns, 0 to 1


class _Filters(NamedTuple):
    """What is known of each filter; arrays of shape `(num_filters,)`.

    Attributes:
        motifs: Their motifs.
        bits: Information of the trimmed motif, as far as its sites can tell.
        sites: Number of sites; NaN where unknown.
        shares: Share of the windows that are sites; NaN where unknown.
        cosines: Cosine of the kernel with its first one; NaN where unknown.
        is_named: Whether it has a convincing match.
        duplicates: What `duplicate_filters` returned.
    """

    motifs: list[Motif]
    bits: Array
    sites: Array
    shares: Array
    cosines: Array
    is_named: Array
    duplicates: pd.DataFrame | None


def reading_problems(
    motifs: MotifsLike,
    *,
    num_windows: int | None = None,
    kernel_cosines: npt.ArrayLike | None = None,
    named: Iterable[str] | None = None,
    duplicates: pd.DataFrame | None = None,
) -> list[str]:
    """Say why the filters of a network can't be read yet, and what next.

    Looks for filters that are dead, that have hardly learned, that have few sites, or
    that are all alike. A filter with a name is none of them. Something is said where
    half of the filters are, of each cause that a tenth of them has; each filter counts
    for the first cause in this order. Of a good network nothing is said.

    Args:
        motifs: What `extract_motifs` returned, one per filter, trimmed or not.
        num_windows: How many windows each filter was looked for in: of every sequence
            as many as it has places for the motif, twice that where both strands were
            searched. None: the share of them that are sites isn't looked at.
        kernel_cosines: Of each filter the cosine between its kernel and the one that
            training began with, -1 to 1, shape `(num_filters,)`. None: unknown.
        named: The names of the filters with a convincing match, see `match_support`.
            None: unknown, so that none is taken for named.
        duplicates: What `duplicate_filters` returned. None: only motifs that are the
            same column for column are taken for alike.

    Returns:
        A text for each cause, with its numbers and what to do next; none where nothing
        is wrong.

    Raises:
        ValueError: No motif, a value that is no motif, a number of windows below the
            number of sites, another number of cosines than of motifs or one outside
            -1 to 1, or a name that no motif has.
        TypeError: `motifs` of a kind that cannot be used, or `named` is one string.

    Example:
        >>> nearly_flat = [[0.34, 0.22, 0.22, 0.22]] * 8
        >>> motif = Motif(nearly_flat, "filter0", num_sites=90_000)
        >>> [problem] = reading_problems([motif], num_windows=100_000)
        >>> print(problem)
        Hardly learned: 1 of 1 filters. Sites are 90 % of all windows (median), motifs
        hold 0.2 bits (median). Train longer, or with a higher learning rate, and see
        whether the test score is above chance.
    """
    filters = _filters(motifs, num_windows, kernel_cosines, named, duplicates)
    total = len(filters.motifs)
    left = ~filters.is_named
    found: list[tuple[int, str]] = []
    for is_so, say in _CAUSES:
        concerned = left & is_so(filters, left)
        left &= ~concerned
        number = int(concerned.sum())
        if number:
            found.append((number, say(filters, concerned)))
    if sum(number for number, _ in found) < _MANY * total:
        return []
    return [text for number, text in found if number >= _SOME * total]


def _filters(
    motifs: Any,
    num_windows: int | None,
    cosines: Any,
    named: Iterable[str] | None,
    duplicates: pd.DataFrame | None,
) -> _Filters:
    """Check what was given and put it in order."""
    listed = as_motifs(motifs, "motifs").motifs
    if not listed:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    sites = np.array([motif.num_sites for motif in listed], dtype=np.float64)
    return _Filters(
        listed,
        np.array([known_columns(motif.trim()).bits.sum() for motif in listed]),
        sites,
        sites / _checked_windows(num_windows, sites),
        _checked_cosines(cosines, len(listed)),
        _is_named(listed, named),
        duplicates,
    )


def _checked_windows(num_windows: int | None, sites: Array) -> float:
    if num_windows is None:
        return np.nan
    most = np.nanmax(sites, initial=1)
    if not num_windows >= most:
        raise ValueError(
            "`num_windows` must be the number of windows that each filter was looked "
            f"for in, at least that of the sites, {most:,.0f}. Received "
            f"{num_windows!r}. It is the number of sequences times that of the "
            "windows in one, and times 2 for both strands."
        )
    return float(num_windows)


def _checked_cosines(cosines: Any, number: int) -> Array:
    if cosines is None:
        return np.full(number, np.nan)
    values: Array = np.asarray(cosines, dtype=np.float64)
    if values.shape != (number,):
        raise ValueError(
            f"`kernel_cosines` must hold one number per motif, {number}. Received "
            f"shape {values.shape}."
        )
    if not (np.abs(values) <= 1 + 1e-6).all():
        raise ValueError(
            "`kernel_cosines` must be numbers from -1 to 1. Received "
            f"{values[~(np.abs(values) <= 1 + 1e-6)][0]}."
        )
    return values


def _is_named(motifs: list[Motif], named: Iterable[str] | None) -> Array:
    if isinstance(named, str):
        raise TypeError(
            f"`named` must hold the names of motifs. Received the string {named!r}; "
            "pass a list."
        )
    names = set() if named is None else set(named)
    unknown = names - {motif.name for motif in motifs}
    if unknown:
        raise ValueError(
            "`named` must hold names that `motifs` have. Received "
            f"{min(map(str, unknown))!r}. Pass the Query_ID of convincing matches."
        )
    return np.array([motif.name in names for motif in motifs])


def _are_dead(filters: _Filters, left: Array) -> Array:
    return np.array([is_dead(motif) for motif in filters.motifs])


def _say_dead(filters: _Filters, concerned: Array) -> str:
    return (
        f"Dead: {_number(concerned)}. No sequence activates them. Train anew with a "
        "lower learning rate, batch norm or fewer filters, and read sequences of the "
        "kind that the network was trained on."
    )


def _have_hardly_learned(filters: _Filters, left: Array) -> Array:
    close = filters.cosines > _CLOSE
    # An untrained kernel is next to never named: where some that are close to their
    # start have a name, they had learned before, as in fine-tuning.
    if (close & filters.is_named).sum() >= max(1, _SOME * close.sum()):
        close = np.zeros_like(close)
    return close | (filters.shares > _MOST_WINDOWS) | (filters.bits < _LITTLE)


def _say_hardly_learned(filters: _Filters, concerned: Array) -> str:
    cosine, share, bits = (
        float(np.median(values[concerned]))
        for values in (filters.cosines, filters.shares, filters.bits)
    )
    signs = []
    if cosine > _CLOSE:
        signs.append(
            "kernels are almost those that training began with (median cosine "
            f"{cosine:.3f})"
        )
    if share > _MOST_WINDOWS:
        signs.append(f"sites are {100 * share:.0f} % of all windows (median)")
    if bits < _LITTLE or not signs:
        signs.append(f"motifs hold {bits:.1f} bits (median)")
    said = ", ".join(signs)
    return (
        f"Hardly learned: {_number(concerned)}. {said[0].upper()}{said[1:]}. "
        f"{_advice(cosine)}"
    )


def _advice(cosine: float) -> str:
    if cosine > _UNMOVED:
        return (
            "Look whether the layer is frozen (`trainable=False`), and whether the "
            "network predicts the same of every sequence."
        )
    if cosine <= _CLOSE:
        return (
            "The kernels have moved, so see first whether the test score is above "
            "chance and the labels belong to the sequences; if so, raise `threshold=`."
        )
    score = "and see whether the test score is above chance."
    if np.isnan(cosine):
        return f"Train longer, or with a higher learning rate, {score}"
    return (
        "Unless it began from filters that had learned, train longer, or with a higher "
        f"learning rate, {score}"
    )


def _have_few_sites(filters: _Filters, left: Array) -> Array:
    return (filters.sites > 0) & (filters.sites < _FEW_SITES)


def _say_few_sites(filters: _Filters, concerned: Array) -> str:
    median = np.median(filters.sites[concerned])
    return (
        f"Few sites: {_number(concerned)}. Motifs are counted from fewer than "
        f"{_FEW_SITES} sites (median {median:.0f}), so chance alone makes them look "
        "sure. Read more sequences, or lower `threshold=`; if that doesn't help, the "
        "filters learned single sequences: train with more data or more dropout."
    )


def _are_alike(filters: _Filters, left: Array) -> Array:
    """Return the largest group of filters that are like one of them, 3 or more."""
    place = {motif.name: index for index, motif in enumerate(filters.motifs)}
    alike = np.eye(len(place), dtype=bool) | _equal_columns(filters.motifs)
    if filters.duplicates is not None:
        pairs = (filters.duplicates[name] for name in ("filter", "duplicate"))
        for one, other in zip(*pairs, strict=True):
            if one in place and other in place:
                alike[place[one], place[other]] = alike[place[other], place[one]] = True
    alike &= left & left[:, None]
    group: Array = alike[alike.sum(axis=1).argmax()]
    return group if group.sum() > 2 else np.zeros_like(group)


def _equal_columns(motifs: list[Motif]) -> Array:
    """Return which motifs are nearly the same matrix, `(num_filters, num_filters)`."""
    equal = np.zeros((len(motifs), len(motifs)), dtype=bool)
    widths = np.array([motif.width for motif in motifs])
    for width in np.unique(widths):
        places = np.flatnonzero(widths == width)
        matrices = np.stack([motifs[place].frequencies for place in places])
        for place, matrix in zip(places, matrices, strict=True):
            apart = np.abs(matrices - matrix).sum(axis=2).mean(axis=1) / 2
            equal[place, places] = apart <= _EQUAL
    return equal


def _say_alike(filters: _Filters, concerned: Array) -> str:
    name = filters.motifs[int(np.flatnonzero(concerned)[0])].name
    return (
        f"All alike: {_number(concerned)}. They share the motif of {name}. If the data "
        "hold one motif, that is it. Else look for what stands in most sequences, such "
        "as an adapter or a repeat, or use fewer filters."
    )


def _number(concerned: Array) -> str:
    return f"{int(concerned.sum())} of {len(concerned)} filters"


_Test = Callable[[_Filters, Array], Array]
_Text = Callable[[_Filters, Array], str]
_CAUSES: tuple[tuple[_Test, _Text], ...] = (
    (_are_dead, _say_dead),
    (_have_hardly_learned, _say_hardly_learned),
    (_have_few_sites, _say_few_sites),
    (_are_alike, _say_alike),
)
