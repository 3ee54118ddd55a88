"""Simulated sequences whose labels are pairs of motifs at a fixed distance."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_motif.datasets.simulation import draw_bases, implanted_motifs, split_parts
from keras_motif.datasets.splits import Splits
from keras_motif.motifs import Motif

__all__ = ["SYNTHETIC_PAIRS", "MotifPair", "synthetic_pairs"]

Array = np.ndarray[Any, Any]

_WIDEST_GAP = 40
_NEAREST = 3  # bases between the gap of a pair and those of motifs apart


class MotifPair(NamedTuple):
    """Two factors whose motifs stand together.

    Attributes:
        first: The factor whose motif comes first.
        second: The other.
        gap: Bases between the two motifs.
    """

    first: str
    second: str
    gap: int


SYNTHETIC_PAIRS: dict[str, MotifPair] = {
    "CEBPB-Gabpa": MotifPair("CEBPB", "Gabpa", 4),
    "FOSL1-YY1": MotifPair("FOSL1", "YY1", 7),
    "MAX-STAT1": MotifPair("MAX", "STAT1", 10),
    "MEF2A-SP1": MotifPair("MEF2A", "SP1", 13),
}
"""The pairs that are implanted, one per label, and how many bases lie between."""


def synthetic_pairs(
    num_sequences: int = 20_000, *, length: int = 200, seed: int = 33
) -> Splits:
    """Simulate pairs of motifs at a fixed distance: do deeper filters read as pairs?

    Each sequence holds both motifs of one pair, in order, on a strand drawn at random;
    all else is uniform. In half of them they stand at the pair's distance, and its
    label is 1. In the others the gap is another one of up to 40 bases, at least 3 off,
    and all labels are 0: which motifs are there doesn't tell the label, their distance
    does. `implanted_sites` finds the motifs. Deterministic by seed.

    Args:
        num_sequences: How many, 10 or more; 70 % train, 10 % validate, 20 % test.
        length: Bases per sequence, 100 or more.
        seed: Seed of the random numbers.

    Returns:
        Train, valid and test, each with `x` `(n, length, 4)` int8, `y` `(n, 4)` int8 in
        the order of `SYNTHETIC_PAIRS`, `model` `(n, length, 4)` float32, and
        `label_names`.

    Raises:
        ValueError: Too few or too short sequences.

    Example:
        >>> synthetic_pairs(100).train.y.shape
        (70, 4)
    """
    if num_sequences < 10:
        raise ValueError(
            "`num_sequences` must be 10 or more, for three parts. Received "
            f"{num_sequences}."
        )
    if length < 100:
        raise ValueError(
            f"`length` must be 100 or more, so that both motifs and the widest gap "
            f"fit. Received {length}."
        )
    random = np.random.default_rng(seed)
    known = implanted_motifs()
    pairs = list(SYNTHETIC_PAIRS.values())
    chosen = random.integers(len(pairs), size=num_sequences)
    together = random.integers(2, size=num_sequences).astype(bool)
    reversed_ = random.integers(2, size=num_sequences).astype(bool)
    model = np.full((num_sequences, length, 4), 0.25, dtype=np.float32)
    for row, pair in enumerate(pairs[index] for index in chosen):
        gap = pair.gap if together[row] else _other_gap(random, pair.gap)
        block = _block(known[pair.first], known[pair.second], gap)
        start = random.integers(length - len(block) + 1)
        model[row, start : start + len(block)] = block
    model[reversed_] = model[reversed_][:, ::-1, ::-1]
    y = np.zeros((num_sequences, len(pairs)), dtype=np.int8)
    y[np.flatnonzero(together), chosen[together]] = 1
    return split_parts(draw_bases(random, model), y, model, tuple(SYNTHETIC_PAIRS))


def _other_gap(random: np.random.Generator, gap: int) -> int:
    gaps = [x for x in range(_WIDEST_GAP + 1) if abs(x - gap) >= _NEAREST]
    return int(random.choice(gaps))


def _block(first: Motif, second: Motif, gap: int) -> Array:
    between = np.full((gap, 4), 0.25)
    return np.concatenate([first.frequencies, between, second.frequencies])
