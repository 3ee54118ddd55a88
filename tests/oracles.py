"""Slow and obvious versions of what the library computes fast."""

import numpy as np


def extract_counts(maps, x, *, start, stride, width, threshold, select, margin=0):
    """Count bases under every site, one position at a time.

    Args:
        maps: Activations, `(n, positions, filters)`.
        x: One-hot sequences, `(n, length, 4)`.
        start: First base of the window of position 0.
        stride: Bases from one window to the next.
        width: Width of the windows.
        threshold: Share of the largest activation.
        select: "all" or "best".
        margin: Bases that a window must stay away from the ends.

    Returns:
        Counts `(filters, width, 4)` and numbers of sites `(filters,)`.
    """
    n, positions, filters = maps.shape
    length = x.shape[1]
    counts = np.zeros((filters, width, 4), dtype=int)
    sites = np.zeros(filters, dtype=int)
    for f in range(filters):
        largest = float(maps[:, :, f].max())
        if largest <= 0:
            continue
        for i in range(n):
            candidates = range(positions)
            if select == "best":
                candidates = [int(np.argmax(maps[i, :, f]))]
            for p in candidates:
                first = start + p * stride
                inside = first >= margin and first + width <= length - margin
                if inside and float(maps[i, p, f]) > threshold * largest:
                    counts[f] += x[i, first : first + width]
                    sites[f] += 1
    return counts, sites


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
