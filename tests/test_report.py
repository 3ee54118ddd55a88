import base64
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import keras_motif.report as report
from keras_motif.matching import MatchFractions, motif_match
from keras_motif.meme import read_meme
from keras_motif.motif import Motif
from keras_motif.report import write_report

COLUMNS = [
    "Query_ID",
    "Target_ID",
    "Optimal_offset",
    "p-value",
    "E-value",
    "q-value",
    "Overlap",
    "Query_consensus",
    "Target_consensus",
    "Orientation",
]
UNIFORM = np.full((5, 4), 0.25)
HOSTILE = "<script>alert(1)</script>"


def motif_of(consensus, name, **fields):
    rows = dict(zip("ACGT", np.eye(4), strict=True))
    return Motif([rows[base] for base in consensus], name, **fields)


def table_of(*rows):
    """Matches from (query, target, offset, E, orientation)."""
    full = [
        (query, target, offset, e / 100, e, e / 2, 4, "ACGT", "ACGT", strand)
        for query, target, offset, e, strand in rows
    ]
    return pd.DataFrame(full, columns=COLUMNS)


@pytest.fixture
def motifs():
    return [
        motif_of("TGACTCA", "filter0", num_sites=1500),
        motif_of("CCATATTAGG", "filter1", num_sites=20),
        Motif([[0.4, 0.2, 0.2, 0.2]] * 4, "filter2", num_sites=7),
        Motif(UNIFORM, "filter3", num_sites=0),
    ]


@pytest.fixture
def targets():
    return [
        motif_of("GGATGACTCAT", "MA0490.1", alt_name="JUNB"),
        motif_of("TGAGTCA", "MA0099.2", alt_name="FOS::JUN"),
        motif_of("CCATATTAGG", "MA0083.3", alt_name="SRF"),
    ]


@pytest.fixture
def matches():
    return table_of(
        ("filter0", "MA0490.1", 3, 6e-4, "+"),
        ("filter0", "MA0099.2", 0, 4e-3, "-"),
        ("filter1", "MA0083.3", 0, 2e-9, "+"),
    )


class Page(HTMLParser):
    """What a page loads, links to, says and labels."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.scripts = 0
        self.ids, self.loads, self.links, self.labels, self.uses = [], [], {}, [], []
        self.feed(self.source)

    @property
    def visible(self):
        """The page's text between its tags, without style and script."""
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", self.source, flags=re.S)
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.scripts += tag == "script"
        self.labels += [attrs["aria-label"]] if "aria-label" in attrs else []
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "use":
            self.uses.append(attrs["href"].removeprefix("#"))
        elif tag == "a":
            self.links[attrs["download"]] = attrs["href"]
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


def hostile_arguments():
    motif = motif_of("ACGT", HOSTILE, alt_name='" onload="alert(2)', num_sites=3)
    target = motif_of("ACGT", "MA1.1</style>", alt_name="'><img src=x>")
    matches = table_of((HOSTILE, "MA1.1</style>", 0, 1e-3, "+"))
    return {"motifs": [motif], "matches": matches, "targets": [target]}


def test_names_are_escaped(path, motifs, matches):
    write_report(path, motifs, matches)
    expected = Page(path)
    write_report(path, **hostile_arguments(), title=HOSTILE)
    page = Page(path)
    assert page.scripts == expected.scripts == 1
    assert page.loads == []
    assert "<script>alert" not in page.source
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.source
    assert page.source.count("</style>") == expected.source.count("</style>")
    assert any(HOSTILE in label for label in page.labels)


def test_64_filters_make_a_small_page(path, random):
    filters = [
        Motif(random.dirichlet([0.3] * 4, 19), f"filter{index}", num_sites=9)
        for index in range(64)
    ]
    targets = [
        Motif(random.dirichlet([0.3] * 4, 15), f"MA{index}.1", alt_name=f"F{index}")
        for index in range(300)
    ]
    rows = [
        (f"filter{index}", f"MA{target}.1", 0, 1e-3, "+-"[target % 2])
        for index in range(64)
        for target in random.choice(300, 10, replace=False)
    ]
    write_report(path, filters, table_of(*rows), targets=targets)
    assert path.stat().st_size < 3_000_000


def test_a_failure_leaves_the_old_page(path, motifs, matches, monkeypatch):
    path.write_text("old")

    def fail(*_arguments, **_options):
        raise OSError("disk full")

    monkeypatch.setattr(report, "write_matches", fail)
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


# In a browser

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

