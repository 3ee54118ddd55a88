import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_motif.motifs.counts import column_shares, whole_counts


def test_empty_columns_are_uniform():
    assert column_shares(np.array([[3, 1, 0, 0], [0, 0, 0, 0]])).tolist() == [
        [0.75, 0.25, 0, 0],
        [0.25, 0.25, 0.25, 0.25],
    ]


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 10_000))
def test_whole_counts_are_near_and_sum_up(seed, width, total):
    frequencies = np.random.default_rng(seed).dirichlet([0.4] * 4, width)
    counts = whole_counts(frequencies, total)
    assert counts.dtype == np.int64
    assert (counts >= 0).all()
    assert (counts.sum(axis=1) == total).all()
    assert (np.abs(counts - frequencies * total) < 1).all()
    np.testing.assert_array_equal(whole_counts(counts / total, total), counts)
