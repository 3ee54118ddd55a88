import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.matching import _tomtom as tomtom
from keras_motif.matching._targets import pool_targets
from keras_motif.matching.column_scores import DISTANCES
from support import oracle_tomtom as oracle

UNIFORM = np.full(4, 0.25)
A, C = np.array([[1.0, 0, 0, 0]]), np.array([[0, 1.0, 0, 0]])


def random_motif(random, width, concentration=0.6):
    return random.dirichlet(np.full(4, concentration), width)


def compare(query, targets, *, sites=20.0, target_sites=None, **options):
    """Compare one query; targets are named t0, t1, ..."""
    names = [f"t{index}" for index in range(len(targets))]
    pool = pool_targets(
        targets,
        target_sites or [20.0] * len(targets),
        names,
        reverse_complement=options.pop("reverse_complement", True),
    )
    options = {"background": UNIFORM, **options}
    return next(tomtom.compare([query], [sites], pool, **options))


def test_a_column_against_two_is_as_worked_out_by_hand():
    # Scores 0 and -sqrt(2); the lower of the two is their median. Less it, sqrt(2)
    # and 0 make floor(100 / sqrt(2)) = 70 bins a unit: 99 and 0, 0 in bin 0.
    # Half of the columns reach 99, all reach 0.
    found = compare(A, [A, C], reverse_complement=False)
    assert found.p_values.tolist() == [0.5, 1.0]
    assert found.e_values.tolist() == [1.0, 2.0]
    assert found.q_values.tolist() == [1.0, 1.0]
    assert found.offsets.tolist() == [0, 0]
    assert found.overlaps.tolist() == [1, 1]
    assert found.p_values.dtype == found.q_values.dtype == np.float32


def test_both_strands_double_the_chances_as_worked_out_by_hand():
    # The pool is A, T, C, G: a quarter reaches 99; 1 - (3/4)^2 on two strands.
    found = compare(A, [A, C])
    assert found.p_values.tolist() == [0.4375, 1.0, 1.0, 1.0]
    assert found.e_values.tolist() == [0.875, 2.0, 2.0, 2.0]


def test_among_equals_the_plus_strand_comes_first_then_the_name():
    found = compare(A, [C, C, A])
    # Entries: C+ C- C+ C- A+ A-; only A+ is better than the rest.
    assert found.order.tolist() == [4, 0, 2, 1, 3, 5]
    # Of each target the better strand, in that order.
    assert found.hits(10.0).tolist() == [4, 0, 2]


@pytest.mark.parametrize("criterion", ["evalue", "qvalue", "pvalue"])
def test_values_at_the_threshold_are_kept(criterion):
    found = compare(A, [A, C], reverse_complement=False)
    at = {"evalue": 1.0, "qvalue": 1.0, "pvalue": 0.5}[criterion]
    assert 0 in found.hits(at, criterion)
    assert found.hits(at - 1e-6, criterion).size == 0


def test_a_value_printed_as_the_threshold_is_at_the_threshold():
    found = compare(A, [A, C], reverse_complement=False)
    found = found._replace(p_values=np.array([0.1, 1.0], dtype=np.float32))
    assert float(found.p_values[0]) > 0.1
    assert found.hits(0.1, "pvalue").tolist() == [0]


def test_equal_scores_everywhere_match_everything_by_chance():
    flat = np.full((3, 4), 0.25)
    found = compare(flat, [flat, flat[:2]])
    assert (found.p_values == 1).all()
    assert found.overlaps.tolist() == [3, 3, 2, 2]


def test_ties_go_to_the_larger_overlap_then_to_the_first_alignment():
    flat = np.full((2, 4), 0.25)
    found = compare(flat, [np.full((4, 4), 0.25), flat])
    # The query first covers the wider target when it begins with it.
    assert found.offsets[[0, 2]].tolist() == [0, 0]
    assert found.overlaps[[0, 2]].tolist() == [2, 2]


def test_the_pseudocount_takes_whole_sites_and_20_where_unknown():
    row = np.array([[1.0, 0, 0, 0]])
    smoothed = tomtom.smooth(row, 9.9, 1.0, UNIFORM)
    np.testing.assert_allclose(smoothed, [[0.925, 0.025, 0.025, 0.025]])
    unknown = tomtom.smooth(row, 0.0, 0.1, UNIFORM)
    assert unknown[0, 1] == pytest.approx(0.025 / 20.1)
    assert tomtom.smooth(row, 9.0, 0.0, UNIFORM) is row


