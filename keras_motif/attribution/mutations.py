"""In-silico mutagenesis: what the score becomes when one base is another."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.attribution._network import OutputLike
from keras_motif.attribution._run import Array, opened

__all__ = ["mutagenesis"]


def mutagenesis(
    model: Any,
    sequences: Any,
    *,
    window: tuple[int, int] | None = None,
    output: OutputLike = None,
    logits: bool = True,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return how the score changes when each base is put in place of the one there.

    One pass for each base that is not there, 3 x length for a sequence without N.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        window: First position and the one behind the last to be changed; None for all.
        output: As in `saliency`.
        logits: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.

    Returns:
        Array of shape `(n, length, 4)`, float32, in units of the score: 0 at the base
        that is there and outside of the window.

    Raises:
        ValueError: As `saliency`, gradients aside; a window outside of the sequences.
        TypeError: As `saliency`.
    """
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        x = run.sequences
        start, stop = _checked(window, x.shape[1])
        row, position, base = np.nonzero(x[:, start:stop] == 0)
        position = position + start

        def mutants(part: Array) -> Array:
            batch = x[row[part]]
            batch[np.arange(len(part)), position[part]] = 0
            batch[np.arange(len(part)), position[part], base[part]] = 1
            return batch

        original = run.predict(len(x), lambda part: x[part])
        changes = np.zeros(x.shape, np.float32)
        changes[row, position, base] = run.predict(len(row), mutants) - original[row]
        return changes


def _checked(window: Any, length: int) -> tuple[int, int]:
    if window is None:
        return 0, length
    is_pair = isinstance(window, tuple | list) and len(window) == 2
    if (
        not is_pair
        or not all(isinstance(x, int) and not isinstance(x, bool) for x in window)
        or not 0 <= window[0] < window[1] <= length
    ):
        raise ValueError(
            "`window` must be (first, behind the last), two positions with "
            f"0 <= first < behind <= {length}. Received {window!r}."
        )
    return int(window[0]), int(window[1])
