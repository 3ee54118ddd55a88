import html
import re

import numpy as np
import pandas as pd
import pytest

import keras_motif.report._downloads as report_downloads
from keras_motif.matching import (
    MatchFractions,
    ShuffledShare,
    match_support,
    motif_match,
)
from keras_motif.motifs.meme import MemeFile, read_meme
from keras_motif.report.page import ReportRun, write_report
from support.motif_examples import motif_of
from support.report_examples import (
    COLUMNS,
    DASH,
    HOSTILE,
    example_profiles,
    hostile_arguments,
    large_arguments,
    support_of,
    table_of,
)
from support.report_page import Page, rows_of, text_of


def test_the_page_opens_with_the_verdict(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets, title="A & B")
    page = Page(path)
    assert "<title>A &amp; B</title>" in page.source
    assert "2 of 4 filters have a convincing name" in page.visible
    assert "Compared with 3 known motifs. Tomtom alone: 2 have a match." in page.visible
    assert "1 is dead: no sequence activated it." in page.visible
    assert "different names 2" in page.visible
    assert "matched by Tomtom alone" not in page.visible  # said above
    # 14 + 20 + 4 (0.4 log2 0.4 + 0.6 log2 0.2 + 2) + 0 bits over four filters.
    assert "8.6 bits" in page.visible


def test_the_downloads_hold_motifs_and_matches(
    path, tmp_path, motifs, matches, targets
):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    (tmp_path / "out.meme").write_bytes(page.download("motifs.meme"))
    assert read_meme(tmp_path / "out.meme").motifs == motifs
    lines = page.download("matches.tsv").decode().splitlines()
    assert lines[0].split("\t") == COLUMNS
    assert lines[1].split("\t")[:3] == ["filter0", "MA0490.1", "3"]


def test_without_matches_the_page_has_logos_alone(path, motifs):
    write_report(path, motifs)
    page = Page(path)
    assert "4 filters, 3 with sites" in page.visible
    assert "not compared with a database" in page.visible
    assert "E-value" not in page.visible
    assert "no match" not in page.visible
    assert list(page.links) == ["motifs.meme"]


def test_an_empty_table_means_that_nothing_matched(path, motifs):
    write_report(path, motifs, table_of())
    page = Page(path)
    assert "0 of 4 filters have a convincing name" in page.visible
    assert "Tomtom alone: 0 have a match" in page.visible
    assert "Convincing names" not in page.visible


def test_weak_matches_are_called_weak_and_give_no_name(path, motifs, matches, targets):
    support = support_of(matches, [False, True, False])
    shuffled = ShuffledShare(0.25, 0.5)
    pieces = {"support": support, "shuffled": shuffled, "targets": targets}
    write_report(path, motifs, matches, **pieces)
    page = Page(path)
    assert "1 of 4 filters has a convincing name" in page.visible
    assert "Tomtom alone: 2 have a match." in page.visible
    chance = "With their columns shuffled, 25 % of the filters would have a convincing"
    assert chance in page.visible
    rows = rows_of(page)
    # The name is the convincing second one; the first stands below it, pale.
    assert 'data-match="FOS::JUN (MA0099.2)"' in rows[0]
    assert 'data-states="named"' in rows[0]
    assert rows[0].count('<tr class="weak">') == 1
    assert text_of(rows[0]).index("FOS::JUN") < text_of(rows[0]).index("JUNB")
    assert 'data-states="weak"' in rows[1]
    assert 'data-match=""' in rows[1]
    assert "SRF (MA0083.3) weak match" in text_of(rows[1])
    assert "3.1 bits" in text_of(rows[1])
    chips = page.source.split('<ul class="chips">')[1].split("</ul>")[0]
    assert "FOS::" in chips
    assert "SRF" not in chips
    lines = page.download("support.tsv").decode().splitlines()
    assert lines[0].split("\t")[:2] == ["Query_ID", "Target_ID"]
    assert lines[2].split("\t")[1] == "MA0099.2"
    assert lines[2].endswith("True")


