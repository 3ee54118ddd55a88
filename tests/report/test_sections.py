import pandas as pd

from keras_motif.matching import MatchFractions
from keras_motif.motifs.motif import Motif
from keras_motif.report.page import write_report
from support.report_examples import example_pairs, table_of
from support.report_page import Page, rows_of, text_of


def test_the_verdict_counts_duplicates(path, motifs, matches, targets):
    pairs = example_pairs(
        ("filter0", "filter1", 2e-8, "-"), ("filter0", "filter2", 5e-5, "+")
    )
    write_report(path, motifs, matches, targets=targets, duplicates=pairs)
    page = Page(path)
    assert "3 share their motif with another filter." in page.visible
    assert "filters with a duplicate 3" in page.visible
    rows = rows_of(page)
    assert 'data-states="named duplicate"' in rows[0]
    assert "same motif as filter1 and 1 more" in text_of(rows[0])
    same = "The same motif: filter1 (E 2e-08, reverse complement), filter2 (E 5e-05)"
    assert same in text_of(rows[0])
    assert "same motif as filter0" in text_of(rows[1])
    assert 'data-states="dead"' in rows[3]
    inside = {anchor[1:] for anchor in page.anchors if anchor.startswith("#")}
    assert {"filter-1-1", "filter-1-2"} <= inside <= set(page.ids)
    lines = page.download("duplicates.tsv").decode().splitlines()
    assert lines[1].split("\t") == ["filter0", "filter1", "2e-08", "7", "-"]


def test_duplicates_are_looked_for_where_none_are_given(path, motifs):
    motifs.append(Motif(motifs[1].reverse_complement().frequencies, "filter4"))
    write_report(path, motifs)
    assert "2 share their motif with another filter." in Page(path).visible
    assert "same motif as filter1" in text_of(rows_of(Page(path))[4])
    write_report(path, motifs, duplicates=example_pairs())
    assert "share their motif" not in Page(path).visible


def test_fractions_are_shown_and_by_which_rule(path, motifs, matches, targets):
    rules = {0.5: "", 0.75: ", by Tomtom alone", 0.25: ", of 1 that count"}
    more = table_of(
        ("filter2", "MA0083.3", 0, 0.05, "+"), motifs=motifs, targets=targets
    )
    matches = pd.concat([matches, more], ignore_index=True)
    for share, rule in rules.items():
        fractions = MatchFractions(any=share, relevant=0.33, coverage=0.75)
        write_report(path, motifs, matches, targets=targets, fractions=fractions)
        text = Page(path).visible
        assert f"match a relevant factor{rule} 33 %" in text
        assert f"of the relevant factors found{rule} 75 %" in text
        assert "Tomtom alone: 3 have a match" in text
