"""Motif: the value that every other module exchanges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from keras_motif.letters import information, stack_heights, svg_card
from keras_motif.sequences import ALPHABET

__all__ = ["SUM_LIMIT", "Motif", "is_dead"]

SUM_LIMIT = 0.1  # rows further from 1 are refused, as Tomtom does
_SUM_ROUNDING = 1e-5  # rows nearer to 1 are kept as given, as Tomtom does


@dataclass(frozen=True, eq=False, repr=False)
class Motif:
    """A sequence motif: position frequencies and where they come from.

    A value: frozen, hashable, equal to another motif when all four fields are.

    Args:
        frequencies: Array of shape `(width, 4)`, entries in [0, 1], bases in the
            order A C G T, each row (a position) summing to 1. Rows within 0.1 of
            1 but off by more than 1e-5 are divided by their sum; others are kept
            as given.
        name: The identifier that MEME prints after MOTIF; in JASPAR the matrix
            id with version ("MA0139.1").
        alt_name: The alternate name; in JASPAR the factor ("CTCF").
        num_sites: How many sites the frequencies were counted from; None when
            unknown.

    Raises:
        ValueError: Another shape, an entry outside [0, 1] or not finite, a row
            whose sum is more than 0.1 from 1, or a negative `num_sites`.
        TypeError: `name` or `alt_name` is not a string.

    Example:
        >>> motif = Motif([[1, 0, 0, 0], [0, 0, 0.5, 0.5]], "AG", num_sites=8)
        >>> motif
        Motif('AG', width=2, num_sites=8, consensus='AG')
        >>> motif.information().tolist()
        [2.0, 1.0]
    """

    frequencies: np.ndarray[Any, Any]
    name: str = ""
    alt_name: str = field(default="", kw_only=True)
    num_sites: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for key in ("name", "alt_name"):
            value = getattr(self, key)
            if not isinstance(value, str):
                raise TypeError(f"`{key}` must be a string. Received {value!r}.")
        _check_num_sites(self.num_sites)
        array = _checked_frequencies(self.frequencies)
        array.setflags(write=False)
        object.__setattr__(self, "frequencies", array)

    def _key(self) -> tuple[Any, ...]:
        return (
            self.frequencies.tobytes(),
            self.name,
            self.alt_name,
            self.num_sites,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Motif):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[Callable[..., Motif], tuple[Any, ...]]:
        # Through the constructor, so that a copy's array is read-only too.
        build = partial(Motif, alt_name=self.alt_name, num_sites=self.num_sites)
        return build, (self.frequencies, self.name)

    def __repr__(self) -> str:
        parts = [repr(self.name)]
        if self.alt_name:
            parts.append(f"alt_name={self.alt_name!r}")
        parts.append(f"width={self.width}")
        parts.append(f"num_sites={self.num_sites}")
        parts.append(f"consensus={self.consensus!r}")
        return f"Motif({', '.join(parts)})"

    def _repr_svg_(self) -> str:
        """Return the logo in bits, which notebooks show in place of the text."""
        parts = [self.name, self.alt_name]
        if self.num_sites is not None:
            parts.append(f"{self.num_sites:,.0f} site" + "s" * (self.num_sites != 1))
        title = " · ".join(part for part in parts if part) or self.consensus
        heights = stack_heights(self.frequencies, "information")
        note = "no sites" if self.num_sites == 0 else "no information"
        return svg_card(heights, title, kind="information", note=note)

    @property
    def width(self) -> int:
        """Number of positions."""
        return int(self.frequencies.shape[0])

    @property
    def consensus(self) -> str:
        """The most frequent base of each position; the first of A C G T at ties."""
        return "".join(ALPHABET[base] for base in self.frequencies.argmax(axis=1))

    def information(self) -> np.ndarray[Any, Any]:
        """Return how conserved each position is.

        Source: Schneider & Stephens (1990), without small-sample correction.

        Returns:
            Array of shape `(width,)` in bits, from 0 (uniform) to 2 (one base).
        """
        return information(self.frequencies)

    def reverse_complement(self) -> Motif:
        """Return the motif as it reads on the other strand, under the same names."""
        return self._with(self.frequencies[::-1, ::-1])

    def trim(self, threshold: float = 0.5, pad: int = 3) -> Motif:
        """Return the motif without its uninformative ends.

        Source: the released code of Koo & Ploenzke clips so before Tomtom.

        Args:
            threshold: Bits; positions strictly above it are informative.
            pad: Positions to keep on each side of the first and the last
                informative position, where there are any.

        Returns:
            A motif under the same names; the whole motif where no position is
            informative.

        Raises:
            ValueError: `pad` is negative.
        """
        if pad < 0:
            raise ValueError(f"`pad` must be 0 or more. Received {pad}.")
        informative = np.flatnonzero(self.information() > threshold)
        if informative.size == 0:
            return self
        start = max(int(informative[0]) - pad, 0)
        return self._with(self.frequencies[start : int(informative[-1]) + pad + 1])

    def _with(self, frequencies: np.ndarray[Any, Any]) -> Motif:
        return Motif(
            frequencies,
            self.name,
            alt_name=self.alt_name,
            num_sites=self.num_sites,
        )


def is_dead(motif: Motif) -> bool:
    """Return whether the motif comes from a filter that had no site.

    `extract_motifs` gives such a filter a uniform motif with `num_sites=0`. A
    motif with information is alive whatever `num_sites` says: files of other
    programs often hold `nsites= 0`.
    """
    return motif.num_sites == 0 and not _has_information(motif)


def _has_information(motif: Motif) -> bool:
    return bool(stack_heights(motif.frequencies, "information").any())


def _check_num_sites(num_sites: object) -> None:
    if num_sites is None:
        return
    number = isinstance(num_sites, int | float | np.integer | np.floating)
    if not number or not 0 <= num_sites < np.inf:  # type: ignore[operator]
        raise ValueError(
            "`num_sites` must be a finite number, 0 or more, or None when unknown. "
            f"Received {num_sites!r}."
        )


def _checked_frequencies(frequencies: object) -> np.ndarray[Any, Any]:
    """Return a float64 copy of shape (width, 4) whose rows sum to 1."""
    array = np.array(frequencies, dtype=np.float64)
    if array.ndim == 2 and array.shape[0] == 4 and array.shape[1] not in (0, 4):
        raise ValueError(
            "`frequencies` must have shape (width, 4), bases A C G T. Received "
            f"shape {array.shape}. For (4, width) arrays, pass `frequencies.T`."
        )
    if array.ndim != 2 or array.shape[1] != 4 or array.shape[0] == 0:
        raise ValueError(
            "`frequencies` must have shape (width, 4) with width 1 or more, bases "
            f"A C G T. Received shape {array.shape}."
        )
    if not ((array >= 0) & (array <= 1)).all():
        row = int(np.flatnonzero(~((array >= 0) & (array <= 1)).all(axis=1))[0])
        raise ValueError(
            "`frequencies` must lie in [0, 1]. Received "
            f"{array[row].tolist()} at position {row}. Divide counts by their "
            "row sums first."
        )
    sums = array.sum(axis=1)
    if (np.abs(sums - 1) > SUM_LIMIT).any():
        row = int(np.flatnonzero(np.abs(sums - 1) > SUM_LIMIT)[0])
        raise ValueError(
            "Each row of `frequencies` must sum to 1 within 0.1. Received "
            f"{array[row].tolist()}, sum {sums[row]:g}, at position {row}."
        )
    off = np.abs(sums - 1) > _SUM_ROUNDING
    array[off] /= sums[off, None]
    # Adding 0 turns -0.0 into 0.0, so that equal motifs have equal bytes.
    return array + 0.0
