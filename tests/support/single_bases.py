"""Which positions of a map a change of a single base moves."""

import numpy as np


def moved_positions(maps, length, random):
    """Return which positions each base moves, `(bases, positions)`, in four draws."""
    index = np.arange(length)
    moved = False
    for step in range(4):
        base = np.eye(4, dtype="float32")[random.integers(4, size=(1, length))]
        changed = np.repeat(base, length, axis=0)
        changed[index, index] = np.roll(changed[index, index], 1 + step % 3, axis=1)
        moved |= (np.abs(maps(changed) - maps(base)) > 1e-5).any(axis=2)
    return moved


def assert_windows_are_exact(maps, length, random):
    """Assert that nothing outside of the windows moves, and both of their ends do.

    Windows that reach out of the sequence count for nothing: no site lies there.
    """
    field = maps.receptive_field(length)
    moved = moved_positions(maps, length, random)
    assert moved.shape[1] == field.length
    starts = field.starts()
    inside = (starts >= 0) & (starts + field.size <= length)
    rows = [
        np.flatnonzero(moved[:, position]) - starts[position]
        for position in np.flatnonzero(inside)
    ]
    seen = np.unique(np.concatenate(rows))
    assert (seen.min(), seen.max()) == (0, field.size - 1)
