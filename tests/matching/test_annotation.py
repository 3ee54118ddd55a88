import numpy as np
import pandas as pd
import pytest

from keras_motif.matching.annotation import annotate
from keras_motif.matching.match import motif_match
from keras_motif.motifs.jaspar import load_jaspar
from keras_motif.motifs.motif import Motif


def test_annotate_names_motifs_by_their_best_convincing_match():
    known = load_jaspar("JASPAR2016")[:20]
    first = Motif(known[4].frequencies, "filter0", num_sites=50)
    second = Motif(np.full((6, 4), 0.25), "filter1", alt_name="kept")
    matches = motif_match([first], known)
    named = annotate([first, second], matches, known)
    assert (named[0].name, named[0].alt_name) == ("filter0", known[4].alt_name)
    assert named[0].num_sites == 50
    np.testing.assert_array_equal(named[0].frequencies, first.frequencies)
    assert named[1] == second
    assert annotate([first], matches)[0].alt_name == known[4].name
    with pytest.raises(ValueError, match="Target_ID"):
        annotate([first], matches.drop(columns="Target_ID"))


def test_weak_matches_give_no_name():
    known = load_jaspar("JASPAR2016")[:20]
    motif = Motif(known[4].frequencies, "filter0", num_sites=50)
    matches = motif_match([motif], known, threshold=12)
    assert len(matches) > 2
    support = pd.DataFrame({"is_convincing": np.arange(len(matches)) == 2})
    [named] = annotate([motif], matches, support=support)
    assert named.alt_name == matches["Target_ID"][2]
    support["is_convincing"] = False
    assert annotate([motif], matches, support=support) == [motif]


def test_a_table_that_knows_no_motifs_needs_support():
    known = load_jaspar("JASPAR2016")[:20]
    motif = Motif(known[4].frequencies, "filter0", num_sites=50)
    plain = pd.DataFrame(motif_match([motif], known))
    with pytest.raises(ValueError, match="`support` must be given: the table"):
        annotate([motif], plain)
    with pytest.raises(ValueError, match="`support` must be what `match_support`"):
        annotate([motif], plain, support=plain)