def test_the_background_becomes_equal_on_both_strands_and_nowhere_0():
    found = tomtom.smooth_background(np.array([0.5, 0.0, 0.0, 0.5]))
    expected = np.array([0.5 + 5e-7, 5e-7, 5e-7, 0.5 + 5e-7]) / (1 + 2e-6)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    lopsided = tomtom.smooth_background(np.array([0.4, 0.1, 0.2, 0.3]))
    np.testing.assert_allclose(lopsided, [0.35, 0.15, 0.15, 0.35], atol=1e-6)


OPTIONS = [
    {},
    {"min_overlap": 3},
    {"min_overlap": 100},
    {"internal": True},
    {"reverse_complement": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("distance", DISTANCES)
def test_every_distance_equals_the_slow_version(distance, options):
    random = np.random.default_rng(sum(map(ord, distance)))
    for width in (1, 4, 5):
        query = random_motif(random, width)
        lengths = (1, 3, 4, 6) if width == 4 else (1, 2)
        targets = [random_motif(random, length) for length in lengths]
        sites = [5.0, 12.0, 7.5, 20.0][: len(lengths)]
        background = tomtom.smooth_background(np.array([0.3, 0.2, 0.2, 0.3]))
        found = compare(
            query,
            targets,
            sites=9.0,
            target_sites=sites,
            distance=distance,
            background=background,
            **options,
        )
        expected = oracle.compare(
            query,
            9.0,
            targets,
            sites,
            distance=distance,
            background=background.tolist(),
            **options,
        )
        p, offsets, overlaps = zip(*expected, strict=True)
        # float32 rounds at 6e-8.
        np.testing.assert_allclose(found.p_values, p, rtol=1e-7)
        assert found.offsets.tolist() == list(offsets)
        assert found.overlaps.tolist() == list(overlaps)


motifs = st.builds(
    lambda seed, width: random_motif(np.random.default_rng(seed), width),
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
)


@settings(max_examples=40, deadline=None)
@given(
    query=motifs,
    targets=st.lists(motifs, min_size=1, max_size=8),
    distance=st.sampled_from(list(DISTANCES)),
    reverse_complement=st.booleans(),
)
def test_values_are_lawful(query, targets, distance, reverse_complement):
    found = compare(
        query, targets, distance=distance, reverse_complement=reverse_complement
    )
    p, q = found.p_values.astype(float), found.q_values
    assert ((p >= 0) & (p <= 1)).all()
    assert ((q >= 0) & (q <= 1)).all()
    np.testing.assert_array_equal(found.e_values, p * len(targets))
    assert (np.diff(p[found.order]) >= 0).all()
    assert (np.diff(q[found.order]) >= 0).all()
    assert sorted(found.order) == list(range(len(p)))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 12),
    num_others=st.integers(0, 12),
    distance=st.sampled_from(["ed", "pearson"]),
)
def test_no_target_of_its_width_beats_a_motifs_own_copy(
    seed, width, num_others, distance
):
    random = np.random.default_rng(seed)
    query = random_motif(random, width)
    others = [random_motif(random, width) for _ in range(num_others)]
    found = compare(query, [*others, query], distance=distance)
    assert found.p_values[2 * num_others] == found.p_values.min()


@settings(max_examples=40, deadline=None)
@given(
    query=motifs,
    targets=st.lists(motifs, min_size=1, max_size=8),
    distance=st.sampled_from(list(DISTANCES)),
)
def test_the_querys_other_strand_finds_the_targets_other_strand(
    query, targets, distance
):
    found = compare(query, targets, distance=distance)
    turned = compare(query[::-1, ::-1], targets, distance=distance)
    other = np.arange(2 * len(targets)).reshape(-1, 2)[:, ::-1].ravel()
    np.testing.assert_allclose(turned.p_values[other], found.p_values, rtol=1e-6)
    differ = np.abs(np.diff(found.p_values.reshape(-1, 2))).ravel() > 1e-5
    strands, swapped = (np.sort(x.hits(np.inf)) % 2 for x in (found, turned))
    assert (strands[differ] != swapped[differ]).all()


@given(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30))
def test_the_median_is_the_lower_one_of_an_even_number(row):
    ordered = sorted(row)
    low, high = max(len(row) // 2 - 1, 0), max(-(-len(row) // 2) - 1, 0)
    assert tomtom._tomtom_median(np.array(row)) == (ordered[low] + ordered[high]) / 2
