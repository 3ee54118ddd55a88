"""Simulated pairs of motifs."""

import numpy as np
import pytest

import keras_motif as km
from keras_motif.datasets import SYNTHETIC_PAIRS, implanted_sites, synthetic_pairs


def test_labels_tell_the_distance_of_the_pair():
    split = synthetic_pairs(700, seed=1).train
    assert split.x.shape == (490, 200, 4)
    assert split.y.shape == (490, 4)
    assert split.label_names == tuple(SYNTHETIC_PAIRS)
    assert (split.x.sum(axis=2) == 1).all()
    sites = implanted_sites(split.model)
    gaps = {True: [], False: []}
    strands = set()
    for row, found in sites.groupby("sequence"):
        order = found.sort_values("start")
        strand = order["strand"].iloc[0]
        # A motif that is its own reverse complement is "+" on either.
        strands.add(strand)
        factors = list(order["factor"])
        name = "-".join(factors)
        turned = name not in SYNTHETIC_PAIRS
        name = "-".join(factors[::-1]) if turned else name
        assert name in SYNTHETIC_PAIRS
        gap = order["start"].iloc[1] - order["end"].iloc[0]
        label = split.y[row, list(SYNTHETIC_PAIRS).index(name)]
        assert split.y[row].sum() == label
        assert (gap == SYNTHETIC_PAIRS[name].gap) == bool(label)
        if not label:
            assert abs(gap - SYNTHETIC_PAIRS[name].gap) >= 3
        gaps[bool(label)].append(gap)
    assert strands == {"+", "-"}
    assert 0.4 < len(gaps[True]) / 490 < 0.6
    assert max(gaps[False]) <= 40


def test_bases_are_drawn_from_the_model():
    split = synthetic_pairs(400).train
    expected = split.model[split.x == 1].mean()
    assert expected == pytest.approx((split.model**2).sum(axis=2).mean(), abs=0.01)


def test_the_seed_decides():
    one, same, other = (synthetic_pairs(20, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.train.x, same.train.x)
    assert (one.train.x != other.train.x).any()


def test_too_few_or_too_short():
    with pytest.raises(ValueError, match="`num_sequences` must be 10 or more"):
        km.datasets.synthetic_pairs(9)
    with pytest.raises(ValueError, match="`length` must be 100 or more"):
        km.datasets.synthetic_pairs(20, length=99)
