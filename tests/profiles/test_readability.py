import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from keras_motif.profiles import duplicate_filters, reading_problems

WORDS = ["GATTACAGT", "CCGGAATTC", "TTGACGCAA", "ACCATGTTA"]
UNIFORM = np.full((9, 4), 0.25)


def motif(index, num_sites=500, strength=0.9):
    """A motif that spells a word; of strength 0 it says nothing."""
    matrix = km.one_hot(WORDS[index])[0] * strength + (1 - strength) / 4
    return km.Motif(matrix, f"filter{index}", num_sites=num_sites)


def dead(index):
    return km.Motif(UNIFORM, f"filter{index}", num_sites=0)


GOOD = [motif(index) for index in range(4)]
SAME = [km.Motif(GOOD[0].frequencies, f"filter{i}", num_sites=900) for i in range(4)]


def test_of_a_good_network_nothing_is_said():
    good = {
        "num_windows": 100_000,
        "kernel_cosines": [0.3, 0.5, 0.7, 0.9],
        "named": ["filter0"],
        "duplicates": duplicate_filters(GOOD),
    }
    assert reading_problems(GOOD, **good) == []
    assert reading_problems(GOOD) == []
    trimmed = [one.trim() for one in GOOD]
    assert reading_problems(trimmed, **good) == []


def test_half_of_the_filters_make_a_problem_and_fewer_do_not():
    assert reading_problems([*GOOD[:3], dead(3)]) == []
    [said] = reading_problems([*GOOD[:2], dead(2), dead(3)])
    assert said.startswith("Dead: 2 of 4 filters. No sequence activates them. Train")


def test_causes_add_up_to_half_and_rare_ones_are_not_told():
    strong = [motif(0) for _ in range(11)]
    vague = [motif(0, strength=0.05) for _ in range(5)]
    few = [motif(0, num_sites=3)]
    named = [
        km.Motif(one.frequencies, f"f{i}", num_sites=one.num_sites)
        for i, one in enumerate([*strong, *vague, *few, *[dead(0)] * 5])
    ]
    said = reading_problems(named, named=[f"f{i}" for i in range(11)])
    assert [text.split(".")[0] for text in said] == [
        "Dead: 5 of 22 filters",
        "Hardly learned: 5 of 22 filters",
    ]
    assert reading_problems(named, named=[f"f{i}" for i in range(12)]) == []


def test_kernels_that_hardly_moved_are_named():
    [said] = reading_problems(GOOD, kernel_cosines=[0.99, 0.91, 0.97, 0.2])
    assert said.startswith("Hardly learned: 3 of 4 filters. Kernels are almost those")
    assert "(median cosine 0.970)" in said
    assert "sites are" not in said
    assert "bits" not in said
    assert "train longer" in said
    assert reading_problems(GOOD, kernel_cosines=[0.89, 0.9, 0.2, 0.99]) == []


def test_kernels_that_did_not_move_at_all_have_another_cause():
    [said] = reading_problems(GOOD, kernel_cosines=[1, 1, 1, 1])
    assert "trainable=False" in said
    assert "rain longer" not in said


def test_a_network_that_began_from_learned_filters_has_not_hardly_learned():
    cosines = [0.99, 0.99, 0.99, 0.99]
    assert reading_problems(GOOD, kernel_cosines=cosines, named=["filter2"]) == []
    # A named one that moved says nothing about the others' start.
    cosines[2] = 0.3
    [said] = reading_problems(GOOD, kernel_cosines=cosines, named=["filter2"])
    assert said.startswith("Hardly learned: 3 of 4 filters")


def test_motifs_of_nearly_all_windows_are_named_where_their_number_is_known():
    wide = [motif(index, num_sites=40_000) for index in range(4)]
    [said] = reading_problems(wide, num_windows=100_000)
    assert said.startswith("Hardly learned: 4 of 4 filters. Sites are 40 % of all")
    assert "Train longer" in said
    assert reading_problems(wide) == []
    assert reading_problems(wide, num_windows=200_000) == []
    [moved] = reading_problems(wide, num_windows=100_000, kernel_cosines=[0.4] * 4)
    assert "The kernels have moved" in moved
    assert "raise `threshold=`" in moved
    names = pd.Series([one.name for one in wide])  # a column of a table
    assert reading_problems(wide, num_windows=100_000, named=names) == []


def test_motifs_that_say_next_to_nothing_are_named():
    weak = [motif(index, strength=0.3) for index in range(4)]
    bits = weak[0].information().sum()
    assert 1 < bits < 2
    [said] = reading_problems(weak)
    assert f"Motifs hold {bits:.1f} bits (median)" in said
    # Some bits more than that, and nothing is said.
    assert reading_problems([motif(index, strength=0.4) for index in range(4)]) == []