def test_the_worth_is_that_of_match_support(path, motifs, targets):
    matches = motif_match(motifs[:3], targets, threshold=30)
    support = match_support(matches)
    assert 0 < support["is_convincing"].sum() < len(matches)
    pages = []
    for options in ({}, {"targets": targets}, {"support": support}):
        write_report(path, motifs, matches, **options)
        pages.append(Page(path).download("support.tsv"))
    plain = pd.DataFrame(matches)  # as read from a file
    write_report(path, motifs, plain, targets=targets)
    assert {*pages, Page(path).download("support.tsv")} == {pages[0]}
    with pytest.raises(ValueError, match="`support` must be what `match_support`"):
        write_report(path, motifs, matches, support=support[:1])


def test_excluded_rows_are_nowhere(path, motifs, matches, targets):
    kept = matches[matches["Target_ID"] != "MA0083.3"]
    write_report(path, motifs, kept, targets=targets)
    page = Page(path)
    assert "1 of 4 filters has a convincing name" in page.visible
    assert "SRF" not in page.source


def test_without_targets_matches_are_shown_by_their_ids(path, motifs, matches):
    write_report(path, motifs, matches)
    page = Page(path)
    assert "2 of 4 filters match a known motif" in page.visible
    assert "What these matches are worth was not judged" in page.visible
    assert "MA0490.1 not judged" in text_of(rows_of(page)[0])
    assert "MA0490.1" in page.visible
    assert "matrix not given" in page.visible
    assert "Compared with known motifs" in page.visible


def test_a_release_stands_for_its_motifs(path, motifs, matches):
    support = support_of(matches)
    write_report(path, motifs, matches, support=support, targets="JASPAR2016")
    page = Page(path)
    assert "Compared with JASPAR2016" in page.visible
    assert "SRF (MA0083.3)" in page.visible


def test_what_counted_as_a_match_is_said_where_it_is_known(path, motifs, targets):
    matches = motif_match(motifs[:2], targets, threshold=0.05)
    write_report(path, motifs, matches)
    said = "Compared with 3 known motifs. Tomtom alone: 2 have a match (E ≤ 0.05)."
    assert said in Page(path).visible


def test_real_matches_are_drawn(path, motifs, targets):
    matches = motif_match(motifs[:2], targets)
    write_report(path, motifs, matches, targets=targets)
    assert "2 of 4 filters have a convincing name" in Page(path).visible
    assert "SRF (MA0083.3)" in Page(path).visible


