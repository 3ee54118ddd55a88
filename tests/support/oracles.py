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


def shared_columns(query, target, offset, orientation):
    """Return what two motifs share, one column at a time.

    Args:
        query: Bits of each column.
        target: The same.
        offset: Target columns before the query's first.
        orientation: "-" turns the target round.

    Returns:
        Aligned columns, share of the target, share of the query, shared bits.
    """
    pairs = []
    for place in range(len(target)):
        column = place if orientation == "+" else len(target) - 1 - place
        if 0 <= place - offset < len(query):
            pairs.append((float(query[place - offset]), float(target[column])))
    known = sum(map(float, target)), sum(map(float, query))
    return (
        len(pairs),
        sum(pair[1] for pair in pairs) / known[0] if known[0] else 0.0,
        sum(pair[0] for pair in pairs) / known[1] if known[1] else 0.0,
        sum(map(min, pairs)),
    )
