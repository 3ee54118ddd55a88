import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_motif.motifs.counts import column_shares
from keras_motif.motifs.motif import Motif
from keras_motif.motifs.overlap import known_columns, motif_overlap
from support import oracles
from support.motif_examples import motif_of

HALF = [0.5, 0.5, 0, 0]  # 1 bit
FLAT = [0.25] * 4
A = [1, 0, 0, 0]

# Counts of four bases; of none, and the column is uniform.
counts = arrays(
    np.float64, st.tuples(st.integers(1, 9), st.just(4)), elements=st.integers(0, 5)
)


@st.composite
def alignments(draw):
    query, target = (Motif(column_shares(draw(counts))) for _ in range(2))
    offset = draw(st.integers(1 - query.width, target.width - 1))
    return query, target, offset


def known_bits(motif):
    return known_columns(motif).bits


def test_few_sites_are_known_to_say_less():
    column = [A, HALF]
    assert known_bits(Motif(column)).tolist() == [2, 1]
    # 3 / (2 n ln 2): .0216 bits of 100 sites, 2.16 of a single one.
    many = known_bits(Motif(column, num_sites=100))
    assert many == pytest.approx([2 - 0.0216404, 1 - 0.0216404], abs=1e-6)
    assert known_bits(Motif(column, num_sites=1)).tolist() == [0, 0]
    two = known_bits(Motif(column, num_sites=2))
    assert two == pytest.approx([2 - 0.75 / math.log(2), 0])
    # Other programs write 0 where they don't know.
    assert known_bits(Motif(column, num_sites=0)).tolist() == [2, 1]


def test_random_bases_look_as_informative_as_is_taken_off():
    # The approximation leaves out terms of 1 / n^2: 2 % at 50 sites.
    counts = np.random.default_rng(0).multinomial(50, FLAT, size=20_000)
    bits = Motif(counts / 50).information()
    taken_off = 2 - known_bits(Motif([A], num_sites=50))[0]
    assert bits.mean() == pytest.approx(taken_off, rel=0.05)


def test_shared_columns_are_as_counted_by_hand():
    query = Motif([A, HALF, FLAT, A])  # 2 1 0 2
    target = Motif([FLAT, HALF, A, A, A])  # 0 1 2 2 2
    aligned = motif_overlap(query, target, 1)  # 1 2 2 2 below 2 1 0 2
    assert aligned[:4] == (4, 1.0, 1.0, 1 + 1 + 0 + 2)
    before = motif_overlap(query, target, -2)  # 0 1 below 0 2
    assert before[:4] == (2, 1 / 7, 2 / 5, 0 + 1)
    behind = motif_overlap(query, target, 3)  # 2 2 below 2 1
    assert behind[:4] == (2, 4 / 7, 3 / 5, 2 + 1)
    inside = motif_overlap(Motif([A]), target, 2)
    assert inside == (1, 2 / 7, 1.0, 2, 0)


@pytest.mark.parametrize(
    ("first", "second", "bits"),
    [
        (A, A, 0),
        (FLAT, FLAT, 0),
        (A, [0, 1, 0, 0], 2),  # no base in common
        (HALF, [0, 0, 0.5, 0.5], 2),
        # The mean of A and A or C is 3/4, 1/4: log2 4/3 of A, and of the other
        # 1/2 log2 2/3 + 1/2 log2 2.
        (A, HALF, math.log2(4 / 3) + 0.5 * math.log2(2 / 3) + 0.5),
        # The mean of A and of no base is 5/8, 1/8, 1/8, 1/8.
        (A, FLAT, math.log2(8 / 5) + 0.25 * math.log2(2 / 5) + 0.75),
    ],
)
def test_differing_bits_are_as_counted_by_hand(first, second, bits):
    for pair in ((first, second), (second, first)):
        query, target = (Motif([column]) for column in pair)
        assert motif_overlap(query, target, 0).differing_bits == pytest.approx(bits)
        twice = motif_overlap(Motif([pair[0]] * 2), Motif([pair[1]] * 2), 0)
        assert twice.differing_bits == pytest.approx(2 * bits)


def test_few_sites_differ_by_chance():
    # 3 / (4 n ln 2) of each: .1082 at 10 sites, .0216 at 50.
    query, target = Motif([A, A], num_sites=10), Motif([HALF, A], num_sites=50)
    plain = motif_overlap(Motif([A, A]), Motif([HALF, A]), 0).differing_bits
    found = motif_overlap(query, target, 0).differing_bits
    assert found == pytest.approx(plain - 0.1082021 - 0.0216404)


def test_samples_differ_from_their_source_by_what_is_taken_off():
    # The approximation leaves out terms of 1 / n^2: below 1 % at 500 sites.
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    counts = np.random.default_rng(0).multinomial(500, shares, size=20_000)
    sample, source = Motif(counts / 500), Motif(np.tile(shares, (20_000, 1)))
    mean = motif_overlap(sample, source, 0).differing_bits / 20_000
    taken_off = known_columns(Motif([A], num_sites=500)).chance_bits / 2
    assert mean == pytest.approx(taken_off, rel=0.02)


def test_the_other_strand_is_the_target_backwards():
    query, target = motif_of("ACG"), Motif([A, A, A, FLAT, FLAT])
    assert motif_overlap(query, target, 0).shared_bits == 6
    assert motif_overlap(query, target, 0, "-").shared_bits == 2
    backwards = target.reverse_complement()
    for offset in range(-2, 5):
        ours = motif_overlap(query, target, offset, "-")
        assert ours == motif_overlap(query, backwards, offset)


def test_a_motif_that_says_nothing_shares_nothing():
    flat = Motif([FLAT] * 4)
    assert motif_overlap(flat, flat, 0) == (4, 0, 0, 0, 0)


@given(alignments(), st.sampled_from("+-"))
def test_it_equals_the_obvious_version(alignment, orientation):
    query, target, offset = alignment
    columns = query.frequencies.tolist(), target.frequencies.tolist()
    slow = oracles.motif_overlap(*columns, offset, orientation)
    fast = motif_overlap(query, target, offset, orientation)
    assert fast == pytest.approx(slow, abs=1e-9)


@given(alignments())
def test_shares_lie_within_their_bounds_and_exchange(alignment):
    query, target, offset = alignment
    found = motif_overlap(query, target, offset)
    whole = [motif.information().sum() for motif in (query, target)]
    assert 0 <= found.shared_bits <= min(whole) + 1e-9
    assert 0 <= found.differing_bits <= 2 * found.columns + 1e-9
    assert 0 <= found.target_coverage <= 1
    assert 0 <= found.query_coverage <= 1
    other = motif_overlap(target, query, -offset)
    swapped = (other.columns, other.query_coverage, other.target_coverage)
    assert (*swapped, *other[3:]) == pytest.approx(found)


@given(alignments())
def test_both_turned_round_share_the_same(alignment):
    query, target, offset = alignment
    ends = target.width - offset - query.width
    turned = motif_overlap(query.reverse_complement(), target, ends, "-")
    assert turned == pytest.approx(motif_overlap(query, target, offset), abs=1e-9)


@pytest.mark.parametrize("offset", [-3, 5])
def test_motifs_that_do_not_overlap_are_refused(offset):
    with pytest.raises(ValueError, match="`offset` must lie between -2 and 4, .*were"):
        motif_overlap(motif_of("ACG"), motif_of("ACGTA"), offset)


def test_another_orientation_is_refused():
    with pytest.raises(ValueError, match='`orientation` must be "\\+" or "-". Rec.*1'):
        motif_overlap(motif_of("A"), motif_of("A"), 0, 1)
