import numpy as np
import pytest

from keras_motif.matching import shuffles
from keras_motif.matching.match import motif_match
from keras_motif.matching.shuffles import shuffled_share
from keras_motif.matching.support import match_support
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif
from support.motif_examples import motif_of


@pytest.fixture(scope="module")
def words():
    random = np.random.default_rng(1)
    return [
        motif_of("".join(random.choice(list("ACGT"), 10)), f"word{index}")
        for index in range(80)
    ]


def test_it_is_what_shuffling_one_by_one_gives(filters, database):
    random = np.random.default_rng(5)
    named, matched = [], []
    for motif in filters:
        for _ in range(3):
            columns = random.permutation(motif.frequencies)
            copy = Motif(columns, "copy", num_sites=motif.num_sites)
            matches = motif_match(copy, database)
            matched.append(len(matches) > 0)
            named.append(match_support(matches)["is_convincing"].any())
    found = shuffled_share(filters, database, num_shuffles=3, seed=5)
    assert found == (np.mean(named), np.mean(matched))
    again = np.random.default_rng(5)
    assert shuffled_share(filters, database, num_shuffles=3, seed=again) == found


def test_a_word_without_order_keeps_its_name_and_others_lose_it(words):
    same = motif_of("AAAAAAAAAA", "same")
    assert shuffled_share([same], [*words, same]).convincing == 1
    assert shuffled_share(words[:4], words).convincing < 0.5


def test_a_flat_motif_is_matched_and_not_named(words):
    flat = Motif(np.full((8, 4), 0.25), "flat")
    spaced = Motif([*np.eye(4)[:3], *[[0.25] * 4] * 12, *np.eye(4)[:3]], "spaced")
    assert shuffled_share(flat, [*words, spaced]) == (0, 1)


def test_shuffles_are_matched_as_the_motifs_were(words):
    motifs = [Motif(m.frequencies, f"f{i}", num_sites=40) for i, m in enumerate(words)]
    base = shuffled_share(motifs[:20], words, num_shuffles=2)
    loose = shuffled_share(motifs[:20], words, num_shuffles=2, threshold=5)
    assert loose.tomtom > base.tomtom
    assert loose.convincing == base.convincing  # which asks for E <= 0.1 itself
    nothing = [word.name for word in words]
    found = shuffled_share(motifs[:20], words, num_shuffles=2, exclude=nothing)
    assert found == (0, 0)
    # A word that only the other strand spells alike in any order.
    both, one = (
        shuffled_share(
            motif_of("AAAAAAAAAA", "a"),
            [*words, motif_of("TTTTTTTTTT", "t")],
            reverse_complement=strand,
        )
        for strand in (True, False)
    )
    assert (both.convincing, one.convincing) == (1, 0)


def test_shuffles_of_rna_keep_to_one_strand(words):
    rna = MemeFile([motif_of("AAAAAAAAAA", "a")], alphabet="ACGU")
    pool = [*words, motif_of("TTTTTTTTTT", "t")]
    assert shuffled_share(rna, pool).convincing == 0


def test_no_motifs_have_no_names(words):
    assert shuffled_share([], words) == (0, 0)


def test_by_default_many_motifs_are_shuffled_fewer_times(words, monkeypatch):
    sizes = []

    def counted(queries, *args, **options):
        sizes.append(len(queries.motifs))
        return motif_match(words[:1], words[:1])

    monkeypatch.setattr(shuffles, "motif_match", counted)
    for number in (1, 150, 300, 400, 2000):
        copies = [Motif(words[0].frequencies, f"m{i}") for i in range(number)]
        shuffled_share(copies, words)
    assert sizes == [10, 1500, 1500, 1200, 2000]


@pytest.mark.parametrize("num_shuffles", [0, -1, 1.5, True])
def test_the_number_of_shuffles_must_be_whole(words, num_shuffles):
    with pytest.raises(ValueError, match="`num_shuffles` must be a whole number, 1 or"):
        shuffled_share(words, words, num_shuffles=num_shuffles)
