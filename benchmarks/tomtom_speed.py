"""Time, memory and agreement: motif_match against memelite's tomtom, in one run.

    python benchmarks/tomtom_speed.py            # needs `pip install memelite`
    python benchmarks/tomtom_speed.py --smoke    # small, to see that it runs
    python benchmarks/tomtom_speed.py --large    # 3,400 motifs against themselves

Every line of the table is a process of its own, on one thread. "first" is the first
call in it, imports not counted; "warm" the median of the calls after it; "peak" the
memory above that after the imports (Linux). memelite gets motifs to which the
pseudocount was added, since it adds none; "exact" are the settings that switch its
approximations off. "p" is the share of all query-target pairs whose p-value is ours
within 0.1 %, "hits" that of the pairs with E <= 0.1 in both among those with it in
either, "place" that of the pairs with our strand and overlap. Only motif_match gives E-
and q-values.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
MEMELITE = {
    "memelite": {},
    "memelite exact": {"n_target_bins": None, "n_median_bins": 100_000},
}


def filters(targets, count, seed=0):
    """Return filter-like matrices, 19 wide: a known motif or none, among noise."""
    random = np.random.default_rng(seed)
    matrices = []
    for index in range(count):
        matrix = np.full((19, 4), 0.25)
        if index % 4:
            known = targets[random.integers(len(targets))].frequencies[:19]
            start = random.integers(0, 20 - len(known))
            matrix[start : start + len(known)] = known
        noise = random.dirichlet(np.full(4, 8.0), 19)
        matrices.append(0.9 * matrix + 0.1 * noise)
    return np.stack(matrices)


def inputs(size):
    """Return query motifs and target motifs of a named size."""
    from keras_motif import Motif, load_jaspar

    targets = [m for m in load_jaspar("JASPAR2016") if m.name != "MA0615.1"]
    if size == "smoke":
        targets = targets[:60]
    if size == "all":
        return targets, targets
    matrices = filters(targets, 4 if size == "smoke" else 64)
    queries = [
        Motif(matrix, f"filter{index}", num_sites=100)
        for index, matrix in enumerate(matrices)
    ]
    return queries, targets


def large(num_motifs):
    """Print what `motif_match` takes of JASPAR's releases against themselves."""
    from keras_motif import jaspar_releases, load_jaspar, motif_match

    pool = {}
    for release in reversed(jaspar_releases()):
        for motif in load_jaspar(release, tax_group=None, all_versions=True):
            pool.setdefault(motif.name, motif)
    motifs = list(pool.values())[:num_motifs]
    Path("/proc/self/clear_refs").write_text("5")
    before, start = memory("VmRSS"), time.perf_counter()
    matches = motif_match(motifs, motifs)
    seconds = time.perf_counter() - start
    print(
        f"{len(motifs)} x {len(motifs)}, {len(os.sched_getaffinity(0))} cores: "
        f"{seconds:.1f} s, {memory('VmHWM') - before:.0f} MB above the motifs, "
        f"{len(matches)} rows"
    )


def memory(field):
    """Return VmRSS (now) or VmHWM (the peak) of this process, in MB; Linux only."""
    text = Path("/proc/self/status").read_text()
    return int(text.split(f"{field}:")[1].split()[0]) / 1024


def measure(call, repeats):
    """Return the first call's time, the median of the others, memory, a result."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before, times = memory("VmRSS"), []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    first, *others = times
    warm = statistics.median(others)
    return {"first": first, "warm": warm, "peak": memory("VmHWM") - before}, result


def ours(queries, targets, repeats):
    from keras_motif import motif_match

    measured, _ = measure(lambda: motif_match(queries, targets), repeats)
    table = motif_match(queries, targets, threshold=1e9)
    columns = {motif.name: place for place, motif in enumerate(targets)}
    rows = {motif.name: place for place, motif in enumerate(queries)}
    found = np.zeros((3, len(queries), len(targets)))
    places = table["Query_ID"].map(rows), table["Target_ID"].map(columns)
    found[0][places] = table["p-value"]
    found[1][places] = table["Overlap"]
    found[2][places] = table["Orientation"] == "-"
    return measured, found


def theirs(queries, targets, repeats, settings):
    from memelite import tomtom

    from keras_motif.matching._tomtom import smooth

    uniform = np.full(4, 0.25)
    smoothed = [
        [smooth(m.frequencies, m.num_sites or 0, 0.1, uniform).T for m in motifs]
        for motifs in (queries, targets)
    ]
    measured, found = measure(lambda: tomtom(*smoothed, n_jobs=1, **settings), repeats)
    p_values, _, _, overlaps, strands = found
    return measured, np.stack([p_values, overlaps, strands])


def work(name, size, repeats, path):
    """Measure in this process; write what was found to `path`."""
    queries, targets = inputs(size)
    if name == "keras-motif":
        measured, found = ours(queries, targets, repeats)
    else:
        measured, found = theirs(queries, targets, repeats, MEMELITE[name])
    np.save(path, found)
    print(json.dumps(measured))


def run(name, size, repeats, folder, cache):
    """Measure in a new process."""
    path = Path(folder) / f"{name}-{size}.npy"
    command = [sys.executable, __file__, "--worker", name, "--size", size]
    command += ["--repeats", str(repeats), "--out", str(path)]
    environment = dict.fromkeys(THREADS, "1")
    environment |= {"NUMBA_CACHE_DIR": cache, "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout), np.load(path)


def agreement(found, reference):
    """Return the shares of pairs that agree: p-value, call at E <= 0.1, place."""
    p, expected = found[0], reference[0]
    near = np.abs(p - expected) <= 1e-3 * expected + 1e-30
    limit = 0.1 / p.shape[1]
    calls, wanted = p <= limit, expected <= limit
    union = (calls | wanted).sum()
    same_calls = (calls & wanted).sum() / union if union else 1.0
    same_place = (found[1:] == reference[1:]).all(axis=0)
    return near.mean(), same_calls, same_place.mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a small run")
    parser.add_argument("--large", action="store_true", help="motif_match alone")
    parser.add_argument("--repeats", type=int, default=5, help="warm calls")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--size", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.size, options.repeats, options.out)
        return
    if options.large:
        large(60 if options.smoke else 3400)
        return
    sizes = {"smoke": "4 x 60"} if options.smoke else {}
    sizes = sizes or {"filters": "64 x 518", "all": "518 x 518"}
    print(
        f"{'queries x targets':18}{'program':32}{'first s':>9}{'warm s':>9}{'ratio':>7}"
        f"{'peak MB':>9}{'p':>8}{'hits':>8}{'place':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for size, label in sizes.items():
            lines = [("keras-motif", "keras-motif", folder)]
            for name in MEMELITE:
                # A cache of its own: compiled by the first process, read by the next.
                cache = f"{folder}/{size}-{name}"
                lines.append((name, f"{name}, compiling", cache))
                lines.append((name, f"{name}, compiled before", cache))
            reference = None
            for name, title, cache in lines:
                measured, found = run(name, size, options.repeats, folder, cache)
                if reference is None:
                    reference, base = found, measured["warm"]
                p, hits, place = agreement(found, reference)
                print(
                    f"{label:18}{title:32}{measured['first']:9.2f}"
                    f"{measured['warm']:9.3f}{measured['warm'] / base:7.2f}"
                    f"{measured['peak']:9.0f}{p:8.2%}{hits:8.2%}{place:8.2%}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
