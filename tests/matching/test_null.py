from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.matching._null import _SpanTails


@settings(max_examples=50, deadline=None)
@given(
    width=st.integers(1, 5),
    longest=st.integers(1, 5),
    num_columns=st.integers(1, 40),
    num_depths=st.integers(1, 260),
    lowest=st.integers(0, 100),
    seed=st.integers(0, 2**32 - 1),
)
def test_tails_equal_exact_fractions(
    width, longest, num_columns, num_depths, lowest, seed
):
    random = np.random.default_rng(seed)
    depths = random.integers(0, 101 - lowest, (width, num_columns))
    longest = min(width, longest)
    tails = _SpanTails(depths, longest, num_depths)
    for end in range(width):
        for first in range(max(end + 1 - longest, 0), end + 1):
            chances = {0: Fraction(1)}
            for row in depths[first : end + 1].tolist():
                following = {}
                for total, chance in chances.items():
                    for depth in row:
                        share = chance / num_columns
                        key = total + depth
                        following[key] = following.get(key, 0) + share
                chances = following
            span = np.array([end]), np.array([end - first + 1])
            for depth in {0, num_depths // 2, num_depths - 1}:
                exact = sum(x for total, x in chances.items() if total <= depth)
                # Sums of positive terms: relative precision, however small.
                found = tails.at(*span, np.array([depth]))[0]
                assert found == pytest.approx(float(exact), rel=1e-12, abs=0)


def test_tails_keep_their_precision_far_down():
    # One column in 1000 has the highest score, so 30 columns have 1e-90.
    depths = np.full((30, 1000), 50)
    depths[:, 0] = 0
    tails = _SpanTails(depths, 30, 10)
    found = tails.at(np.array([29]), np.array([30]), np.array([0]))[0]
    assert found == pytest.approx(1e-90, rel=1e-12, abs=0)
