"""Shuffles that keep the counts of neighbouring pairs."""

from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

import keras_motif as km


def pairs(string):
    return Counter(pairwise(string))


def every_shuffle(string):
    """Return all strings with the same pairs and the same ends, by enumeration."""
    middles = set(permutations(string[1:-1]))
    all_strings = {string[0] + "".join(m) + string[-1] for m in middles}
    return sorted(s for s in all_strings if pairs(s) == pairs(string))


@pytest.mark.parametrize("string", ["AACAGATA", "ACGCACTG", "AAAACAC", "ANCANGCA"])
def test_every_shuffle_is_equally_likely(string):
    expected = every_shuffle(string)
    num = 400 * len(expected)
    shuffled = km.dinucleotide_shuffle(km.one_hot(string), num, seed=1)[0]
    counts = Counter(km.from_one_hot(shuffled))
    assert sorted(counts) == expected
    observed = [counts[s] for s in expected]
    assert len(expected) > 1
    # One seed, so one draw: far beyond this it would be no chance.
    assert stats.chisquare(observed).pvalue > 1e-3


def test_pairs_and_ends_stay(sequences):
    shuffled = km.dinucleotide_shuffle(sequences, 2)
    assert shuffled.shape == (64, 2, 60, 4)
    assert shuffled.dtype == sequences.dtype
    originals = km.from_one_hot(sequences)
    for original, both in zip(originals, shuffled, strict=True):
        for string in km.from_one_hot(both):
            assert pairs(string) == pairs(original)
            assert (string[0], string[-1]) == (original[0], original[-1])


def test_the_seed_fixes_the_shuffles(sequences):
    first = km.dinucleotide_shuffle(sequences, seed=3)
    np.testing.assert_array_equal(first, km.dinucleotide_shuffle(sequences, seed=3))
    assert (first != km.dinucleotide_shuffle(sequences, seed=4)).any()
    assert (first[:, 0] != sequences).any()


def test_errors(sequences):
    with pytest.raises(ValueError, match=r"`num` must be .* Received 0"):
        km.dinucleotide_shuffle(sequences, 0)
    with pytest.raises(ValueError, match="must be one-hot"):
        km.dinucleotide_shuffle(sequences * 2)
    with pytest.raises(ValueError, match=r"\(n, length, 4\)"):
        km.dinucleotide_shuffle(sequences[0])
