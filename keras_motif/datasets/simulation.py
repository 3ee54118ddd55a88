"""The study's simulated sequences: motifs of twelve factors in random DNA."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif.datasets.splits import Split, Splits
from keras_motif.motifs import Motif, load_jaspar

__all__ = [
    "SYNTHETIC_FACTORS",
    "draw_bases",
    "implanted_motifs",
    "split_parts",
    "synthetic",
]

Array = np.ndarray[Any, Any]

# The matrices that are implanted, one per label, all of JASPAR 2016.
_MATRIX_IDS = {
    "Arid3a": "MA0151.1",
    "CEBPB": "MA0466.2",
    "FOSL1": "MA0477.1",
    "Gabpa": "MA0062.2",
    "MAFK": "MA0496.1",
    "MAX": "MA0058.3",
    "MEF2A": "MA0052.3",
    "NFYB": "MA0502.1",
    "SP1": "MA0079.3",
    "SRF": "MA0083.3",
    "STAT1": "MA0137.3",
    "YY1": "MA0095.2",
}

SYNTHETIC_FACTORS: dict[str, tuple[str, ...]] = {
    "Arid3a": ("MA0151", "MA0601"),
    "CEBPB": ("MA0466",),
    "FOSL1": ("MA0477",),
    "Gabpa": ("MA0062",),
    "MAFK": ("MA0496",),
    "MAX": ("MA0058",),
    "MEF2A": ("MA0052",),
    "NFYB": ("MA0502", "MA0060"),
    "SP1": ("MA0079",),
    "SRF": ("MA0083",),
    "STAT1": ("MA0137", "MA0660", "MA0773"),
    "YY1": ("MA0095",),
}
"""The twelve factors and the matrices that count as a match of each, by base id.

Source: the released code of Koo & Ploenzke, whose list this is (MA0660 and MA0773
stand under STAT1 there); without PB0001, which JASPAR's CORE collection lacks.
"""

# Cumulative chances of one to five motifs in a sequence.
_NUM_MOTIFS = np.array([0.5, 0.75, 0.92, 0.97])
_MAX_MOTIFS = 5
_SHARES = (0.7, 0.8)  # ends of the training and of the validation part


def synthetic(
    num_sequences: int = 30_000, *, length: int = 200, seed: int = 33
) -> Splits:
    """Simulate the study's multi-label data: which of twelve factors bind here.

    Each sequence holds one to five motifs (50, 25, 17, 5 and 3 %), drawn from
    twelve JASPAR 2016 matrices and their reverse complements with random gaps
    between; all else is uniform. Label k says whether factor k's motif is there, on
    either strand. Deterministic by seed: the distribution of the released file, not
    its bits.

    Source: Koo & Ploenzke (2019), bioRxiv 650804, Methods.

    Args:
        num_sequences: How many, 10 or more; 70 % train, 10 % validate, 20 % test.
        length: Bases per sequence, 100 or more, so that five motifs fit.
        seed: Seed of the random numbers.

    Returns:
        Train, valid and test, each with `x` `(n, length, 4)` int8, `y` `(n, 12)` int8
        in the order of `SYNTHETIC_FACTORS`, `model` `(n, length, 4)` float32, and
        `label_names`.

    Raises:
        ValueError: Too few or too short sequences.
    """
    if num_sequences < 10:
        raise ValueError(
            "`num_sequences` must be 10 or more, for three parts. Received "
            f"{num_sequences}."
        )
    if length < 100:
        raise ValueError(
            f"`length` must be 100 or more, so that five motifs fit. Received {length}."
        )
    random = np.random.default_rng(seed)
    pool = _motif_pool()
    widths = np.array([len(matrix) for matrix in pool])
    chosen = _choose_motifs(random, num_sequences, widths, length)
    starts = _place_motifs(random, chosen, widths, length)
    model = np.full((num_sequences, length, 4), 0.25, dtype=np.float32)
    for index, matrix in enumerate(pool):
        rows, slots = np.nonzero(chosen == index)
        columns = starts[rows, slots][:, None] + np.arange(len(matrix))
        model[rows[:, None], columns] = matrix
    x = draw_bases(random, model)
    factors = len(_MATRIX_IDS)
    y = np.zeros((num_sequences, factors), dtype=np.int8)
    rows, slots = np.nonzero(chosen >= 0)
    y[rows, chosen[rows, slots] % factors] = 1
    return split_parts(x, y, model, tuple(SYNTHETIC_FACTORS))


def implanted_motifs() -> dict[str, Motif]:
    """Return the motifs that `synthetic` implants, by factor.

    Returns:
        Twelve motifs of JASPAR 2016 under their matrix ids, in the order of
        `SYNTHETIC_FACTORS`; their reverse complements are implanted too.
    """
    motifs = {motif.name: motif for motif in load_jaspar("JASPAR2016")}
    return {factor: motifs[name] for factor, name in _MATRIX_IDS.items()}


def split_parts(x: Array, y: Array, model: Array, names: tuple[str, ...]) -> Splits:
    """Return the first 70 % to train, the next 10 % to validate, the rest to test."""
    ends = [round(share * len(x)) for share in _SHARES]
    parts = zip(
        np.split(x, ends), np.split(y, ends), np.split(model, ends), strict=True
    )
    return Splits(*(Split(*arrays, names) for arrays in parts))


def _motif_pool() -> list[Array]:
    """Return the twelve matrices, then their reverse complements."""
    forward = list(implanted_motifs().values())
    both = [*forward, *(motif.reverse_complement() for motif in forward)]
    return [motif.frequencies for motif in both]


def _choose_motifs(
    random: np.random.Generator, num_sequences: int, widths: Array, length: int
) -> Array:
    """Draw each sequence's motifs: `(n, 5)`, indices into the pool, -1 for none."""
    chosen = np.full((num_sequences, _MAX_MOTIFS), -1)
    pending = np.arange(num_sequences)
    while pending.size:
        drawn = random.integers(len(widths), size=(pending.size, _MAX_MOTIFS))
        counts = 1 + np.searchsorted(_NUM_MOTIFS, random.random(pending.size))
        drawn[np.arange(_MAX_MOTIFS) >= counts[:, None]] = -1
        chosen[pending] = drawn
        pending = pending[_widths(drawn, widths).sum(axis=1) > length]
    return chosen


