import pandas as pd
import pytest

from keras_motif.matching.fractions import MatchFractions, match_fractions
from keras_motif.matching.match import motif_match
from support.tomtom_tables import COLUMNS


def rows(*pairs, target_ids=None):
    found = pd.DataFrame(columns=COLUMNS)
    for column, index in (("Query_ID", 0), ("Target_ID", 1)):
        found[column] = [pair[index] for pair in pairs]
    if target_ids is not None:
        found.attrs["target_ids"] = tuple(target_ids)
    return found


def test_fractions_are_as_counted_by_hand():
    found = rows(
        ("filter0", "MA0139.1"),
        ("filter0", "MA0002.2"),
        ("filter1", "MA0139.2"),
        ("filter2", "MA0999.1"),
        ("filter3", "MA0615.1"),
    )
    relevant = {"CTCF": ["MA0139"], "RUNX1": ["MA0002.1"], "X": ["MA1000"]}
    fractions = match_fractions(found, 8, relevant)
    assert fractions == MatchFractions(any=3 / 8, relevant=2 / 8, coverage=1 / 3)
    # Each id of a list is its own factor; one with a version is that version only.
    listed = match_fractions(found, 8, ["MA0139.2", "MA0002", "MA0999"])
    assert listed == (3 / 8, 3 / 8, 1.0)
    assert match_fractions(found, 8, "MA0139.1") == (3 / 8, 1 / 8, 1.0)
    assert match_fractions(found, 8) == (3 / 8, 0.0, 0.0)
    assert match_fractions(found, 8, exclude=()) == (4 / 8, 0.0, 0.0)
    assert match_fractions(found, 8, exclude="MA0139") == (3 / 8, 0.0, 0.0)
    assert match_fractions(found, 8, exclude=["MA0139.2"]) == (3 / 8, 0.0, 0.0)


def test_fractions_of_nothing_are_0(database):
    empty = motif_match([], database)
    assert match_fractions(empty, 30, ["MA0051"]) == (0.0, 0.0, 0.0)


def test_only_numbers_after_a_dot_are_a_version():
    found = rows(("filter0", "CTCF_HUMAN.H11MO.0.A"))
    assert match_fractions(found, 1, ["CTCF_HUMAN.H11MO.0"]).relevant == 0
    assert match_fractions(found, 1, ["CTCF_HUMAN.H11MO.0.A"]).relevant == 1


def test_relevant_ids_must_be_in_the_database(database):
    found = rows(("filter0", "MA0139.1"), target_ids=["MA0139.1", "MA0002.2"])
    with pytest.warns(UserWarning, match=r"lacks these .* MA0777, MA0002\.1\."):
        fractions = match_fractions(found, 2, ["MA0139", "MA0777", "MA0002.1"])
    assert fractions == (0.5, 0.5, 1 / 3)
    with pytest.raises(ValueError, match="None of these is one: MA0777, MA0778. Its"):
        match_fractions(found, 2, {"X": ["MA0777", "MA0778"]})
    # Rows of the table know their database too; a table from a file does not.
    with pytest.raises(ValueError, match="None of these is one"):
        match_fractions(motif_match([], database).head(1), 2, ["MA9999"])
    assert match_fractions(rows(), 2, ["MA0777"]) == (0, 0, 0)


@pytest.mark.parametrize("num_queries", [0, 1, -3, 2.5])
def test_the_number_of_queries_must_be_possible(num_queries):
    found = rows(("filter0", "MA0139.1"), ("filter1", "MA0615.1"))
    with pytest.raises(ValueError, match="`num_queries` must be .* with 2 queries"):
        match_fractions(found, num_queries)


@pytest.mark.parametrize("relevant", [[], {}, {"CTCF": []}])
def test_relevant_must_hold_ids(relevant):
    with pytest.raises(ValueError, match="`relevant` must hold at least one id"):
        match_fractions(rows(), 2, relevant)


def test_factors_are_taken_where_ids_are():
    found = rows(
        ("filter0", "MA0139.1"),
        ("filter1", "MA0059.1"),
        ("filter2", "MA0488.1"),
        target_ids=["MA0139.1", "MA0058.3", "MA0059.1", "MA0488.1", "MA0083.3"],
    )
    found.attrs["target_factors"] = ("CTCF", "MAX", "MAX::MYC", "JUN(var.2)", "SRF")
    assert match_fractions(found, 4, ["ctcf", "SRF"]) == (3 / 4, 1 / 4, 1 / 2)
    # A complex counts for each of its factors, and a variant for its factor.
    assert match_fractions(found, 4, ["Max", "myc", "JUN"]) == (3 / 4, 2 / 4, 1)
    assert match_fractions(found, 4, {"both": ["SRF", "MA0139"]}).coverage == 1
    assert match_fractions(found, 4, "max::myc").relevant == 1 / 4
    # MA0058 is MAX alone, so nothing matches it.
    assert match_fractions(found, 4, ["MA0058"]).relevant == 0
    assert match_fractions(found, 4, exclude=["max", "Jun"]).any == 1 / 4
    with pytest.warns(UserWarning, match="lacks these .*: SFR, ma0139"):
        match_fractions(found, 4, ["SFR", "ma0139", "CTCF"])
    with pytest.raises(ValueError, match=r"SFR\. Its first are MA0139\.1 \(CTCF\), "):
        match_fractions(found, 4, ["SFR"])


def test_a_table_from_a_file_takes_factors_with_its_targets():
    found = rows(("filter0", "MA0139.1"), ("filter1", "MA0059.1"))
    assert match_fractions(found, 2, ["CTCF"]).relevant == 0
    assert match_fractions(found, 2, ["CTCF"], targets="jaspar2016").relevant == 1 / 2
    with pytest.raises(ValueError, match="None of these is one: CTFC"):
        match_fractions(found, 2, ["CTFC"], targets="JASPAR2016")
    # The ids of HOCOMOCO begin with the factor.
    ids = ("CTCF_HUMAN.H11MO.0.A", "AHR.H13CORE.0.P.B")
    found = rows(("filter0", ids[0]), ("filter1", ids[1]))
    assert match_fractions(found, 2, ["ctcf", "AHR"]) == (1, 1, 1)
