import numpy as np
import pandas as pd
import pytest

from keras_motif.matching.match import motif_match
from keras_motif.motifs.jaspar import load_jaspar
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif
from keras_motif.profiles.filters import dead_filters, duplicate_filters

UNIFORM = np.full((6, 4), 0.25)


def test_filters_without_a_site_are_dead():
    motifs = [
        Motif(UNIFORM, "dead", num_sites=0),
        Motif(UNIFORM, "unknown"),
        Motif(UNIFORM, "uninformative", num_sites=9),
        Motif(np.eye(4), "from another program", num_sites=0),
    ]
    assert dead_filters(motifs) == ["dead"]
    assert dead_filters([]) == []
    with pytest.raises(ValueError, match="`motifs` must have a different `name` each"):
        dead_filters([motifs[0], motifs[0]])


@pytest.fixture(scope="module")
def filters():
    """Five factors in windows of 24; three filters read CTCF, one of them reversed."""
    known = {motif.alt_name: motif for motif in load_jaspar("JASPAR2016")}

    def embedded(name, factor, start, strand="+"):
        motif = known[factor]
        motif = motif if strand == "+" else motif.reverse_complement()
        frequencies = np.full((24, 4), 0.25)
        frequencies[start : start + motif.width] = motif.frequencies
        return Motif(frequencies, name, num_sites=100)

    return [
        embedded("filter0", "CTCF", 0),
        embedded("filter1", "GATA2", 4),
        embedded("filter2", "SRF", 3),
        embedded("filter3", "CTCF", 5),
        embedded("filter4", "CTCF", 2, "-"),
        embedded("filter5", "TP53", 1),
        embedded("filter6", "REST", 1),
        embedded("filter7", "GATA2", 9),
        Motif(UNIFORM, "filter8", num_sites=0),
        Motif(UNIFORM, "filter9", num_sites=0),
    ]


def test_each_pair_of_duplicates_stands_once_with_its_orientation(filters):
    found = duplicate_filters(filters)
    pairs = {
        tuple(row) for row in found[["filter", "duplicate", "orientation"]].to_numpy()
    }
    assert pairs == {
        ("filter0", "filter3", "+"),
        ("filter0", "filter4", "-"),
        ("filter3", "filter4", "-"),
        ("filter1", "filter7", "+"),
    }
    assert len(found) == 4
    assert (np.diff(found["E-value"]) >= 0).all()
    assert found.attrs["settings"] == {"threshold": 0.001, "threshold_on": "evalue"}


def test_a_pair_has_the_larger_e_value_of_its_two_directions(filters):
    informative = [motif.trim() for motif in filters[:8]]
    matches = motif_match(informative, informative, threshold=1000)
    e_values = matches.set_index(["Query_ID", "Target_ID"])["E-value"]
    found = duplicate_filters(filters, threshold=3)
    for name, other, e_value in found.iloc[:, :3].to_numpy():
        assert e_value == max(e_values[name, other], e_values[other, name]) <= 3
    both = {
        frozenset((a, b))
        for (a, b), e_value in e_values.items()
        if a != b and max(e_value, e_values.get((b, a), np.inf)) <= 3
    }
    assert {frozenset(pair) for pair in found.iloc[:, :2].to_numpy()} == both
    assert len(found) == len(both)
    one_sided = sum(e_values[pair] <= 3 for pair in e_values.index if len({*pair}) > 1)
    assert 2 * len(both) < one_sided  # the threshold decides in both directions


def test_trimming_beforehand_changes_no_pair(filters):
    trimmed = duplicate_filters([motif.trim() for motif in filters])
    pd.testing.assert_frame_equal(trimmed, duplicate_filters(filters))


def test_no_two_motifs_have_no_duplicates(filters):
    for motifs in ([], filters[:1], filters[8:]):
        found = duplicate_filters(motifs)
        assert found.empty
        assert list(found.columns) == [
            "filter",
            "duplicate",
            "E-value",
            "overlap",
            "orientation",
        ]


@pytest.mark.parametrize("motifs", [[], [Motif(np.eye(4), "f")]])
def test_the_threshold_is_checked_with_and_without_motifs(motifs):
    with pytest.raises(ValueError, match="`threshold` must be a finite number above 0"):
        duplicate_filters(motifs, threshold=0)


def test_unlike_motifs_are_no_duplicates(random):
    """Motifs of the database's columns at random, in a network of 30 filters."""
    columns = np.concatenate([m.frequencies for m in load_jaspar("JASPAR2016")])
    pairs = 0
    for _ in range(10):
        motifs = [
            Motif(random.choice(columns, random.integers(7, 15)), f"filter{index}")
            for index in range(30)
        ]
        pairs += len(duplicate_filters(motifs))
    assert pairs <= 3  # of 4,350


def test_duplicates_of_rna_are_compared_on_one_strand():
    matrix = np.eye(4)[[0, 2, 2, 3, 1, 0, 2, 2]]
    motifs = [Motif(matrix, "a"), Motif(matrix[::-1, ::-1], "b")]
    assert len(duplicate_filters(MemeFile(motifs))) == 1
    assert duplicate_filters(MemeFile(motifs, alphabet="ACGU")).empty
