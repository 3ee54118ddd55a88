"""The report in a real browser: headless Chromium through Playwright."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from keras_motif.motifs.meme import read_meme
from keras_motif.report.page import ReportRun, write_report
from support.report_examples import (
    DASH,
    HOSTILE,
    example_matches,
    example_motifs,
    example_pairs,
    example_profiles,
    example_sites,
    example_targets,
    hostile_arguments,
    motif_of,
    support_of,
    table_of,
)

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SVG = "{http://www.w3.org/2000/svg}"
GROUPED = ["MA0062.2", "MA0139.1", "MA0139.1", "MA0083.3"]
NAMES = ["filter0", "filter1", "filter2", "filter3"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]

# Text that lies over a ground of too little contrast (WCAG 2.2, 1.4.3), as
# "contrast: text". Colours are those computed, so all rules of the page apply.
CONTRASTS = """() => {
  const channels = color => color.match(/[\\d.]+/g).map(Number);
  const luminance = color => {
    const [r, g, b] = channels(color).slice(0, 3).map(channel => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isClear = color => channels(color)[3] === 0;
  const ground = element => {
    const color = getComputedStyle(element).backgroundColor;
    if (!isClear(color)) { return color; }
    if (!element.parentElement) { return "rgb(255, 255, 255)"; }
    return ground(element.parentElement);
  };
  const faults = [];
  let checked = 0;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    if (!text || !element.getClientRects().length || element.closest("svg")) {
      continue;
    }
    checked += 1;
    const both = [luminance(getComputedStyle(element).color),
      luminance(ground(element))].sort((a, b) => a - b);
    const contrast = (both[1] + 0.05) / (both[0] + 0.05);
    if (contrast < 4.5) { faults.push(contrast.toFixed(2) + ": " + text); }
  }
  return [checked, faults];
}"""


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, tmp_path):
    """Write a report and open it; at the end, nothing was reported or loaded."""
    contexts, faults = [], []

    def visit(width=1280, scheme="light", script=True, **arguments):
        path = tmp_path / "report.html"
        write_report(path, **arguments)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
        )
        contexts.append(context)
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:"))
                else faults.append(request.url)
            ),
        )
        page.goto(path.as_uri())
        if script:  # it has unpacked what the page carries
            page.wait_for_function("document.documentElement.dataset.ready")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert faults == []


def full_arguments():
    return {
        "motifs": example_motifs(),
        "matches": example_matches(),
        "targets": example_targets(),
        "duplicates": example_pairs(("filter0", "filter1", 2e-8, "-")),
        "filmstrip": {0: example_motifs(), 3: example_motifs()},
        "sites": example_sites(),
        **example_profiles(),
    }


def shown(page, table=0):
    """The names of the filters in view, from top to bottom."""
    return (
        page.locator(".filters")
        .nth(table)
        .evaluate(
            """table => [...table.tBodies].filter(body => !body.hidden)
            .map(body => body.querySelector("th").firstChild.textContent.trim())"""
        )
    )


def sort_by(page, name):
    """Press a column's button; return the names and the header's aria-sort."""
    button = page.get_by_role("button", name=name, exact=True)
    button.click()
    assert page.locator("[aria-sort]").count() == page.locator(".filters").count()
    header = page.get_by_role("columnheader").filter(has=button)
    return [*shown(page), header.get_attribute("aria-sort")]


def is_wider_than_the_window(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def open_all_details(page):
    for button in page.locator(".filters .more").all():
        button.click()


def test_columns_sort_and_filters_without_a_value_stand_last(visit):
    page = visit(**full_arguments())
    assert shown(page) == NAMES
    assert sort_by(page, "E-value") == [
        "filter1",
        "filter0",
        "filter2",
        "filter3",
        "ascending",
    ]
    assert sort_by(page, "E-value") == [*NAMES, "descending"]
    descending = ["filter1", "filter0", "filter2", "filter3", "descending"]
    assert sort_by(page, "Information") == descending
    assert sort_by(page, "Sites") == [*NAMES, "descending"]
    assert sort_by(page, "Name") == [*NAMES, "ascending"]
    assert sort_by(page, "Support") == descending
    ascending = ["filter1", "filter0", "filter2", "filter3", "ascending"]
    assert sort_by(page, f"Where, 0{DASH}100") == ascending
    assert sort_by(page, "Classes served") == [*NAMES, "ascending"]
    assert sort_by(page, "Filter") == [*NAMES, "ascending"]


def test_the_search_looks_at_names_factors_classes_and_consensus(visit):
    page = visit(**full_arguments())
    search, count = page.get_by_role("searchbox"), page.locator("#count")
    for words, names, text in (
        ("srf", ["filter1"], "1 of 4 filters"),
        ("fos junb", ["filter0"], "1 of 4 filters"),
        ("TGACT FILTER0", ["filter0"], "1 of 4 filters"),
        ("<jun>", ["filter0"], "1 of 4 filters"),
        (
            "filter1 junb",
            [],
            "0 of 4 filters: nothing fits. Clear the search to see all.",
        ),
        ("", NAMES, "4 filters"),
    ):
        search.fill(words)
        assert shown(page) == names
        assert count.inner_text() == text


def test_filters_are_shown_by_what_became_of_them(visit):
    page = visit(**full_arguments())
    choice = page.get_by_label("Show", exact=True)
    for state, names in (
        ("With a convincing name", ["filter0", "filter1"]),
        ("Weak match", []),
        ("No match", ["filter2"]),
        ("Dead", ["filter3"]),
        ("With a duplicate", ["filter0", "filter1"]),
        ("All filters", NAMES),
    ):
        choice.select_option(label=state)
        assert shown(page) == names


def test_a_chip_searches_for_its_factor_and_lets_go_again(visit):
    page = visit(**full_arguments())
    chip = page.get_by_role("button", name="SRF (MA0083.3)")
    chip.click()
    assert shown(page) == ["filter1"]
    chip.click()
    assert shown(page) == NAMES


def test_details_open_and_close(visit):
    page = visit(**full_arguments())
    button = page.get_by_role("button", name="Details of filter0")
    details = page.locator("#details-1-1")
    playwright.expect(details).to_be_hidden()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    playwright.expect(details).to_be_visible()
    assert button.get_attribute("aria-expanded") == "true"
    assert details.get_by_role("heading").all_inner_texts() == [
        "Matches",
        "Where it fires",
        "Example sites",
        "Classes",
    ]
    assert details.locator(".logo").first.bounding_box()["width"] > 50
    assert details.locator(".histogram").bounding_box()["width"] > 200
    button.click()
    playwright.expect(details).to_be_hidden()


def test_everything_works_from_the_keyboard(visit):
    page = visit(**full_arguments())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the filters"
    playwright.expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("filter")
    page.get_by_role("button", name="E-value", exact=True).focus()
    page.keyboard.press("Enter")
    assert shown(page)[0] == "filter1"
    page.get_by_role("button", name="Details of filter1").focus()
    page.keyboard.press("Space")
    playwright.expect(page.locator("#details-1-2")).to_be_visible()
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(style) == "solid"


def test_screen_readers_meet_a_table_with_named_pictures(visit):
    page = visit(width=360, **full_arguments())  # as cards
    table = page.get_by_role("table", name="Filters", exact=True)
    assert table.get_by_role("rowheader").count() == 4
    assert table.get_by_role("row").count() == 5
    named = page.get_by_role("img", name=re.compile("^(Logo|Sites) of filter"))
    assert named.count() == 3 + 2
    pictures = page.locator("svg:visible:not([aria-hidden])")
    assert all(
        picture.get_attribute("aria-label") and picture.get_attribute("role") == "img"
        for picture in pictures.all()
    )
    for field in page.locator("input, select, button").all():
        assert field.evaluate("e => (e.labels?.[0] ?? e).textContent.trim()")


def test_a_link_to_a_duplicate_shows_it_even_if_the_search_hid_it(visit):
    page = visit(**full_arguments())
    page.get_by_role("searchbox").fill("junb")
    assert shown(page) == ["filter0"]
    page.get_by_role("link", name="filter1").first.click()
    assert shown(page) == NAMES
    assert page.evaluate("location.hash") == "#filter-1-2"


def test_downloads_hold_what_they_say(visit, tmp_path):
    page = visit(**full_arguments())
    with page.expect_download() as download:
        page.get_by_role("link", name="Motifs (MEME)").click()
    assert download.value.suggested_filename == "motifs.meme"
    download.value.save_as(tmp_path / "saved.meme")
    assert read_meme(tmp_path / "saved.meme").motifs == example_motifs()
    with page.expect_download() as download:
        page.get_by_role("link", name="Classes (TSV)").click()
    table = pd.read_csv(download.value.path(), sep="\t")
    assert len(table) == 4 * 3


def test_letters_change_to_colours_for_the_colour_blind(visit):
    page = visit(**full_arguments())
    fill = "getComputedStyle(document.getElementById('base-C')).fill"
    assert page.evaluate(fill) == "rgb(0, 0, 255)"
    page.get_by_label("Colour-blind-safe letters").check()
    assert page.evaluate(fill) == "rgb(89, 179, 230)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_all_text_has_the_contrast_of_wcag_aa(visit, width, scheme):
    page = visit(width=width, scheme=scheme, **full_arguments())
    open_all_details(page)
    checked, faults = page.evaluate(CONTRASTS)
    assert faults == []
    assert checked > 100
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("width", [1280, 1000, 500, 360, 320])
def test_no_width_makes_the_page_scroll_sideways(visit, width):
    page = visit(width=width, **full_arguments())
    open_all_details(page)
    assert not is_wider_than_the_window(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_hostile_and_endless_names_are_harmless(visit, width):
    arguments = hostile_arguments()
    arguments["motifs"].append(motif_of("ACGT", "n" * 200))
    arguments["targets"].append(motif_of("TTTT" * 20, "MA2.1", alt_name="F" * 99))
    arguments["matches"] = pd.concat(
        [arguments["matches"], table_of(("n" * 200, "MA2.1", 3, 1e-3, "-"))]
    )
    arguments["support"] = support_of(arguments["matches"])
    page = visit(width=width, **arguments, title=HOSTILE + "t" * 200)
    open_all_details(page)
    assert shown(page) == [HOSTILE, HOSTILE + "2", "n" * 200]
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0
    assert not is_wider_than_the_window(page)
    page.get_by_role("searchbox").fill(HOSTILE)
    assert shown(page) == [HOSTILE, HOSTILE + "2"]


@pytest.mark.parametrize("width", [1280, 320])
def test_runs_are_searched_together_and_sorted_apart(visit, width):
    full = full_arguments()
    del full["filmstrip"]
    targets = full.pop("targets")
    names = ["ReLU", "exponential", "n" * 80]
    page = visit(
        width=width,
        runs={name: ReportRun(**full) for name in names},
        targets=targets,
        scheme="dark",
    )
    side = page.get_by_role("table").first
    assert side.get_by_role("columnheader").all_inner_texts()[-3:] == names
    open_all_details(page)
    assert not is_wider_than_the_window(page)
    checked, faults = page.evaluate(CONTRASTS)
    assert (checked > 300, faults) == (True, [])
    page.get_by_role("searchbox").fill("srf")
    assert [shown(page, table) for table in range(3)] == [["filter1"]] * 3
    assert page.locator("#count").inner_text() == "3 of 12 filters"
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="E-value", exact=True).nth(1).click()
    assert shown(page, 0) == NAMES
    assert shown(page, 1) == ["filter1", "filter0", "filter2", "filter3"]
    page.get_by_role("link", name="exponential").click()
    playwright.expect(page.locator("#run-2")).to_be_in_viewport()


def test_many_factors_of_runs_unfold(visit):
    targets = [motif_of("ACGT", f"MA{i:02d}.1") for i in range(15)]
    motifs = [motif_of("ACGT", f"filter{i}", num_sites=9) for i in range(15)]
    matches = table_of(
        *((f"filter{i}", f"MA{i:02d}.1", 0, 1e-3, "+") for i in range(15))
    )
    run = ReportRun(motifs, matches, duplicates=example_pairs())
    page = visit(runs={"one": run, "other": run}, targets=targets)
    last = page.get_by_role("button", name="MA14.1")
    playwright.expect(last).to_be_hidden()
    page.get_by_role("button", name="3 more").click()
    last.click()
    assert [shown(page, table) for table in range(2)] == [["filter14"]] * 2


def test_without_scripts_the_rows_are_there_and_the_rest_is_said(visit):
    page = visit(script=False, **full_arguments())
    playwright.expect(page.locator("#filter-1-1 .picture .logo")).to_be_visible()
    playwright.expect(page.get_by_text("need scripts")).to_be_visible()
    playwright.expect(page.get_by_role("searchbox")).to_be_hidden()
    playwright.expect(page.locator(".more").first).to_be_hidden()


def test_a_search_without_a_result_says_so(visit):
    page = visit(**full_arguments())
    page.get_by_role("searchbox").fill("nothing like it")
    told = page.locator("#count").inner_text()
    assert told == "0 of 4 filters: nothing fits. Clear the search to see all."


def test_filters_are_chosen_and_grouped_by_factor_and_family(visit):
    motifs = [motif_of("TGACTCA", f"filter{i}", num_sites=9) for i in range(4)]
    matches = table_of(
        *((f"filter{i}", target, 0, 1e-3, "+") for i, target in enumerate(GROUPED))
    )
    support = support_of(matches)
    page = visit(motifs=motifs, matches=matches, support=support, targets="JASPAR2016")
    page.get_by_label("Name", exact=True).select_option(label="CTCF (MA0139.1) (2)")
    assert shown(page) == ["filter1", "filter2"]
    page.get_by_label("Name", exact=True).select_option(index=0)
    page.get_by_label("Group", exact=True).select_option(label="Grouped by factor")
    assert shown(page) == [
        "CTCF (MA0139.1) \u00b7 2 filters",
        "filter1",
        "filter2",
        "Gabpa (MA0062.2) \u00b7 1 filter",
        "filter0",
        "SRF (MA0083.3) \u00b7 1 filter",
        "filter3",
    ]
    page.get_by_label("Group", exact=True).select_option(label="Grouped by family")
    families = [name for name in shown(page) if "filters" in name]
    assert families == ["More than 3 adjacent zinc finger family \u00b7 2 filters"]


def test_many_filters_stand_on_pages_and_links_find_them(visit):
    motifs = [motif_of("TGACTCA", f"filter{i}", num_sites=i) for i in range(450)]
    pairs = example_pairs(("filter0", "filter449", 1e-9, "+"))
    page = visit(motifs=motifs, duplicates=pairs)
    assert [len(shown(page)), shown(page)[-1]] == [200, "filter199"]
    pages = page.get_by_role("navigation", name="Pages of filters")
    assert "1\u2013200 of 450" in pages.inner_text()
    pages.get_by_role("button", name="Next").click()
    assert shown(page)[0] == "filter200"
    pages.get_by_role("button", name="Previous").click()
    page.get_by_role("link", name="filter449").click()
    assert shown(page)[-1] == "filter449"
    playwright.expect(page.locator("#filter-1-450")).to_be_in_viewport()
    row = page.locator("#filter-1-450 .picture .logo use").first
    assert page.locator(row.get_attribute("href")).count() == 1  # its letters are there
    page.get_by_role("button", name="Sites", exact=True).click()
    assert shown(page)[0] == "filter449"
    page.get_by_role("searchbox").fill("filter44")
    assert len(shown(page)) == 11
    assert pages.count() == 0
    page.emulate_media(media="print")
    page.locator("#search").evaluate("field => { field.value = ''; }")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(shown(page)) == 450
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert len(shown(page)) == 200


@pytest.mark.parametrize("width", [1440, 390])
def test_the_heading_does_not_cover_the_row_that_a_link_jumps_to(visit, width):
    motifs = [motif_of("TGACTCA", f"filter{i}", num_sites=9) for i in range(60)]
    pairs = example_pairs(("filter0", "filter40", 1e-9, "+"))
    page = visit(width=width, motifs=motifs, duplicates=pairs)
    page.get_by_role("link", name="filter40").click()
    page.wait_for_function("scrollY > 0")
    top = page.locator("#filter-1-41 th").bounding_box()["y"]
    heading = page.locator(".filters > thead th").first.bounding_box()
    assert top >= max(0, heading["y"] + heading["height"])


def test_a_consensus_is_copied_and_a_logo_saved(visit, tmp_path):
    page = visit(**full_arguments())
    page.get_by_role("button", name="Details of filter0").click()
    page.evaluate(
        "navigator.clipboard.writeText = async text => { window.copied = text; }"
    )
    page.get_by_role("button", name="Copy consensus").click()
    playwright.expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("copied") == "TGACTCA"
    with page.expect_download() as download:
        page.get_by_role("button", name="Logo as SVG").click()
    assert download.value.suggested_filename == "filter0.svg"
    svg = ElementTree.fromstring(Path(download.value.path()).read_text())
    ids = {element.get("id") for element in svg.iter()}
    uses = [element.get("href") for element in svg.iter(f"{SVG}use")]
    assert uses
    assert {use[1:] for use in uses} <= ids
    colors = {e.get("class"): e.get("fill") for e in svg.iter(f"{SVG}path")}
    assert colors["base-A"] == "#008000"


def test_the_methods_are_copied_with_their_references(visit):
    page = visit(**full_arguments())
    page.evaluate(
        "navigator.clipboard.writeText = async text => { window.copied = text; }"
    )
    page.get_by_role("button", name="Copy text and references").click()
    lines = page.evaluate("copied").splitlines()
    assert lines[0].startswith("Filters of the network were turned into motifs")
    assert [line[:3] for line in lines[1:]] == ["[1]", "[2]"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_film_follows_the_screen_and_names_its_filters(visit, scheme):
    page = visit(scheme=scheme, **full_arguments())
    film = page.locator(".film")
    assert film.locator("thead").inner_text().strip().split("\t") == [
        "Filter",
        "epoch 1",
        "epoch 4",
    ]
    assert film.locator("tbody tr").count() == 4
    assert film.locator("tbody th").nth(1).inner_text() == "filter1\nSRF (MA0083.3)"
    ground = "e => getComputedStyle(e).backgroundColor"
    body = page.locator("body").evaluate(ground)
    assert film.locator("td").first.evaluate(ground) == body
    assert film.locator("svg").first.bounding_box()["width"] > 50


def test_on_paper_nothing_is_behind_a_button(visit):
    arguments = full_arguments()
    motifs = [motif_of("TGACTCA", f"filter{i}", num_sites=9) for i in range(70)]
    arguments["filmstrip"] = {0: motifs, 3: motifs}
    page = visit(scheme="dark", **arguments)
    assert page.locator(".film tbody tr").count() == 60
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".film tbody tr").count() == 70
    assert page.locator("button:visible, input:visible, select:visible").count() == 0
    for heading in page.get_by_role("heading").all():
        if heading.is_visible():
            assert heading.inner_text().strip()
    assert page.locator("body").evaluate("e => getComputedStyle(e).color") == (
        "rgb(28, 35, 43)"
    )
    labels = "e => getComputedStyle(e, '::before').content"
    heads = page.locator(".filters > thead th")
    told = [head.evaluate(labels) for head in heads.all()]
    assert [text.strip('"') for text in told][:3] == ["Filter", "none", "Name"]
