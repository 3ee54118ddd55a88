import numpy as np
import pytest

from keras_motif.motifs.inputs import MotifInput, as_motifs, pool_motifs
from keras_motif.motifs.jaspar import jaspar_families, load_jaspar
from keras_motif.motifs.meme import MemeFile, write_meme
from keras_motif.motifs.motif import Motif

ONE = Motif([[0.7, 0.1, 0.1, 0.1]], "one")
TWO = Motif([[0.1, 0.1, 0.1, 0.7]], "two")
RNA = MemeFile([ONE], alphabet="ACGU")


def biopython(letters):
    from Bio.motifs import Motif as Biopython

    counts = dict(zip(letters, ([3.0], [0.0], [0.0], [1.0]), strict=True))
    return Biopython(alphabet=letters, counts=counts)


@pytest.mark.parametrize(
    ("value", "alphabet"),
    [
        (RNA, "ACGU"),
        (MemeFile([ONE]), "ACGT"),
        ("JASPAR2016", "ACGT"),
        (ONE, None),
        ([ONE, TWO], None),
        (np.full((2, 5, 4), 0.25), None),
        ({"name": ONE}, None),
        ([], None),
    ],
)
def test_the_alphabet_is_what_a_file_or_a_database_states(value, alphabet):
    assert as_motifs(value, "queries").alphabet == alphabet
    assert pool_motifs(value, "targets").alphabet == alphabet


def test_a_path_hands_on_alphabet_and_background(tmp_path):
    path = tmp_path / "rna.meme"
    background = (0.3, 0.2, 0.2, 0.3)
    write_meme([ONE], path, alphabet="ACGU", background=background)
    for found in (as_motifs(path, "queries"), pool_motifs(path, "targets")):
        assert found == MotifInput([ONE], background, "ACGU", {}, "rna.meme")
        assert found.is_rna
        assert as_motifs(found, "queries") is found
        assert pool_motifs(found, "targets") is found


def test_what_is_pooled_has_a_name_where_all_of_it_has(tmp_path):
    path = tmp_path / "mine.meme"
    write_meme([ONE], path)
    assert pool_motifs("JASPAR2016", "targets").name == "JASPAR2016"
    assert pool_motifs(["JASPAR2016", path], "targets").name == "JASPAR2016 + mine.meme"
    assert pool_motifs(["JASPAR2016", [ONE]], "targets").name == ""


def test_biopython_motifs_state_their_alphabet():
    assert as_motifs(biopython("ACGU"), "queries").alphabet == "ACGU"
    assert as_motifs(iter([ONE, biopython("ACGT")]), "queries").alphabet == "ACGT"
    assert as_motifs({"x": biopython("ACGU")}, "queries").is_rna
    with pytest.raises(ValueError, match="`queries` must be all of DNA or all of RNA"):
        as_motifs([biopython("ACGU"), biopython("ACGT")], "queries")


def test_iterators_are_read_once():
    found = as_motifs((motif for motif in (ONE, TWO)), "queries")
    assert found == MotifInput([ONE, TWO], None, None)


def test_databases_of_one_kind_are_pooled():
    found = pool_motifs([RNA, MemeFile([TWO], alphabet="ACGU"), [TWO]], "targets")
    assert found == MotifInput([ONE, TWO, TWO], None, "ACGU")
    assert pool_motifs([[ONE], np.full((1, 5, 4), 0.25)], "targets").alphabet is None


def test_dna_beside_rna_is_refused():
    message = (
        "`targets` must be all of DNA or all of RNA.*ACGT beside.*ACGU.*read_motifs"
    )
    with pytest.raises(ValueError, match=message):
        pool_motifs([RNA, "JASPAR2016"], "targets")
    # The motifs alone state nothing, so that they may be taken for the other kind.
    assert not pool_motifs([RNA.motifs, "JASPAR2016"], "targets").is_rna
    assert pool_motifs([RNA, load_jaspar("JASPAR2016")], "targets").is_rna


def test_a_release_by_its_name_hands_on_its_families():
    found = pool_motifs([[ONE], "JASPAR2016"], "targets")
    assert found.families == jaspar_families("JASPAR2016")
    assert as_motifs("JASPAR2016", "queries").families == found.families
    assert pool_motifs(load_jaspar("JASPAR2016"), "targets").families == {}
