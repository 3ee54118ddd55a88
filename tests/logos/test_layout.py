import numpy as np
import pytest

from keras_motif.logos.layout import align, layout_letters, oriented
from keras_motif.motifs.motif import Motif
from support.motif_examples import UNIFORM, motif_of, random_motifs


def test_heights_are_probability_times_information():
    # 0.5, 0.25, 0.25: 2 - 1.5 = 0.5 bits.
    letters = layout_letters(Motif([[0.5, 0.25, 0.25, 0]]))
    assert letters.bases.tolist() == [1, 2, 0]
    np.testing.assert_allclose(letters.heights, [0.125, 0.125, 0.25])
    np.testing.assert_allclose(letters.bottoms, [0, 0.125, 0.25])


def test_probability_stacks_reach_1_and_the_smallest_letter_is_at_the_bottom():
    letters = layout_letters(Motif([[0.1, 0.6, 0.3, 0], [0, 0, 0, 1]]), "probability")
    assert letters.positions.tolist() == [0, 0, 0, 1]
    assert letters.bases.tolist() == [0, 2, 1, 3]
    np.testing.assert_allclose(letters.bottoms, [0, 0.1, 0.4, 0])
    np.testing.assert_allclose(letters.heights, [0.1, 0.3, 0.6, 1])


def test_stacks_are_as_high_as_the_information(random):
    motif = random_motifs(random, 1)[0]
    letters = layout_letters(motif)
    stacks = np.bincount(letters.positions, letters.heights, minlength=motif.width)
    np.testing.assert_allclose(stacks, motif.information())
    tops = letters.bottoms + letters.heights
    same = np.diff(letters.positions) == 0
    np.testing.assert_allclose(tops[:-1][same], letters.bottoms[1:][same])


def test_a_uniform_motif_has_no_letters():
    assert layout_letters(Motif(UNIFORM)).heights.size == 0
    rounded = np.full((3, 4), 1 / 3) * [1, 1, 1, 0]
    assert layout_letters(Motif(rounded)).heights.size == 9


# Rows that MEME Suite's tomtom 5.4.1 printed, `-evalue -thresh 0.1`: query,
# target as it reads on the reported strand, offset, overlap, the overlap's
# agreeing letters at least.
TOMTOM_ROWS = [
    ("GGATCAAAAGTAAACAAAG", "GTAAACAAT", -9, 9, 8),
    ("ATTCCATTTCCTGGAAAGTCAGGA", "CCATTTCCTGGAAA", -3, 14, 14),
    ("TGACTCA", "GGATGACTCAT", 3, 7, 7),
    ("TGACTCA", "AGGATGACTCAGCAC", 4, 7, 7),
    ("TGACTCA", "TGACTCA", 0, 7, 7),
    ("GGGGTGGGGC", "GGGGGCGGGGC", 1, 10, 9),
    ("GTGGCGCCTGTTCCTCTAT", "ATTTTCCATT", -7, 10, 6),
    ("CAGGCTCCCGAGCTGAGTC", "GCTGAGTCAGCAATTTTT", -11, 8, 8),
]


@pytest.mark.parametrize("row", TOMTOM_ROWS)
def test_alignments_are_tomtoms(row):
    query, target, offset, overlap, agreeing = row
    placed = align(len(query), len(target), offset)
    assert placed.overlap == overlap
    first = " " * placed.query_start + query
    second = " " * placed.target_start + target
    assert placed.width == max(len(first), len(second))
    columns = slice(placed.overlap_start, placed.overlap_start + overlap)
    pairs = list(zip(first[columns], second[columns], strict=True))
    assert len(pairs) == overlap
    assert " " not in first[columns] + second[columns]
    assert sum(one == other for one, other in pairs) >= agreeing


@pytest.mark.parametrize("offset", [-3, 5, 99])
def test_an_offset_without_overlap_is_refused(offset):
    with pytest.raises(ValueError, match=r"between -2 and 4.*Received.*were matched"):
        align(3, 5, offset)


def test_the_other_strand_is_the_reverse_complement():
    assert oriented(motif_of("AACG"), "-").consensus == "CGTT"
    assert oriented(motif_of("AACG"), "+").consensus == "AACG"
    with pytest.raises(ValueError, match='"\\+" or "-". Received \'x\''):
        oriented(motif_of("A"), "x")
