import base64
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import keras_motif.report.sections as report_sections
from keras_motif.matching import MatchFractions, motif_match
from keras_motif.motifs.meme import read_meme
from keras_motif.motifs.motif import Motif
from keras_motif.report._histograms import svg_histogram
from keras_motif.report.page import ReportRun, write_report
from support.report_examples import (
    COLUMNS,
    DASH,
    HOSTILE,
    example_matches,
    example_motifs,
    example_pairs,
    example_profiles,
    example_targets,
    hostile_arguments,
    large_arguments,
    motif_of,
    table_of,
)


@pytest.fixture
def motifs():
    return example_motifs()


@pytest.fixture
def targets():
    return example_targets()


@pytest.fixture
def matches():
    return example_matches()


class Page(HTMLParser):
    """What a page loads, links to, says and labels."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.scripts = 0
        self.ids, self.loads, self.links, self.labels, self.uses = [], [], {}, [], []
        self.anchors = []
        self.feed(self.source)

    @property
    def visible(self):
        """The page's text between its tags, without style and script."""
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", self.source, flags=re.S)
        text = text.replace("<wbr>", "")
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.scripts += tag == "script"
        self.labels += [attrs["aria-label"]] if "aria-label" in attrs else []
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "use":
            self.uses.append(attrs["href"].removeprefix("#"))
        elif tag == "a" and "download" in attrs:
            self.links[attrs["download"]] = attrs["href"]
        elif tag == "a":
            self.anchors.append(attrs["href"].removeprefix("#"))
        elif "href" in attrs or "src" in attrs or tag in ("link", "iframe", "img"):
            self.loads.append(tag)

    def download(self, name):
        return base64.b64decode(self.links[name].partition("base64,")[2])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.html"


def test_the_page_opens_with_the_verdict(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets, title="A & B")
    page = Page(path)
    assert "<title>A &amp; B</title>" in page.source
    assert "2 of 4 filters match a known motif" in page.visible
    assert "Compared with 3 known motifs" in page.visible
    assert "1 has no match." in page.visible
    assert "1 is dead: no sequence activated it." in page.visible
    assert "50 %" in page.visible
    # 14 + 20 + 4 (0.4 log2 0.4 + 0.6 log2 0.2 + 2) + 0 bits over four filters.
    assert "8.6 bits" in page.visible