def test_the_page_loads_nothing(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    assert page.loads == []
    assert all(link.startswith("data:application/gzip") for link in page.links.values())
    pages = {f"https://jaspar.elixir.no/matrix/{target.name}/" for target in targets}
    links = [anchor for anchor in page.anchors if "://" in anchor]
    assert {*links} == pages
    assert page.source.count("://") == len(links)
    assert "@import" not in page.source
    assert "url(" not in page.source
    assert "default-src 'none'" in page.source


def test_names_are_escaped(path, motifs, matches):
    write_report(path, motifs, matches)
    expected = Page(path)
    write_report(path, **hostile_arguments(), title=HOSTILE)
    page = Page(path)
    assert page.scripts == expected.scripts == 1
    assert page.loads == []
    assert "<script>alert" not in page.source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.source
    assert "<img" not in page.source
    assert "<b>" not in page.source
    assert page.source.count("</style>") == expected.source.count("</style>")
    assert any(HOSTILE in label for label in page.labels)


def test_names_of_runs_are_escaped_and_make_harmless_file_names(path, motifs):
    write_report(path, runs={HOSTILE: ReportRun(motifs), "a/../b": (motifs,)})
    page = Page(path)
    assert page.scripts == 1
    assert "<script>alert" not in page.source
    assert list(page.links) == [
        "motifs--script-alert-1-script-.meme",
        "motifs-a-..-b.meme",
    ]


@pytest.mark.parametrize("num_filters", [4, 64])
def test_a_filter_adds_at_most_6_kb(path, random, num_filters):
    arguments = large_arguments(random, num_filters)
    write_report(path, **arguments, filmstrip={0: arguments["motifs"]})
    assert path.stat().st_size <= 300_000 + 6_000 * num_filters


def test_viewers_without_scripts_find_the_first_rows_and_all_files(path, random):
    write_report(path, **large_arguments(random, 50))
    source = path.read_text(encoding="utf-8")
    assert source.count("<tbody role=") == 24
    plain = source.partition('<template id="pack">')[0]
    uses = {*re.findall(r'<use href="#([^"]*)"', plain)}
    assert uses <= {*re.findall(r' id="([^"]*)"', plain)}
    assert Page(path).download("matches.tsv").count(b"\nfilter") == 500


def test_the_same_content_gives_the_same_page(path, tmp_path, motifs, matches):
    write_report(path, motifs, matches)
    write_report(tmp_path / "again.html", motifs, matches)
    assert path.read_bytes() == (tmp_path / "again.html").read_bytes()


def test_how_it_was_made_is_told(path, motifs, targets):
    matches = motif_match(motifs[:2], "JASPAR2016", threshold=0.05)
    made = {
        "Layer": "conv: 4 filters of 7 bases",
        "A site is": "a window above 0.5 of the filter's largest activation",
        "Sequences": 67,
        "Windows": 12_345,
    }
    write_report(path, motifs, matches, targets="JASPAR2016", made=made)
    text = html.unescape(Page(path).visible)
    assert "Layer conv: 4 filters of 7 bases A site is" in text
    assert "looked for in 12,345 windows of 67 sequences, and" in text
    assert "Windows 12,345 Database JASPAR2016 (519 motifs)" in text
    rule = "Tomtom's statistics: Euclidean distance, both strands, E ≤ 0.05"
    assert f"Matching {rule} Written by keras-motif" in text
    assert "Read was conv: 4 filters of 7 bases. A site is a window above" in text
    assert (
        "compared with JASPAR2016 (519 motifs) [3] by Tomtom's statistics [2]:" in text
    )
    assert "[3] Mathelier A et al. (2016)" in text
    write_report(path, motifs)  # what isn't known is not said
    text = Page(path).visible
    assert "[1] Koo PK" in text
    assert "[2]" not in text
    assert "Windows" not in text


def test_runs_tell_how_each_was_made(path, motifs, matches):
    runs = {
        "ReLU": ReportRun(motifs, matches, made={"Layer": "relu"}),
        "exp": ReportRun(motifs, matches, made={"Layer": "exp", "Windows": 7}),
    }
    write_report(path, runs=runs)
    text = Page(path).visible
    assert "ReLU exp Layer relu exp" in text
    assert f"Windows {DASH} 7" in text
    assert "Read was" not in text  # they differ


def test_a_failure_leaves_the_old_page(path, motifs, matches, monkeypatch):
    path.write_text("old")

    def fail(*_arguments, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(report_downloads, "write_matches", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(path, motifs, matches)
    monkeypatch.undo()
    monkeypatch.setattr("pathlib.Path.write_text", fail)
    with pytest.raises(OSError, match="disk full"):
        write_report(path, motifs)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_the_folder_must_exist(tmp_path, motifs):
    with pytest.raises(OSError, match="missing"):
        write_report(tmp_path / "missing" / "report.html", motifs)


def test_arguments_that_do_not_belong_together_are_refused(path, motifs, targets):
    with pytest.raises(ValueError, match="at least one motif. Received none"):
        write_report(path, [])
    other = table_of(("g0", "MA0490.1", 0, 1e-3, "+"))
    with pytest.raises(ValueError, match="'g0'.*not among the motifs"):
        write_report(path, motifs, other)
    with pytest.raises(ValueError, match="lacks the columns Query_ID"):
        write_report(path, motifs, pd.DataFrame())
    fractions = MatchFractions(1, 0, 0)
    with pytest.raises(ValueError, match="`fractions` must come with the `matches`"):
        write_report(path, motifs, fractions=fractions)
    for argument in ("support", "shuffled"):
        with pytest.raises(ValueError, match=f"`{argument}` must come with the"):
            write_report(path, motifs, **{argument: support_of(other)})
    trimmed_since = table_of(("filter0", "MA0490.1", -9, 1e-3, "+"))
    with pytest.raises(ValueError, match="Was it trimmed before"):
        write_report(path, motifs, trimmed_since, targets=targets)
    judged = {"support": support_of(trimmed_since), "targets": targets}
    with pytest.raises(ValueError, match="Were the motifs trimmed after matching"):
        write_report(path, motifs, trimmed_since, **judged)
    with pytest.raises(TypeError, match="`targets` must be motifs.*Received int"):
        write_report(path, motifs, targets=3)
    with pytest.raises(TypeError, match="Received ndarray at index 0"):
        write_report(path, [np.eye(4)])
    assert not path.exists()


def test_without_profiles_the_page_says_nothing_of_them(path, motifs, matches):
    write_report(path, motifs, matches)
    text = Page(path).visible
    assert "Where" not in text
    assert "Classes served" not in text
    write_report(path, motifs, positions=example_profiles()["positions"][:0])
    assert "Where" not in Page(path).visible


# Runs


def test_runs_stand_side_by_side(path, motifs, matches, targets):
    profiles = example_profiles()
    relu = ReportRun(motifs[2:], table_of(), notes=["hardly learned"])
    exponential = ReportRun(
        motifs, matches, MatchFractions(0.5, 0.25, 1.0), *profiles.values()
    )
    exponential = exponential._replace(shuffled=ShuffledShare(0.125, 0.5))
    runs = {"ReLU": relu, "exponential": exponential}
    write_report(path, runs=runs, targets=targets)
    page = Page(path)
    assert "ReLU: hardly learned" in page.visible
    assert "ReLU: 0 of 2 filters have a convincing name" in page.visible
    assert "exponential: 2 of 4 filters have a convincing name" in page.visible
    assert "filters with a convincing name 0 % 50 %" in page.visible
    assert "matched by Tomtom alone 0 % 50 %" in page.visible
    assert f"would be named by chance {DASH} 12 %" in page.visible
    assert f"match a relevant factor {DASH} 25 %" in page.visible
    assert f"classes served {DASH} 1 of 3" in page.visible
    assert "dead filters 1 1" in page.visible
    assert "different names 0 2" in page.visible
    assert f"SRF (MA0083.3) {DASH} 1" in page.visible
    assert page.source.count('<table class="filters"') == 2
    assert len(rows_of(page)) == 6
    assert f"Where, 0{DASH}100" in page.visible
    assert len(page.ids) == len(set(page.ids))
    inside = {anchor[1:] for anchor in page.anchors if anchor.startswith("#")}
    assert set(page.uses) | inside <= set(page.ids)
    assert list(page.links) == [
        "motifs-ReLU.meme",
        "matches-ReLU.tsv",
        "support-ReLU.tsv",
        "motifs-exponential.meme",
        "matches-exponential.tsv",
        "support-exponential.tsv",
        "positions-exponential.tsv",
        "enrichment-exponential.tsv",
    ]


def test_many_best_matches_of_runs_are_folded(path, random):
    arguments = large_arguments(random, num_filters=15)
    keys = ("motifs", "matches", "support")
    run = ReportRun(**{key: arguments[key] for key in keys})
    write_report(path, runs={"one": run, "other": run}, targets=arguments["targets"])
    labels = arguments["matches"].drop_duplicates("Query_ID")["Target_ID"].nunique()
    assert f"{labels - 12} more" in Page(path).visible


def test_runs_may_lack_tables(path, motifs):
    write_report(path, runs={"one": (motifs,), "other": ReportRun(motifs[:1])})
    text = Page(path).visible
    assert "one: 4 filters, 3 with sites" in text
    assert "other: 1 filter, 1 with sites" in text
    assert "Compared with" not in text


def test_what_counted_as_a_match_is_said_where_all_runs_agree(path, motifs, targets):
    tables = [motif_match(motifs[:2], targets, threshold=t) for t in (0.05, 0.05, 0.1)]
    runs = {str(index): (motifs, table) for index, table in enumerate(tables)}
    write_report(path, runs=runs)
    assert "a match of Tomtom has" not in Page(path).visible
    del runs["2"]
    write_report(path, runs=runs)
    assert "a match of Tomtom has E ≤ 0.05" in Page(path).visible


def test_motifs_and_runs_exclude_each_other(path, motifs, matches):
    runs = {"one": ReportRun(motifs)}
    for arguments in (
        {},
        {"motifs": motifs, "runs": runs},
        {"matches": matches, "runs": runs},
        {"filmstrip": {0: motifs}, "runs": runs},
    ):
        with pytest.raises(ValueError, match="Pass either `motifs`.*or `runs`"):
            write_report(path, **arguments)
    with pytest.raises(ValueError, match="`runs` must be a dict .*Received {}"):
        write_report(path, runs={})
    with pytest.raises(ValueError, match="names as keys. Received ' '"):
        write_report(path, runs={" ": ReportRun(motifs)})
    with pytest.raises(ValueError, match="Received list under 'one'"):
        write_report(path, runs={"one": motifs})
    with pytest.raises(ValueError, match="Received tuple under 'one'"):
        write_report(path, runs={"one": ()})


def test_the_filmstrip_is_part_of_the_page(path, motifs):
    write_report(path, motifs, filmstrip={0: motifs, 4: motifs})
    page = Page(path)
    assert "How the filters became motifs" in page.visible
    assert "epoch 1 epoch 5" in page.visible
    assert "://" not in page.source
    assert len(page.ids) == len(set(page.ids))
    assert set(page.uses) <= set(page.ids)
    with pytest.raises(ValueError, match="`snapshots` must hold"):
        write_report(path, motifs, filmstrip={})


def test_a_page_of_rna_has_u_for_t(path, tmp_path, motifs):
    known = [motif_of("TGACTCA", "RNCMPT1", alt_name="FOS")]
    rna = MemeFile(known, alphabet="ACGU")
    matches = motif_match(motifs, rna, threshold=1e9)
    films = {0: motifs, 1: motifs}
    write_report(path, motifs, matches, targets=rna, filmstrip=films)
    page = Page(path)
    assert set(page.uses) <= set(page.ids)
    assert "base-U" in page.uses
    assert "base-T" not in {*page.uses, *page.ids}
    assert "consensus UGACUCA" in page.visible
    (tmp_path / "out.meme").write_bytes(page.download("motifs.meme"))
    assert read_meme(tmp_path / "out.meme").alphabet == "ACGU"
    write_report(path, motifs, matches, targets=rna, alphabet="ACGT")
    assert "base-U" not in Page(path).ids


def test_duplicates_of_rna_are_on_one_strand(path):
    motif = motif_of("TGACTGAGCC", "filter0", num_sites=9)
    turned = motif_of("GGCTCAGTCA", "filter1", num_sites=9)
    for alphabet, said in (("ACGT", True), ("ACGU", False)):
        write_report(path, [motif, turned], alphabet=alphabet)
        assert ("same motif as" in Page(path).visible) is said


def test_another_alphabet_is_refused(path, motifs):
    with pytest.raises(ValueError, match="`alphabet` must be"):
        write_report(path, motifs, alphabet="RNA")
