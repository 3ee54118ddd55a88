import re

import pytest

from keras_motif.matching import match_families, motif_match
from keras_motif.motifs.jaspar import load_jaspar
from keras_motif.motifs.motif import Motif
from keras_motif.report.page import write_report
from keras_motif.sequences import one_hot
from support.motif_examples import UNIFORM
from support.report_examples import (
    DASH,
    example_profiles,
    example_sites,
    large_arguments,
    motif_of,
    table_of,
)
from support.report_page import Page, rows_of, text_of

MINUS = "\N{MINUS SIGN}"


def test_a_row_says_what_a_filter_is(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    rows = rows_of(page)
    assert len(rows) == 4
    for text in [
        "filter0",
        "JUNB (MA0490.1)",
        "0.0006",
        "0.0003",  # in the details
        "14.0 bits",
        "1,500",
        "14.0 bits",
    ]:
        assert text in rows[0]
    # Of the other matches two stand in the row.
    assert "FOS::JUN (MA0099.2) E 0.004" in text_of(rows[0])
    assert "reverse complement" in rows[0]  # of the second match, in the details
    assert "2e-09" in rows[1]
    assert "no match" in rows[2]
    assert "no sites" in rows[3]
    assert "dead filter" in rows[3]
    assert "<svg" not in rows[3]


def test_unknown_numbers_of_sites_are_said_to_be_unknown(path):
    write_report(path, [motif_of("ACGT", "f")])
    assert "unknown" in Page(path).visible
    assert "1 filter, 1 with sites" in Page(path).visible


def test_at_most_ten_matches_of_a_filter_are_shown(path):
    rows = [("f", f"MA{index:04d}.1", 0, 1e-3, "+") for index in range(13)]
    write_report(path, [motif_of("ACGT", "f")], table_of(*rows))
    page = Page(path)
    assert "MA0009.1" in page.visible
    assert "MA0010.1" not in page.visible
    assert "3 more in the table to download" in page.visible
    assert b"MA0012.1" in page.download("matches.tsv")


def test_details_show_the_sites_of_the_largest_activations(path, motifs, matches):
    write_report(path, motifs, matches, sites=example_sites())
    page = Page(path)
    first, second, third, _ = map(text_of, rows_of(page))
    assert f"Activation 36 6 13 + 9 35 5 12 {MINUS} 7.5 34 4 11 + 6" in first
    assert "30 0 7" not in first  # five are shown
    assert "Activation 3 40 50 + 1.2" in second
    assert "Activation" not in third
    lines = page.download("sites.tsv").decode().splitlines()
    assert [line.split("\t")[1] for line in lines[1:6]] == [
        "36",
        "35",
        "34",
        "33",
        "32",
    ]
    with pytest.raises(ValueError, match="`sites` must be a table that `activation_s"):
        write_report(path, motifs, sites=example_sites()[["filter"]])


def test_sites_of_a_genome_are_told_by_its_coordinates(path, motifs):
    place = {"chromosome": "chr7", "genome_start": 1_000, "genome_end": 1_007}
    sites = example_sites().assign(**place, genome_strand="-")
    write_report(path, motifs, sites=sites)
    assert f"Activation chr7 1,000 1,007 {MINUS}" in text_of(rows_of(Page(path))[0])


def test_only_ids_of_jaspar_link_to_it(path, motifs, targets):
    other = motif_of("CCATATTAGG", "M08810_2.00", alt_name="SRF")
    matches = motif_match(motifs[:2], [targets[0], other])
    write_report(path, motifs, matches)
    links = [anchor for anchor in Page(path).anchors if "://" in anchor]
    assert {*links} == {"https://jaspar.elixir.no/matrix/MA0490.1/"}


def test_a_row_shows_where_its_filter_fires(path, motifs, matches):
    write_report(path, motifs, matches, positions=example_profiles()["positions"])
    page = Page(path)
    # Middles 53 to 68: seven bases in the first bin, nine in the next.
    label = (
        "Sites of filter0 along the sequence: 16, most of them, 9, from base 60 to 70"
    )
    assert page.labels.count(label) == 2  # in the row and in its details
    rows = rows_of(page)
    assert 'data-place="65.0"' in rows[0]
    assert 'data-place="5.0"' in rows[1]
    assert 'data-place=""' in rows[2]
    picture = re.search(r'<path class="bars" d="(.*?)"', rows[0])[1]
    assert picture.count("M") == 2  # bins without a site have no bar
    assert "v-34h11v34z" in picture  # the highest as high as the picture
    assert f"Where, 0{DASH}100" in page.visible
    assert b"filter0\t60\t70\t9\n" in page.download("positions.tsv")


def test_a_row_shows_the_classes_that_its_filter_serves(path, motifs, matches):
    write_report(path, motifs, matches, enrichment=example_profiles()["enrichment"])
    page = Page(path)
    rows = rows_of(page)
    assert "K562 &lt;JUN&gt; 80 % / 0 %" in text_of(rows[0])
    assert 'data-class="K562 &lt;JUN&gt;"' in rows[0]
    assert "k562 &lt;jun&gt;" in rows[0]  # to search for
    # 16 of 20 positives, none of 20 others: (16.5 x 20.5) / (4.5 x 0.5).
    assert "80.0 % of 20 0.0 % of 20 150" in text_of(rows[0])
    assert f"unseen {DASH} of 0" in text_of(rows[0])
    assert 'data-class=""' in rows[1]
    assert "classes served 1 of 3" in page.visible
    assert b"filter0\tK562 <JUN>\t16\t20\t0\t20\t" in page.download("enrichment.tsv")


def test_no_more_than_ten_classes_of_a_filter_are_shown(path, motifs, random):
    arguments = large_arguments(random, num_filters=2)
    write_report(path, arguments["motifs"], enrichment=arguments["enrichment"])
    page = Page(path)
    assert page.visible.count("2 more in the table to download") == 2
    assert len(page.download("enrichment.tsv").splitlines()) == 25


def test_a_row_shows_the_family_beside_the_factor(path):
    known = {motif.alt_name: motif for motif in load_jaspar("JASPAR2016")}
    queries = [Motif(0.94 * one_hot("CCGGAAGT")[0] + 0.015, "ets")]
    queries.append(Motif(known["CTCF"].frequencies, "CTCF"))
    queries.append(Motif(UNIFORM, "none", num_sites=5))
    matches = motif_match(queries, "JASPAR2016")
    matches = matches[matches["Query_ID"] != "none"]
    write_report(path, queries, matches, targets="JASPAR2016")
    rows = [text_of(row) for row in rows_of(Page(path))]
    members = match_families(matches, "JASPAR2016")["members"].iloc[0].split(", ")
    assert len(members) > 1
    assert f"Ets-related family: {', '.join(members[:4])}" in rows[0]
    assert "CTCF (MA0139.1) More than 3 adjacent zinc finger family" in rows[1]
    assert "family" not in rows[2]
    assert "ets-related" in rows_of(Page(path))[0].split('data-search="')[1]
    # Motifs alone know no release.
    write_report(path, queries, matches, targets=list(known.values()))
    assert "family" not in Page(path).visible