def _widths(chosen: Array, widths: Array) -> Array:
    return np.where(chosen >= 0, widths[chosen], 0)


def _place_motifs(
    random: np.random.Generator, chosen: Array, widths: Array, length: int
) -> Array:
    """Return where each motif starts, `(n, 5)`.

    The gaps before, between and after the motifs are uniform numbers scaled to the
    bases that remain and rounded, drawn again until they fill them exactly.
    """
    taken = _widths(chosen, widths)
    counts = (chosen >= 0).sum(axis=1)
    remaining = length - taken.sum(axis=1)
    gaps = np.zeros((len(chosen), _MAX_MOTIFS + 1), dtype=np.int64)
    pending = np.arange(len(chosen))
    while pending.size:
        drawn = random.random((pending.size, _MAX_MOTIFS + 1))
        drawn[np.arange(_MAX_MOTIFS + 1) > counts[pending, None]] = 0
        scale = remaining[pending] / drawn.sum(axis=1)
        gaps[pending] = np.rint(drawn * scale[:, None]).astype(np.int64)
        pending = pending[gaps[pending].sum(axis=1) != remaining[pending]]
    ends = (gaps[:, :-1] + taken).cumsum(axis=1)
    return np.asarray(ends - taken)


def draw_bases(random: np.random.Generator, model: Array) -> Array:
    """Draw one base per position from the frequencies: `(n, length, 4)`, int8."""
    draws = random.random(model.shape[:2], dtype=np.float32)
    codes = np.zeros(model.shape[:2], dtype=np.int8)
    bound = np.zeros(model.shape[:2], dtype=np.float32)
    for base in range(3):
        bound += model[..., base]
        codes += draws >= bound
    return np.asarray(np.eye(4, dtype=np.int8)[codes])
