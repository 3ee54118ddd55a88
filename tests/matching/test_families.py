import pandas as pd
import pytest

from keras_motif.matching.families import match_families
from keras_motif.matching.match import motif_match
from keras_motif.motifs.jaspar import FactorFamily, jaspar_families, load_jaspar
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import one_hot
from support.report_examples import table_of

ETS = FactorFamily("Tryptophan cluster factors", "Ets-related")
FOS, JUN = FactorFamily("bZIP", "Fos-related"), FactorFamily("bZIP", "Jun-related")
FAMILIES = {
    "M1.1": ETS,
    "M2.1": ETS,
    "M3.1": FactorFamily("Runt domain factors", "Runt-related"),
    "M4.1": FactorFamily("bZIP", "Fos-related::Jun-related"),
    "M5.1": JUN,
    "M6.1": FOS,
    "M7.1": ETS,
}
NAMES = ("ELK1", "GABPA", "RUNX1", "FOS::JUN", "JUNB", "FOSL1", "Gabpa")
TARGETS = [
    Motif([[0.7, 0.1, 0.1, 0.1]], target, alt_name=factor)
    for target, factor in zip(FAMILIES, NAMES, strict=True)
]


def said_of(matches):
    """Return what is said of one query: alike, family, members."""
    rows = [("f", target, 0, e, "+") for target, e in matches.items()]
    found = match_families(table_of(*rows), TARGETS, FAMILIES)
    [said] = set(found[["alike", "named_family", "members"]].apply(tuple, axis=1))
    return said


def test_each_row_has_its_factor_class_and_family():
    matches = table_of(("f", "M1.1", 0, 1e-4, "+"), ("g", "other", 0, 1e-4, "+"))
    matches.index = [7, 3]
    found = match_families(matches, TARGETS, FAMILIES)
    assert found.index.tolist() == [7, 3]
    assert found.loc[7].tolist() == ["ELK1", *ETS, "ELK1", "", ""]
    assert found.loc[3].tolist() == ["other", "", "", "other", "", ""]


@pytest.mark.parametrize(
    ("matches", "alike", "named"),
    [
        # Two of one family, the second ten times less sure, then a little more.
        ({"M1.1": 1e-4, "M2.1": 1e-3}, "ELK1, GABPA", "Ets-related"),
        ({"M1.1": 1e-4, "M2.1": 1.1e-3}, "ELK1", ""),
        # Rows in another order.
        ({"M2.1": 1e-3, "M1.1": 1e-4}, "ELK1, GABPA", "Ets-related"),
        # Two matrices of one factor are no family.
        ({"M2.1": 1e-4, "M7.1": 1e-4}, "GABPA", ""),
        # Nothing is known of either.
        ({"x": 1e-4, "y": 1e-4}, "x, y", ""),
        ({"M1.1": 0.0, "M2.1": 0.0, "M3.1": 1e-300}, "ELK1, GABPA", "Ets-related"),
    ],
)
def test_the_family_is_the_name_where_its_members_match_alike(matches, alike, named):
    assert said_of(matches) == (alike, named, alike if named else "")


def test_others_may_match_alike_as_long_as_they_are_fewer():
    known = {"M1.1": 1e-4, "M2.1": 2e-4, "M3.1": 3e-4}
    alike = "ELK1, GABPA, RUNX1"
    assert said_of(known) == (alike, "Ets-related", "ELK1, GABPA")
    # Two of four are not more than half.
    assert said_of(known | {"x": 1e-4})[1:] == ("", "")
    # The best match is not of the family.
    assert said_of(known | {"M3.1": 1e-5, "M1.1": 2e-5, "M2.1": 2e-5})[1:] == ("", "")


def test_a_complex_is_of_the_families_of_its_factors():
    known = {"M4.1": 1e-4, "M5.1": 2e-4}
    assert said_of(known) == ("FOS::JUN, JUNB", "Jun-related", "FOS::JUN, JUNB")
    both = "FOS::JUN, JUNB, FOSL1"
    # As many of either: the first.
    assert said_of(known | {"M6.1": 3e-4}) == (both, "Fos-related", "FOS::JUN, FOSL1")


def test_queries_are_named_by_themselves():
    rows = [("f", "M1.1", 0, 1e-9, "+"), ("g", "M3.1", 0, 1e-3, "+")]
    rows += [("f", "M2.1", 0, 1e-9, "+"), ("g", "M2.1", 0, 1e-3, "+")]
    found = match_families(table_of(*rows), TARGETS, FAMILIES)
    assert found["named_family"].tolist() == ["Ets-related", "", "Ets-related", ""]


def test_a_release_by_its_name_knows_the_families():
    known = load_jaspar("JASPAR2016")
    query = {"f": 0.94 * one_hot("CCGGAAGT")[0] + 0.015}
    matches = motif_match(query, "JASPAR2016")
    found = match_families(matches, "JASPAR2016")
    families = jaspar_families("JASPAR2016")
    expected = [families[target].tf_family for target in matches["Target_ID"]]
    assert found["tf_family"].tolist() == expected
    assert set(found["named_family"]) == {"Ets-related factors"}
    given = match_families(matches, known, families)
    pd.testing.assert_frame_equal(given, found)
    pooled = match_families(matches, [[Motif([[1, 0, 0, 0]], "a")], "JASPAR2016"])
    pd.testing.assert_frame_equal(pooled, found)
    assert match_families(matches[:0], "JASPAR2016").empty


def test_what_cannot_be_known_is_said():
    matches = table_of(("f", "M1.1", 0, 1e-4, "+"))
    with pytest.raises(ValueError, match="`families` must be given.*jaspar_families"):
        match_families(matches, TARGETS)
    with pytest.raises(ValueError, match="Target_ID"):
        match_families(matches.drop(columns="Target_ID"), TARGETS, FAMILIES)