DRIVER = """<script>
(function () {
  var result = {errors: window.pageErrors};
  var all = function (query) { return Array.from(document.querySelectorAll(query)); };
  var names = function () {
    return all(".filters > tbody").filter(function (body) { return !body.hidden; })
      .map(function (body) {
        return body.querySelector("th").firstChild.textContent.trim();
      });
  };
  var sorted = function (key) {
    var button = document.querySelector("[data-key=" + key + "]");
    button.click();
    return names().concat(button.closest("th").getAttribute("aria-sort"));
  };
  var find = function (text) {
    var search = document.getElementById("search");
    search.value = text;
    search.dispatchEvent(new Event("input"));
    return names().concat(document.getElementById("count").textContent);
  };
  var first = document.querySelector(".more");
  var state = document.getElementById("state");
  var seen = function (element) { return element.getClientRects().length > 0; };
  result.start = names();
  result.e = sorted("e");
  result.eAgain = sorted("e");
  result.information = sorted("information");
  result.match = sorted("match");
  result.order = sorted("order");
  result.sorted = all("[aria-sort]").length;
  result.srf = find("srf");
  result.word = find("ATGA filter0");
  result.two = find("fos junb");
  result.none = find("xyz");
  result.all = find("");
  state.value = "dead";
  state.dispatchEvent(new Event("change"));
  result.dead = names();
  state.value = "";
  state.dispatchEvent(new Event("change"));
  all("[data-find]")[1].click();
  result.chip = names();
  all("[data-find]")[1].click();
  result.unchip = names();
  var details = document.getElementById(first.getAttribute("aria-controls"));
  result.closed = [seen(details), first.getAttribute("aria-expanded")];
  first.click();
  result.open = [seen(details), first.getAttribute("aria-expanded")];
  first.click();
  result.shut = [seen(details), first.getAttribute("aria-expanded")];
  var letter = document.querySelector("[id=base-C]");
  result.classic = getComputedStyle(letter).fill;
  document.getElementById("safe").click();
  result.safe = getComputedStyle(letter).fill;
  var logo = document.querySelector("table .logo").getBoundingClientRect();
  result.logo = [logo.width > 50, logo.height > 50];
  result.wider = document.documentElement.scrollWidth > window.innerWidth;
  result.alerted = window.alerted === true;
  var output = document.createElement("pre");
  output.id = "result";
  output.textContent = JSON.stringify(result);
  document.body.appendChild(output);
})();
</script></body>"""
WATCHER = """<head><script>
window.pageErrors = [];
window.onerror = function (message) { window.pageErrors.push(message); };
window.alert = function () { window.alerted = true; };
document.addEventListener("securitypolicyviolation", function (event) {
  window.pageErrors.push(event.violatedDirective);
});
</script>"""


def in_browser(path, profile, size="1200,900"):
    """Open the page in headless Chromium, use it and return what happened."""
    source = path.read_text(encoding="utf-8")
    source = source.replace("<head>", WATCHER).replace("</body>", DRIVER)
    path.with_name("driven.html").write_text(source, encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
        f"--window-size={size}",
        "--enable-logging=stderr",
        "--dump-dom",
    ]
    done = subprocess.run(
        [BROWSER, *flags, path.with_name("driven.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "CONSOLE" not in done.stderr
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
    text = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return json.loads(text)


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_sorting_search_and_details_work_in_a_browser(
    path, tmp_path, motifs, matches, targets
):
    write_report(path, motifs, matches, targets=targets)
    result = in_browser(path, tmp_path / "profile")
    names = ["filter0", "filter1", "filter2", "filter3"]
    assert result["errors"] == []
    assert result["start"] == names
    # Filters without a match stand last in either direction.
    assert result["e"] == ["filter1", "filter0", "filter2", "filter3", "ascending"]
    assert result["eAgain"] == [*names, "descending"]
    assert result["information"] == [
        "filter1",
        "filter0",
        "filter2",
        "filter3",
        "descending",
    ]
    assert result["match"] == [*names, "ascending"]
    assert result["order"] == [*names, "ascending"]
    assert result["sorted"] == 1
    assert result["srf"] == ["filter1", "1 of 4 filters"]
    assert result["word"] == ["0 of 4 filters"]
    assert result["two"] == ["filter0", "1 of 4 filters"]
    assert result["none"] == ["0 of 4 filters"]
    assert result["all"] == [*names, "4 filters"]
    assert result["dead"] == ["filter3"]
    assert result["chip"] == ["filter1"]
    assert result["unchip"] == names
    assert result["closed"] == result["shut"] == [False, "false"]
    assert result["open"] == [True, "true"]
    assert result["classic"] == "rgb(0, 0, 255)"
    assert result["safe"] == "rgb(89, 179, 230)"
    assert result["logo"] == [True, True]
    assert not result["wider"]


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_hostile_names_are_harmless_in_a_narrow_browser(path, tmp_path):
    arguments = hostile_arguments()
    arguments["motifs"].append(motif_of("ACGT", "n" * 200))
    arguments["targets"].append(motif_of("TTTT" * 20, "MA2.1", alt_name="F" * 99))
    arguments["matches"] = pd.concat(
        [arguments["matches"], table_of(("n" * 200, "MA2.1", 3, 1e-3, "-"))]
    )
    write_report(path, **arguments, title=HOSTILE)
    result = in_browser(path, tmp_path / "profile", size="500,900")
    assert result["errors"] == []
    assert not result["alerted"]
    assert result["start"] == [HOSTILE, "n" * 200]
    assert result["open"] == [True, "true"]
    assert not result["wider"]
