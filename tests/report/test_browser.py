"""The report in a real browser: headless Chromium through Playwright."""

import re
import shutil

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
    example_targets,
    hostile_arguments,
    motif_of,
    support_of,
    table_of,
)

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
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
                if request.url.startswith(("file:", "data:"))
                else faults.append(request.url)
            ),
        )
        page.goto(path.as_uri())
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
    search, count = page.get_by_role("searchbox"), page.get_by_role("status")
    for words, names, text in (
        ("srf", ["filter1"], "1 of 4 filters"),
        ("fos junb", ["filter0"], "1 of 4 filters"),
        ("TGACT FILTER0", ["filter0"], "1 of 4 filters"),
        ("<jun>", ["filter0"], "1 of 4 filters"),
        ("filter1 junb", [], "0 of 4 filters"),
        ("", NAMES, "4 filters"),
    ):
        search.fill(words)
        assert shown(page) == names
        assert count.inner_text() == text


def test_filters_are_shown_by_what_became_of_them(visit):
    page = visit(**full_arguments())
    choice = page.get_by_role("combobox")
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
        "Where it fires",
        "Classes",
        "Matches",
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
    assert page.get_by_role("status").inner_text() == "3 of 12 filters"
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


def test_without_scripts_all_details_are_open(visit):
    page = visit(script=False, **full_arguments())
    playwright.expect(page.locator("#details-1-1")).to_be_visible()
    playwright.expect(page.get_by_role("searchbox")).to_be_hidden()
