import pytest

from keras_motif.logos.matched import target_label, target_motifs
from support.motif_examples import motif_of


def test_targets_are_what_matching_takes():
    assert target_motifs(None) == {}
    assert target_motifs("JASPAR2016")["MA0139.1"].alt_name == "CTCF"
    first, second = motif_of("A", "MA1"), motif_of("C", "MA1")
    assert target_motifs([[first], [second]]) == {"MA1": first}
    with pytest.raises(ValueError, match="JASPAR2026"):
        target_motifs("JASPAR1999")


def test_targets_are_labelled_by_factor_where_it_is_known():
    assert target_label("MA1", None) == "MA1"
    assert target_label("MA1", motif_of("A", "MA1", alt_name="SP1")) == "SP1 (MA1)"
    assert target_label("MA1", motif_of("A", "MA1", alt_name="MA1")) == "MA1"
