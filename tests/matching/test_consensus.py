import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.matching.consensus import consensus_motifs
from keras_motif.motifs.motif import Motif
from support.motif_examples import motif_of

WORDS = ["ACGGTTACCA", "TTGACGTCGA", "CCATATTAGG", "GGCACTGCAT", "CTTGTAGCCC"]


def network(*words, sites=None):
    return [motif_of(word, f"f{i}", num_sites=sites) for i, word in enumerate(words)]


def test_what_networks_share_comes_first():
    found = consensus_motifs(
        [network(WORDS[0], WORDS[1]), network(WORDS[2], WORDS[1]), network(WORDS[1])]
    )
    assert [item.num_networks for item in found] == [3, 1, 1]
    assert found[0].motif == motif_of(WORDS[1], "consensus0")
    assert found[0].members == ((0, "f1"), (1, "f1"), (2, "f0"))
    assert [item.motif.name for item in found] == [f"consensus{i}" for i in range(3)]
    assert {item.motif.consensus for item in found[1:]} == {WORDS[0], WORDS[2]}


def test_filters_of_one_network_are_one_network():
    found = consensus_motifs([network(WORDS[0], WORDS[0], WORDS[1]), network(WORDS[1])])
    assert [item.num_networks for item in found] == [2, 1]
    assert found[1].members == ((0, "f0"), (0, "f1"))


def test_orientation_and_offset_are_taken_into_account():
    longer = motif_of(WORDS[0] + "GTC", "f0")
    shifted = motif_of("AT" + WORDS[0], "f0").reverse_complement()
    part = motif_of(WORDS[0][1:9], "f0")
    # The one with most information stands in the middle.
    found = consensus_motifs([[longer], [shifted], [part]])
    assert len(found) == 1
    assert found[0].members[0] == (0, "f0")
    # Two of three reach the word alone; of the longer's rest, one does.
    assert found[0].motif.consensus == WORDS[0]
    assert found[0].motif.information() == pytest.approx([2] * 10)
    turned = consensus_motifs([[part], [shifted], [longer.reverse_complement()]])
    assert turned[0].motif == found[0].motif.reverse_complement()


def test_the_mean_is_as_counted_by_hand():
    columns = np.eye(4)[["ACGT".index(base) for base in WORDS[0]]]
    soft = columns.copy()
    soft[4] = [0.5, 0, 0, 0.5]  # of T
    pair = [Motif(columns, "f0", num_sites=30)], [Motif(soft, "f0", num_sites=60)]
    [item] = consensus_motifs(pair)
    assert item.motif.frequencies[4].tolist() == [0.25, 0, 0, 0.75]
    # 2^2 / (1/30 + 1/60)
    assert item.motif.num_sites == pytest.approx(80)
    [item] = consensus_motifs([pair[0], network(WORDS[0])])
    assert item.motif.num_sites is None


def test_there_is_no_chain_of_neighbours():
    # Each agrees with the next by 10 of its 14 columns; the first shares 6 with the
    # third and 2 with the fourth. The second has the first and the third around it.
    random = np.random.default_rng(0)
    letters = ["".join(random.choice(list("ACGT"), 14)) for _ in range(40)]
    others = [motif_of(word, f"other{i}") for i, word in enumerate(letters)]
    whole = "".join(random.choice(list("ACGT"), 26))
    chain = [whole[start : start + 14] for start in (0, 4, 8, 12)]
    networks = [others, *(network(word) for word in chain)]
    found = consensus_motifs(networks, threshold=0.1)
    members = [item.members for item in found if item.members[0][0] > 0]
    assert members == [((2, "f0"), (1, "f0"), (3, "f0")), ((4, "f0"),)]


def test_flat_motifs_are_left_out():
    flat = Motif(np.full((8, 4), 0.25), "flat", num_sites=1000)
    found = consensus_motifs([[flat, *network(WORDS[0])], [flat]])
    assert [item.members for item in found] == [((0, "f0"),)]
    assert consensus_motifs([[flat]]) == []
    assert consensus_motifs([]) == []


def test_names_may_hold_slashes():
    found = consensus_motifs([[motif_of(WORDS[0], "a/b")]])
    assert found[0].members == ((0, "a/b"),)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=4), max_size=4))
def test_each_filter_is_in_one_cluster(networks):
    found = consensus_motifs([network(*words) for words in networks])
    members = [member for item in found for member in item.members]
    filters = [
        (n, f"f{i}") for n, words in enumerate(networks) for i in range(len(words))
    ]
    assert sorted(members) == filters
    assert len(found) == len({word for words in networks for word in words})
    for item in found:
        assert item.num_networks == len({number for number, _ in item.members})
    ranks = [(-item.num_networks, -len(item.members)) for item in found]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("networks", ["a.meme", {"a": 1}, motif_of("ACG"), 3])
def test_something_else_than_a_list_of_networks_is_refused(networks):
    with pytest.raises(TypeError, match="`networks` must be a list with the motifs of"):
        consensus_motifs(networks)


def test_the_motifs_of_a_single_network_are_refused():
    with pytest.raises(TypeError, match="a single motif at index 0; pass"):
        consensus_motifs(network(*WORDS))


def test_two_motifs_of_one_name_are_refused():
    twice = [motif_of("ACG", "f"), motif_of("ACC", "f")]
    with pytest.raises(ValueError, match=r"`networks\[1\]` must have a different"):
        consensus_motifs([network(WORDS[0]), twice])


def test_the_threshold_is_checked():
    with pytest.raises(ValueError, match="`threshold` must be a finite number above 0"):
        consensus_motifs([], threshold=0)
