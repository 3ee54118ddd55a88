"""Slow and obvious versions of what the library computes fast."""

import numpy as np


def find_sites(
    strands, *, length, start, stride, width, threshold, select, margin=0, largest=None
):
    """Find every site, one position at a time.

    Args:
        strands: Activations of the sequences and, where both strands are searched, of
            their reverse complements, each `(n, positions, filters)`.
        length: Length of the sequences.
        start: First base of the window of position 0.
        stride: Bases from one window to the next.
        width: Width of the windows.
        threshold: Share of the largest activation.
        select: "all" or "best".
        margin: Bases that a window must stay away from the ends.
        largest: Each filter's largest activation, where it isn't that of the maps.

    Returns:
        A list of (filter, sequence, strand 0 or 1, first base on that strand,
        activation).
    """
    sites = []
    n, positions, filters = strands[0].shape
    for f in range(filters):
        top = max(float(maps[:, :, f].max()) for maps in strands)
        if largest is not None:
            top = float(largest[f])
        if top <= 0:
            continue
        for i in range(n):
            candidates = [(s, p) for s in range(len(strands)) for p in range(positions)]
            if select == "best":
                candidates = [
                    max(candidates, key=lambda sp: strands[sp[0]][i, sp[1], f])
                ]
            for s, p in candidates:
                first = start + p * stride
                inside = first >= margin and first + width <= length - margin
                value = float(strands[s][i, p, f])
                if inside and value > threshold * top:
                    sites.append((f, i, s, first, value))
    return sites


def count_bases(sites, strands, *, width, filters, weighted=False):
    """Count bases under sites, one window at a time; N is a quarter of each base.

    Args:
        sites: What `find_sites` returned.
        strands: One-hot sequences `(n, length, 4)` and their reverse complements.
        width: Width of the windows.
        filters: Number of filters.
        weighted: Whether a window counts as much as its activation.

    Returns:
        Counts `(filters, width, 4)` and numbers of sites `(filters,)`.
    """
    counts = np.zeros((filters, width, 4))
    num_sites = np.zeros(filters, dtype=int)
    for f, i, s, first, value in sites:
        window = strands[s][i, first : first + width].astype(float)
        window[window.sum(axis=1) == 0] = 0.25
        counts[f] += window * value if weighted else window
        num_sites[f] += 1
    return counts, num_sites


def synthetic_sequence(random, pool, length):
    """Simulate one sequence of the study step by step.

    Returns:
        The indices of its motifs, and its frequencies `(length, 4)`.
    """
    while True:
        count = 1 + int(np.searchsorted([0.5, 0.75, 0.92, 0.97], random.random()))
        chosen = random.integers(len(pool), size=count)
        remaining = length - sum(len(pool[index]) for index in chosen)
        if remaining >= 0:
            break
    while True:
        gaps = random.random(count + 1)
        gaps = np.rint(gaps / gaps.sum() * remaining).astype(int)
        if gaps.sum() == remaining:
            break
    parts = [np.full((gaps[0], 4), 0.25)]
    for index, gap in zip(chosen, gaps[1:], strict=True):
        parts += [pool[index], np.full((gap, 4), 0.25)]
    return chosen, np.concatenate(parts)


def motif_overlap(query, target, offset, orientation):
    """Return what two motifs of unknown sites share, one column at a time.

    Args:
        query: Frequencies `(width, 4)`.
        target: The same.
        offset: Target columns before the query's first.
        orientation: "-" turns the target round.

    Returns:
        Aligned columns, share of the target, share of the query, shared bits and
        differing bits.
    """
    if orientation == "-":
        target = [list(reversed(column)) for column in reversed(target)]
    pairs = [
        (query[place - offset], column)
        for place, column in enumerate(target)
        if 0 <= place - offset < len(query)
    ]
    known = [sum(2 - _entropy(c) for c in motif) for motif in (target, query)]
    inside = [sum(2 - _entropy(pair[side]) for pair in pairs) for side in (1, 0)]
    means = [[(x + y) / 2 for x, y in zip(*pair, strict=True)] for pair in pairs]
    return (
        len(pairs),
        *(
            part / all_ if all_ else 0.0
            for part, all_ in zip(inside, known, strict=True)
        ),
        sum(2 - max(_entropy(first), _entropy(second)) for first, second in pairs),
        sum(
            _relative_entropy(column, mean)
            for pair, mean in zip(pairs, means, strict=True)
            for column in pair
        ),
    )


def _entropy(column):
    return -sum(p * np.log2(p) for p in column if p > 0)


def _relative_entropy(column, other):
    return sum(p * np.log2(p / q) for p, q in zip(column, other, strict=True) if p > 0)
