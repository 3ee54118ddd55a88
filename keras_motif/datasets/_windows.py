"""Windows of one length over a genome: where they lie, and negatives beside them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import listed
from keras_motif.datasets._region_rows import Regions
from keras_motif.datasets.genome import Genome

__all__ = ["Coordinates", "Windows", "matched_windows", "tile", "windows_of"]

Array = np.ndarray[Any, Any]

_GC_BINS = 50  # of one fiftieth of the bases each
_MOST_MEASURED = 20_000  # windows whose GC is measured
_MOST_DRAWS = 60  # for each window that is wanted
_MOST_UNKNOWN = 0.5  # share of N in a negative


class Windows(NamedTuple):
    """Windows of one length; 13 bytes each, and their labels.

    Attributes:
        chromosome: Number of the chromosome, `(n,)`, int32.
        start: First base, `(n,)`, int64; may lie before the chromosome.
        strand: 1 or -1, `(n,)`, int8.
        labels: `(n, num_labels)`, float32.
    """

    chromosome: Array
    start: Array
    strand: Array
    labels: Array

    def rows(self, chosen: Array) -> Windows:
        """Return some of the windows."""
        return Windows(*(column[chosen] for column in self))


class Coordinates(NamedTuple):
    """Where sequences lie in a genome.

    Attributes:
        chromosome: Names, `(n,)`, of strings.
        start: First base, from 0, `(n,)`, int64; negative where N stands before the
            chromosome.
        end: The base behind the last, `(n,)`, int64.
        strand: "+", or "-" for the reverse complement, `(n,)`.
    """

    chromosome: Array
    start: Array
    end: Array
    strand: Array


def windows_of(regions: Regions, length: int, edges: str, sizes: Array) -> Windows:
    """Return a window about the centre of each region.

    Args:
        regions: The regions.
        length: Bases of a window.
        edges: "drop" leaves out windows that reach beyond their chromosome.
        sizes: The chromosomes' lengths.
    """
    start = regions.centre - length // 2
    windows = Windows(regions.chromosome, start, regions.strand, regions.labels)
    if edges == "pad":
        return windows
    inside = (start >= 0) & (start + length <= sizes[regions.chromosome])
    return windows if inside.all() else windows.rows(inside)


def tile(
    lengths: Mapping[str, int],
    chromosomes: Sequence[str] | None,
    length: int,
    step: int,
    edges: str,
) -> Windows:
    """Return windows side by side over whole chromosomes.

    Args:
        lengths: The genome's chromosomes.
        chromosomes: Those to cover; None covers all.
        length: Bases of a window.
        step: From the start of one to that of the next.
        edges: "pad" keeps a last window that reaches beyond the end.
    """
    numbers: list[Array] = []
    starts: list[Array] = []
    for number, (name, size) in enumerate(lengths.items()):
        if chromosomes is None or name in chromosomes:
            stop = size if edges == "pad" else size - length + 1
            starts.append(np.arange(0, max(stop, 0), step, dtype=np.int64))
            numbers.append(np.full(len(starts[-1]), number, dtype=np.int32))
    start = np.concatenate(starts)
    return Windows(
        np.concatenate(numbers),
        start,
        np.ones(len(start), dtype=np.int8),
        np.empty((len(start), 0), dtype=np.float32),
    )


def matched_windows(
    genome: Genome,
    regions: Regions,
    positives: Windows,
    length: int,
    num: int,
    rng: np.random.Generator,
) -> Windows:
    """Draw windows with as much GC as some have, none of which touches a region.

    They lie on the chromosomes of the regions, drawn in proportion to their length,
    on either strand; none has more than half of its bases unknown.

    Args:
        genome: The genome.
        regions: What to stay away from.
        positives: The windows whose GC is matched, to a fiftieth, or to two where there
            are no others.
        length: Bases of a window.
        num: How many to draw.
        rng: The source of randomness.

    Warns:
        UserWarning: Fewer could be found.
    """
    wanted = _wanted_counts(genome, positives, length, num, rng)
    used = np.unique(regions.chromosome)
    found = _drawn(genome, regions, used, length, wanted, rng)
    if len(found) < num:
        names = list(genome.chromosomes)
        warnings.warn(
            f"`negatives`: found {len(found):,} of {num:,} windows with the GC of the "
            f"regions beside them on {listed(names[number] for number in used)}. Ask "
            "for fewer, or for more chromosomes.",
            UserWarning,
            stacklevel=4,
        )
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    strand = rng.choice(np.array([1, -1], dtype=np.int8), len(table))
    labels = np.zeros((len(table), positives.labels.shape[1]), dtype=np.float32)
    return Windows(table[:, 0].astype(np.int32), table[:, 1], strand, labels)


def _wanted_counts(
    genome: Genome,
    positives: Windows,
    length: int,
    num: int,
    rng: np.random.Generator,
) -> Array:
    """Return how many windows to find in each bin of GC, `(_GC_BINS + 1,)`."""
    names = list(genome.chromosomes)
    rows = rng.permutation(len(positives.start))[:_MOST_MEASURED]
    places = zip(positives.chromosome[rows], positives.start[rows], strict=True)
    codes = (
        genome.codes(names[number], int(start), int(start) + length)
        for number, start in places
    )
    known = [share for share in map(_share, codes) if share is not None] or [0.5]
    bins = [round(share * _GC_BINS) for share in known]
    repeats, rest = divmod(num, len(bins))
    counts = np.bincount(bins, minlength=_GC_BINS + 1) * repeats
    return np.asarray(counts + np.bincount(bins[:rest], minlength=_GC_BINS + 1))


def _drawn(
    genome: Genome,
    regions: Regions,
    used: Array,
    length: int,
    wanted: Array,
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """Draw windows until all that are wanted are found, or long enough.

    Returns:
        Number of the chromosome and start of each.
    """
    names = list(genome.chromosomes)
    sizes = np.array([genome.chromosomes[names[number]] for number in used])
    room = np.maximum(sizes - length + 1, 0)
    room_of = dict(zip(used.tolist(), room.tolist(), strict=True))
    blocked = {int(number): _merged(regions, number) for number in used}
    found: dict[tuple[int, int], None] = {}
    left = _MOST_DRAWS * (int(wanted.sum()) + 100)
    slack_from = left // 4  # draws before the last, when the next bin will do too
    while wanted.any() and room.any() and left > 0:
        size = min(4 * int(wanted.sum()) + 64, 2**16)
        drawn = used[rng.choice(len(used), size=size, p=room / room.sum())]
        for number, share_of_room in zip(drawn.tolist(), rng.random(size), strict=True):
            start = int(share_of_room * room_of[number])
            is_free = not _touches(blocked[number], start, length)
            if not is_free or (number, start) in found:
                continue
            gc = _share(genome.codes(names[number], start, start + length))
            place = None if gc is None else _wanted_bin(wanted, gc, left < slack_from)
            if place is not None:
                wanted[place] -= 1
                found[number, start] = None
        left -= size
    return list(found)


def _wanted_bin(wanted: Array, share: float, slack: bool) -> int | None:
    """Return the bin of a share of GC if one is wanted there, or beside it."""
    exact = round(share * _GC_BINS)
    for place in (exact, exact - 1, exact + 1) if slack else (exact,):
        if 0 <= place <= _GC_BINS and wanted[place]:
            return place
    return None


def _share(codes: Array) -> float | None:
    """Return the share of C and G among known bases; None where few are known."""
    counts = np.bincount(codes, minlength=5)
    known = int(counts[:4].sum())
    if known <= _MOST_UNKNOWN * len(codes):
        return None
    return float(counts[1] + counts[2]) / known


def _merged(regions: Regions, number: int) -> tuple[Array, Array]:
    """Return the starts, and the ends so far, of one chromosome's regions in order."""
    rows = np.flatnonzero(regions.chromosome == number)
    rows = rows[regions.start[rows].argsort(kind="stable")]
    return regions.start[rows], np.maximum.accumulate(regions.end[rows])


def _touches(blocked: tuple[Array, Array], start: int, length: int) -> bool:
    starts, ends = blocked
    before = int(np.searchsorted(starts, start + length))
    return before > 0 and bool(ends[before - 1] > start)
