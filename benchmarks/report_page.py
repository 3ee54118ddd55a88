"""How large the report is, and how long its table takes to sort in a browser.

python benchmarks/report_page.py    (needs Chromium)
"""

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

import keras_motif as km

SIZES = (30, 128, 1024)
NUM_CLASSES = 12
NUM_BINS = 20
NUM_SEQUENCES = 4000
LENGTH = 600
WIDTH = 19

# Sorts by five columns in turn, and waits for the layout each time.
SORT = """async () => {
  const times = [];
  for (const key of ["e", "support", "sites", "information", "order"]) {
    const start = performance.now();
    document.querySelector(`[data-key=${key}]`).click();
    document.body.offsetHeight;
    times.push(performance.now() - start);
    await new Promise(done => setTimeout(done, 200));
  }
  return times;
}"""


def filters(number):
    """Filters as a trained network has them: a factor's motif, blurred."""
    random = np.random.default_rng(0)
    factors = km.load_jaspar("JASPAR2026")
    motifs = []
    for index in range(number):
        known = factors[random.integers(len(factors))].frequencies[:WIDTH]
        shares = random.dirichlet([30] * 4, WIDTH)
        start = random.integers(WIDTH - len(known) + 1)
        noise = random.dirichlet([3] * 4, len(known))
        shares[start : start + len(known)] = 0.85 * known + 0.15 * noise
        sites = int(random.integers(100, 90_000))
        motifs.append(km.Motif(shares, f"filter{index}", num_sites=sites).trim())
    return motifs


def profiles(motifs):
    """Tables of sites, places and classes, drawn at random."""
    random = np.random.default_rng(0)
    size = 100 * len(motifs)
    starts = random.integers(0, LENGTH - WIDTH, size)
    sites = pd.DataFrame(
        {
            "filter": np.repeat([motif.name for motif in motifs], 100),
            "sequence": random.integers(NUM_SEQUENCES, size=size),
            "start": starts,
            "end": starts + WIDTH,
            "strand": "+",
            "activation": random.random(size),
        }
    )
    labels = random.integers(2, size=(NUM_SEQUENCES, NUM_CLASSES))
    places = km.site_positions(sites, LENGTH, num_bins=NUM_BINS, filters=motifs)
    classes = km.class_enrichment(sites, labels, filters=motifs)
    return {"sites": sites, "positions": places, "enrichment": classes}


def main():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Needs Chromium.")
    print("| filters | size | a click that sorts |")
    print("|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for number in SIZES:
            motifs = filters(number)
            matches = km.motif_match(motifs, "JASPAR2026")
            path = Path(folder) / f"{number}.html"
            tables = profiles(motifs)
            km.write_report(path, motifs, matches, targets="JASPAR2026", **tables)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(path.as_uri())
            page.wait_for_function("document.documentElement.dataset.ready")
            time = median(page.evaluate(SORT))
            print(
                f"| {number:,} | {path.stat().st_size / 1e6:.2f} MB | {time:.0f} ms |"
            )
        browser.close()


if __name__ == "__main__":
    main()
