"""Time a grid of logos and a report against logomaker's loop, in one run.

CPU seconds (user and system, this process), medians. Every run draws the same
motifs and writes a PNG (the report: an HTML file). One unmeasured run of each
comes first, so imports and font caches don't count.

    python benchmarks/logos_speed.py [--logos 32] [--width 19] [--repeats 5]
"""

import argparse
import math
import tempfile
import time
from pathlib import Path
from statistics import median

import logomaker
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import keras_motif as km

NUM_COLS = 8


def logomaker_loop(motifs, folder):
    num_rows = math.ceil(len(motifs) / NUM_COLS)
    figure = Figure(figsize=(2.2 * NUM_COLS, 1.2 * num_rows))
    axes = figure.subplots(num_rows, NUM_COLS, squeeze=False).ravel()
    for motif, ax in zip(motifs, axes, strict=False):
        heights = motif.frequencies * motif.information()[:, None]
        logomaker.Logo(pd.DataFrame(heights, columns=list("ACGT")), ax=ax)
        ax.set_ylim(0, 2)
        ax.set_title(motif.name, fontsize=8)
    figure.savefig(folder / "logomaker.png")


def our_grid(motifs, folder):
    km.plot_logos(motifs, num_cols=NUM_COLS).savefig(folder / "logos.png")


def our_report(motifs, folder):
    km.write_report(folder / "report.html", motifs)


def cpu_seconds(draw, motifs, folder):
    start = time.process_time()
    draw(motifs, folder)
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--logos", type=int, default=32)
    parser.add_argument("--width", type=int, default=19)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    motifs = [
        km.Motif(random.dirichlet([0.3] * 4, options.width), f"filter{index}")
        for index in range(options.logos)
    ]
    candidates = {
        "logomaker, one logo after another": logomaker_loop,
        "keras_motif.plot_logos": our_grid,
        "keras_motif.write_report": our_report,
    }
    times = {name: [] for name in candidates}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(options.repeats + 1):
            for name, draw in candidates.items():
                seconds = cpu_seconds(draw, motifs, Path(folder))
                if repeat:
                    times[name].append(seconds)
    peer = median(times["logomaker, one logo after another"])
    print(f"{options.logos} logos of {options.width} positions, written to a file;")
    print(f"CPU seconds, {options.repeats} runs each\n")
    print(f"{'':36}{'median':>8}{'least':>8}{'most':>8}{'times faster':>14}")
    for name, values in times.items():
        print(
            f"{name:36}{median(values):8.2f}{min(values):8.2f}{max(values):8.2f}"
            f"{peer / median(values):14.1f}"
        )


if __name__ == "__main__":
    main()
