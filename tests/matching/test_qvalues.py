import numpy as np
import pytest

from keras_motif.matching.qvalues import Bootstrap, benjamini_hochberg
from support import oracle_tomtom as oracle


def test_q_values_of_the_smallest_p_values_know_how_many_tests_there_were():
    found = benjamini_hochberg(np.array([0.03, 0.001, 0.03]), num_tests=10)
    assert found.tolist() == pytest.approx([0.1, 0.01, 0.1], rel=1e-12)
    assert benjamini_hochberg(np.array([0.5, 0.9]), num_tests=10).tolist() == [1, 1]
    assert benjamini_hochberg(np.array([])).size == 0


def test_q_values_equal_the_slow_version_from_query_to_query():
    random = np.random.default_rng(0)
    bootstrap, uniform = Bootstrap(150), oracle.twister()
    for power in (1, 3):
        p = np.sort(random.random(150) ** power).astype(np.float32)
        shuffled = random.permutation(150)
        p_values = np.empty_like(p)
        p_values[shuffled] = p
        found = bootstrap.q_values(p_values, shuffled, bootstrap.draws())
        expected = oracle.q_values(p.astype(float).tolist(), uniform)
        np.testing.assert_allclose(found[shuffled], expected, rtol=1e-7)


def test_few_p_values_count_as_all_null():
    p = np.linspace(0, 1, 100, dtype=np.float32)
    few = Bootstrap(100)
    found = few.q_values(p, np.arange(100), few.draws())
    expected = oracle.q_values(p.astype(float).tolist(), None)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_q_values_are_finite_where_every_p_value_is_tiny():
    p = np.full(200, 1e-4, dtype=np.float32)
    many = Bootstrap(200)
    found = many.q_values(p, np.arange(200), many.draws())
    assert found.tolist() == p.tolist()