def test_a_row_says_what_a_filter_is(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    rows = re.findall(
        r"<tbody role=.*?(?=<tbody role=|</table>\s*<h2)", page.source, re.S
    )
    assert len(rows) == 4
    for text in [
        "filter0",
        "JUNB (MA0490.1)",
        "0.0006",
        "0.0003",
        "1,500",
        "14.0 bits",
    ]:
        assert text in rows[0]
    assert "and 1 more" in rows[0]
    assert "reverse complement" in rows[0]  # of the second match, in the details
    assert "2e-09" in rows[1]
    assert "no match" in rows[2]
    assert "no sites" in rows[3]
    assert "dead filter" in rows[3]
    assert "<svg" not in rows[3]


def test_logos_are_labelled_and_all_their_parts_are_defined(
    path, motifs, matches, targets
):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    assert page.source.count('<svg class="logo"') == len(
        [label for label in page.labels if label.startswith("Logo of")]
    )
    label = (
        "Logo of filter0, consensus TGACTCA, above the logo of FOS::JUN (MA0099.2), "
        "reverse complement, consensus TGACTCA; 7 columns overlap"
    )
    assert label in page.labels
    assert set(page.uses) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_aligned_logos_stand_where_the_offset_says(path, motifs, targets):
    write_report(
        path, motifs, table_of(("filter0", "MA0490.1", 3, 1e-3, "+")), targets=targets
    )
    picture = re.search(
        r'<svg class="logo"[^>]*GGATGACTCAT.*?</svg>', Page(path).source
    )
    assert 'viewBox="0 0 110 86"' in picture[0]
    assert '<rect class="shade" x="30" y="0" width="70"' in picture[0]
    places = re.findall(r"translate\((\d+) (\d+)\)", picture[0])
    assert places == [("30", "0"), ("0", "46")]


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
    assert "0 of 4 filters match a known motif" in page.visible
    assert "3 have no match" in page.visible
    assert "Best matches" not in page.visible


def test_without_targets_matches_are_shown_by_their_ids(path, motifs, matches):
    write_report(path, motifs, matches)
    page = Page(path)
    assert "MA0490.1" in page.visible
    assert "matrix not given" in page.visible
    assert "Compared with known motifs" in page.visible


def test_a_release_stands_for_its_motifs(path, motifs, matches):
    write_report(path, motifs, matches, targets="JASPAR2016")
    page = Page(path)
    assert "Compared with JASPAR2016" in page.visible
    assert "SRF (MA0083.3)" in page.visible


def test_fractions_are_shown(path, motifs, matches):
    fractions = MatchFractions(any=0.25, relevant=0.33, coverage=0.75)
    write_report(path, motifs, matches, fractions=fractions)
    text = Page(path).visible
    assert "matched, uninformative targets left out 25 %" in text
    assert "match a relevant factor 33 %" in text
    assert "of the relevant factors found 75 %" in text
    fractions = MatchFractions(any=0.5, relevant=0, coverage=0)
    write_report(path, motifs, matches, fractions=fractions)
    assert "left out" not in Page(path).visible  # the same as the filters matched


def test_what_counted_as_a_match_is_said_where_it_is_known(path, motifs, targets):
    matches = motif_match(motifs[:2], targets, threshold=0.05)
    write_report(path, motifs, matches)
    assert "Compared with 3 known motifs; a match has E ≤ 0.05." in Page(path).visible


def test_real_matches_are_drawn(path, motifs, targets):
    matches = motif_match(motifs[:2], targets)
    write_report(path, motifs, matches, targets=targets)
    assert "2 of 4 filters match a known motif" in Page(path).visible
    assert "SRF (MA0083.3)" in Page(path).visible


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


def test_the_page_loads_nothing(path, motifs, matches, targets):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    assert page.loads == []
    assert all(link.startswith("data:text/plain") for link in page.links.values())
    assert "://" not in page.source
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


def test_64_filters_make_a_page_of_less_than_3_mb(path, random):
    write_report(path, **large_arguments(random))
    assert path.stat().st_size < 3_000_000


def test_a_failure_leaves_the_old_page(path, motifs, matches, monkeypatch):
    path.write_text("old")

    def fail(*_arguments, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(report_sections, "write_matches", fail)
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
    trimmed_since = table_of(("filter0", "MA0490.1", -9, 1e-3, "+"))
    with pytest.raises(ValueError, match="Were the motifs trimmed after matching"):
        write_report(path, motifs, trimmed_since, targets=targets)
    with pytest.raises(TypeError, match="`targets` must be motifs.*Received int"):
        write_report(path, motifs, targets=3)
    with pytest.raises(TypeError, match="Received ndarray at index 0"):
        write_report(path, [np.eye(4)])
    assert not path.exists()


# Profiles


def rows_of(page):
    return re.findall(
        r"<tbody role=.*?(?=<tbody role=|</table>\s*(?:<h2|</section))",
        page.source,
        re.S,
    )


def text_of(html):
    text = re.sub(r"<[^>]*>", " ", html.replace("<wbr>", ""))
    text = " ".join(text.replace("&nbsp;", " ").split())
    return re.sub(r"(?<=\() | (?=[,)])", "", text)


def test_the_verdict_counts_duplicates(path, motifs, matches, targets):
    pairs = example_pairs(
        ("filter0", "filter1", 2e-8, "-"), ("filter0", "filter2", 5e-5, "+")
    )
    write_report(path, motifs, matches, targets=targets, duplicates=pairs)
    page = Page(path)
    assert "3 share their motif with another filter." in page.visible
    assert "filters with a duplicate 3" in page.visible
    rows = rows_of(page)
    assert 'data-states="matched duplicate"' in rows[0]
    assert "same motif as filter1 and 1 more" in text_of(rows[0])
    same = "The same motif: filter1 (E 2e-08, reverse complement), filter2 (E 5e-05)"
    assert same in text_of(rows[0])
    assert "same motif as filter0" in text_of(rows[1])
    assert 'data-states="dead"' in rows[3]
    assert {"filter-1-1", "filter-1-2"} <= set(page.anchors) <= set(page.ids)
    lines = page.download("duplicates.tsv").decode().splitlines()
    assert lines[1].split("\t") == ["filter0", "filter1", "2e-08", "7", "-"]


def test_duplicates_are_looked_for_where_none_are_given(path, motifs):
    motifs.append(Motif(motifs[1].reverse_complement().frequencies, "filter4"))
    write_report(path, motifs)
    assert "2 share their motif with another filter." in Page(path).visible
    assert "same motif as filter1" in text_of(rows_of(Page(path))[4])
    write_report(path, motifs, duplicates=example_pairs())
    assert "share their motif" not in Page(path).visible


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


def test_bars_are_as_high_as_their_share_of_the_highest():
    picture = svg_histogram([1, 0, 4, 2], "A & B")
    # Bars of 30 less the gap of 1, the highest 34 high.
    assert re.search('class="bars" d="(.*?)"', picture)[1] == (
        "M0.5 34v-8.5h29v8.5zM60.5 34v-34h29v34zM90.5 34v-17h29v17z"
    )
    assert 'aria-label="A &amp; B"' in picture
    assert '<path class="bars" d=""/>' in svg_histogram([0, 0], "none")


def test_without_profiles_the_page_says_nothing_of_them(path, motifs, matches):
    write_report(path, motifs, matches)
    text = Page(path).visible
    assert "Where" not in text
    assert "Classes served" not in text
    write_report(path, motifs, positions=example_profiles()["positions"][:0])
    assert "Where" not in Page(path).visible


def test_no_more_than_ten_classes_of_a_filter_are_shown(path, motifs, random):
    arguments = large_arguments(random, num_filters=2)
    write_report(path, arguments["motifs"], enrichment=arguments["enrichment"])
    page = Page(path)
    assert page.visible.count("2 more in the table to download") == 2
    assert len(page.download("enrichment.tsv").splitlines()) == 25


# Runs


def test_runs_stand_side_by_side(path, motifs, matches, targets):
    profiles = example_profiles()
    relu = ReportRun(motifs[2:], table_of())
    exponential = ReportRun(
        motifs, matches, MatchFractions(0.5, 0.25, 1.0), *profiles.values()
    )
    runs = {"ReLU": relu, "exponential": exponential}
    write_report(path, runs=runs, targets=targets)
    page = Page(path)
    assert "ReLU: 0 of 2 filters match a known motif" in page.visible
    assert "exponential: 2 of 4 filters match a known motif" in page.visible
    assert "filters matched 0 % 50 %" in page.visible
    assert f"match a relevant factor {DASH} 25 %" in page.visible
    assert f"classes served {DASH} 1 of 3" in page.visible
    assert "dead filters 1 1" in page.visible
    assert "different motifs matched 0 2" in page.visible
    assert f"SRF (MA0083.3) {DASH} 1" in page.visible
    assert page.source.count('<table class="filters"') == 2
    assert len(rows_of(page)) == 6
    assert f"Where, 0{DASH}100" in page.visible
    assert len(page.ids) == len(set(page.ids))
    assert set(page.uses) | set(page.anchors) <= set(page.ids)
    assert list(page.links) == [
        "motifs-ReLU.meme",
        "matches-ReLU.tsv",
        "motifs-exponential.meme",
        "matches-exponential.tsv",
        "positions-exponential.tsv",
        "enrichment-exponential.tsv",
    ]


def test_many_best_matches_of_runs_are_folded(path, random):
    arguments = large_arguments(random, num_filters=15)
    run = (arguments["motifs"], arguments["matches"])
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
    assert "a match has" not in Page(path).visible
    del runs["2"]
    write_report(path, runs=runs)
    assert "a match has E ≤ 0.05" in Page(path).visible


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


def test_profiles_must_belong_to_the_motifs(path, motifs):
    profiles = example_profiles()
    for argument, maker in (
        ("positions", "site_positions"),
        ("enrichment", "class_enrichment"),
    ):
        table = profiles[argument]
        with pytest.raises(ValueError, match=f"`{maker}` returned. It lacks.* filter"):
            write_report(path, motifs, **{argument: table.drop(columns="filter")})
        with pytest.raises(ValueError, match=f"`{argument}`.*'filter0' .1 such"):
            write_report(path, motifs[1:], **{argument: table})
    with pytest.raises(ValueError, match="`duplicates`.*'g' .1 such"):
        write_report(path, motifs, duplicates=example_pairs(("filter0", "g", 1, "+")))
    with pytest.raises(ValueError, match="lacks .* Received dict with none"):
        write_report(path, motifs, positions={})
    assert not path.exists()


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


# Colours


def colors_of(source):
    """The page's named colours, light and dark."""
    style = re.search(r"<style>(.*?)</style>", source, re.S)[1]
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    schemes = []
    for part in (light, dark.split("* {", 1)[0]):
        root = part.split(":root {", 1)[1].split("}", 1)[0]
        schemes.append(dict(re.findall(r"--([\w-]+):\s*(#\w{6})", root)))
    return schemes


def contrast(one, other):
    """WCAG 2.2's contrast ratio of two colours, from 1 to 21."""

    def luminance(color):
        channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_and_bars_have_the_contrast_of_wcag_aa(path, motifs, scheme):
    write_report(path, motifs)
    colors = colors_of(Page(path).source)[scheme]
    for text in ("ink", "muted", "accent"):
        for ground in ("page", "raised"):
            assert contrast(colors[text], colors[ground]) >= 4.5
    for shape in ("bar", "bars"):
        for ground in ("page", "raised"):
            assert contrast(colors[shape], colors[ground]) >= 3
    assert contrast(colors["bar"], colors["line"]) >= 3
