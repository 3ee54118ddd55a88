"""The pool of targets: all columns side by side, and the consensus of each motif."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Entries", "consensus", "entry_consensus", "pool_targets"]

Array = np.ndarray[Any, Any]


class Entries(NamedTuple):
    """The target pool: every motif, and after each its reverse complement.

    Attributes:
        columns: Array of shape `(4, num_columns)`, all entries side by side.
        num_sites: Array of shape `(num_columns,)`, 0 where unknown.
        widths: Array of shape `(num_entries,)`.
        starts: Array of shape `(num_entries,)`: each entry's first column.
        ranks: Array of shape `(num_entries,)`: the place of each entry among equals,
            by strand, then by the bytes of its id.
        strands: 2, or 1 without reverse complements.
    """

    columns: Array
    num_sites: Array
    widths: Array
    starts: Array
    ranks: Array
    strands: int


def consensus(frequencies: Array) -> str:
    """Return the most frequent base of each position, ties as in Tomtom.

    Tomtom keeps the maximum so far in single precision, so of two equal
    frequencies the later base wins where single precision rounds down.

    Args:
        frequencies: Array of shape `(width, 4)`.

    Returns:
        A string of `width` letters.
    """
    best = np.zeros(len(frequencies), dtype=np.intp)
    largest = np.zeros(len(frequencies), dtype=np.float32)
    for base in range(4):
        value = frequencies[:, base]
        better = value > largest.astype(np.float64)
        best[better] = base
        largest[better] = value[better]
    return "".join("ACGT"[base] for base in best)


def entry_consensus(entries: Entries) -> list[str]:
    """Return the consensus of each entry, of its own strand."""
    whole = consensus(entries.columns.T)
    spans = zip(entries.starts.tolist(), entries.widths.tolist(), strict=True)
    return [whole[start : start + width] for start, width in spans]


def pool_targets(
    targets: Sequence[Array],
    num_sites: Sequence[float],
    ids: Sequence[str],
    *,
    reverse_complement: bool = True,
) -> Entries:
    """Lay out all targets side by side, each followed by its reverse complement.

    Args:
        targets: Arrays of shape `(width, 4)`, at least one, pseudocount included.
        num_sites: The sites of each, 0 where unknown.
        ids: The name of each; decides between equals.
        reverse_complement: Whether to pool both strands.

    Returns:
        The pool.
    """
    entries, sites, keys = [], [], []
    for target, count, name in zip(targets, num_sites, ids, strict=True):
        entries.append(target)
        keys.append(b"+" + name.encode())
        if reverse_complement:
            entries.append(target[::-1, ::-1])
            keys.append(b"-" + name.encode())
        sites += [count] * (1 + reverse_complement)
    widths = np.array([len(entry) for entry in entries])
    ranks = np.empty(len(keys), dtype=np.intp)
    ranks[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return Entries(
        columns=np.ascontiguousarray(np.concatenate(entries).T, dtype=np.float64),
        num_sites=np.repeat(np.array(sites, dtype=np.float64), widths),
        widths=widths,
        starts=np.cumsum(widths) - widths,
        ranks=ranks,
        strands=1 + reverse_complement,
    )
