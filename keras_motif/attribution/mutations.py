"""In-silico mutagenesis: what the score becomes when one base is another."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.attribution._network import OutputLike
from keras_motif.attribution._run import Array, opened, parts_of

__all__ = ["mutagenesis"]


def mutagenesis(
    model: Any,
    sequences: Any,
    *,
    window: tuple[int, int] | None = None,
    only_sites: Any = None,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return how the score changes when each base is put in place of the one there.

    One pass for each base that is not there, 3 x length for a sequence without N.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        window: First position and the one behind the last to be changed; None for all.
        only_sites: The positions to be changed: true in an array of shape
            `(n, length)`, or inside of the sites of a table, as `activation_sites`
            gives; None for all.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.

    Returns:
        Array of shape `(n, length, 4)`, float32, in units of the score: 0 at the base
        that is there, and where nothing is changed.

    Raises:
        ValueError: As `saliency`, gradients of 0 aside; a window outside of the
            sequences; sites of another shape or outside of the sequences.
        TypeError: As `saliency`.
    """
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        x = run.sequences
        is_changed = _wanted(window, only_sites, x.shape[:2])[:, :, None] & (x != 1)
        run.expect(len(x) + int(is_changed.sum()))
        changes = np.zeros(x.shape, np.float32)
        for start, stop in run.chunks(3 * x.shape[1]):
            row, position, base = np.nonzero(is_changed[start:stop])
            row += start

            def mutants(part: Array, where: Any = (row, position, base)) -> Array:
                rows, positions, bases = (one[part] for one in where)
                batch = x[rows]
                batch[np.arange(len(part)), positions] = np.eye(4, dtype="f4")[bases]
                return np.asarray(batch)

            rows = np.arange(start, stop)
            original = run.predict(rows, parts_of(x[start:stop]))
            changed = run.predict(row, mutants)
            changes[row, position, base] = changed - original[row - start]
        return changes


def _wanted(window: Any, only_sites: Any, shape: tuple[int, ...]) -> Array:
    """Return the positions to be changed, `(n, length)`."""
    n, length = shape
    start, stop = _checked(window, length)
    found = np.zeros((n, length), bool)
    if only_sites is None:
        found[:, start:stop] = True
        return found
    is_table = hasattr(only_sites, "columns")
    found[:] = _inside(only_sites, shape) if is_table else _mask(only_sites, shape)
    found[:, :start] = found[:, stop:] = False
    return found


def _mask(only_sites: Any, shape: tuple[int, ...]) -> Array:
    mask = np.asarray(only_sites)
    if mask.shape != shape or mask.dtype != np.bool_:
        raise ValueError(
            f"`only_sites` must be a table of sites, or booleans of shape {shape}. "
            f"Received {mask.dtype} of shape {mask.shape}."
        )
    return mask


def _inside(sites: Any, shape: tuple[int, ...]) -> Array:
    missing = [x for x in ("sequence", "start", "end") if x not in sites.columns]
    if missing:
        raise ValueError(
            "`only_sites` must have the columns sequence, start and end, as "
            f"`activation_sites` gives them. It lacks {', '.join(missing)}."
        )
    n, length = shape
    sequence, start, end = (
        sites[name].to_numpy() for name in ("sequence", "start", "end")
    )
    is_outside = (sequence < 0) | (sequence >= n) | (end > length) | (start < 0)
    if is_outside.any():
        one = int(is_outside.argmax())
        raise ValueError(
            f"`only_sites` must lie in the {n} sequences of length {length}. Received "
            f"sequence {sequence[one]}, {start[one]} to {end[one]}, in row {one}."
        )
    edges = np.zeros((n, length + 1), np.int64)
    np.add.at(edges, (sequence, start), 1)
    np.add.at(edges, (sequence, end), -1)
    return np.asarray(np.cumsum(edges, axis=1)[:, :length] > 0)


def _checked(window: Any, length: int) -> tuple[int, int]:
    if window is None:
        return 0, length
    is_pair = isinstance(window, tuple | list) and len(window) == 2
    if (
        not is_pair
        or not all(
            isinstance(x, int | np.integer) and not isinstance(x, bool) for x in window
        )
        or not 0 <= window[0] < window[1] <= length
    ):
        raise ValueError(
            "`window` must be (first, behind the last), two positions with "
            f"0 <= first < behind <= {length}. Received {window!r}."
        )
    return int(window[0]), int(window[1])