def test_information_that_few_sites_give_by_chance_does_not_count(random):
    drawn = np.eye(4)[random.integers(4, size=(12, 12, 19))].mean(axis=1)
    motifs = [
        km.Motif(matrix, f"filter{i}", num_sites=12) for i, matrix in enumerate(drawn)
    ]
    assert min(one.information().sum() for one in motifs) > 2
    [said] = reading_problems(motifs)
    assert said.startswith("Hardly learned: 12 of 12 filters. Motifs hold")


def test_the_narrowest_words_read_by_relu_are_not_called_vague():
    """All windows that hold more than half of a word, for words of each width."""
    from math import comb

    for width in range(3, 20):
        chances = {
            hits: comb(width, hits) * 3 ** (width - hits) / 4**width
            for hits in range(width // 2 + 1, width + 1)
        }
        share = sum(chances.values())
        hit = sum(hits * chance for hits, chance in chances.items()) / share / width
        matrix = np.tile([hit, *[(1 - hit) / 3] * 3], (width, 1))
        one = km.Motif(matrix, "filter0", num_sites=round(1e6 * share))
        if width > 3:  # of 3 it holds 1.9 bits
            assert reading_problems([one], num_windows=1_000_000) == []
        assert share < 0.16


def test_motifs_of_few_sites_are_named():
    few = [motif(index, num_sites=9) for index in range(4)]
    [said] = reading_problems(few)
    assert said.startswith("Few sites: 4 of 4 filters. Motifs are counted from fewer")
    assert "(median 9)" in said
    assert reading_problems(few, named=["filter0", "filter1", "filter2"]) == []
    unknown = [km.Motif(one.frequencies, one.name) for one in GOOD]
    assert reading_problems(unknown, num_windows=100) == []
    # Other programs write 0 for unknown.
    zero = [km.Motif(one.frequencies, one.name, num_sites=0) for one in GOOD]
    assert reading_problems(zero) == []


def test_filters_that_are_all_alike_are_named():
    [said] = reading_problems(SAME)  # the same columns need no table
    assert said.startswith("All alike: 4 of 4 filters. They share the motif of filter0")
    shifted = [
        km.Motif(np.vstack([UNIFORM[:i], one.frequencies, UNIFORM[i:4]]), f"filter{i}")
        for i, one in enumerate(SAME)
    ]
    assert reading_problems(shifted) == []
    [said] = reading_problems(shifted, duplicates=duplicate_filters(shifted))
    assert said.startswith("All alike: 4 of 4 filters")
    assert reading_problems(SAME, named=["filter0", "filter1", "filter2"]) == []
    assert reading_problems(SAME, named=["filter0"]) != []


def test_pairs_are_not_all_alike():
    pairs = [SAME[0], SAME[1], motif(2), motif(3)]
    assert reading_problems(pairs, duplicates=duplicate_filters(pairs)) == []
    columns = ["filter", "duplicate", "E-value", "overlap", "orientation"]
    assert reading_problems(GOOD, duplicates=pd.DataFrame(columns=columns)) == []
    # A table of more filters than are looked at.
    assert reading_problems(GOOD[:2], duplicates=duplicate_filters(SAME)) == []


def test_each_filter_counts_for_one_cause():
    motifs = [dead(0), dead(1), motif(2, 9, 0.1), motif(3, 9)]
    said = reading_problems(motifs, kernel_cosines=[0.99] * 4, num_windows=30)
    assert [text.split(" filters")[0] for text in said] == [
        "Dead: 2 of 4",
        "Hardly learned: 2 of 4",
    ]
    assert "sites are 30 %" in said[1]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"kernel_cosines": [1.0]}, r"one number per motif, 4\. Received shape \(1,\)"),
        ({"kernel_cosines": [1, 2, 0, 0]}, r"from -1 to 1\. Received 2\.0"),
        ({"kernel_cosines": [1, np.nan, 0, 0]}, r"from -1 to 1\. Received nan"),
        ({"num_windows": 499}, r"at least that of the sites, 500\. Received 499"),
        ({"num_windows": 0}, r"`num_windows` must be the number of windows"),
        ({"named": ["MA0139.1"]}, r"names that `motifs` have\. Received 'MA0139\.1'"),
    ],
)
def test_what_does_not_belong_to_the_motifs_is_refused(options, match):
    with pytest.raises(ValueError, match=match):
        reading_problems(GOOD, **options)


def test_no_motifs_and_a_single_name_are_refused():
    with pytest.raises(ValueError, match="at least one motif"):
        reading_problems([])
    with pytest.raises(TypeError, match="Received the string 'filter0'"):
        reading_problems(GOOD, named="filter0")
