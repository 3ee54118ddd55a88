"""Damaged text files through the public readers: what they answer, and how fast.

    python benchmarks/faults/text_mutants.py [--count 5000] [--seed 1]

Of each format so many valid files are changed at random, plain and compressed, and so
many small pieces repeated to long files. Every reading must give values or a ValueError
with the file's name, short and without control characters, within 1 CPU second per MB
and 0.3 s.
"""

import argparse
import gzip
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from keras_motif._checks import CONTROL
from support.text_faults import VALID, mutant, read, repeats, seeded

MOST = 600  # letters of a message without the file's name


def judge(kind, path):
    """Return what a reading came to, what was wrong with it, and its CPU seconds."""
    start, said, what = time.process_time(), "", "read"
    try:
        read(kind, path)
    except ValueError as error:
        said, what = str(error), "refused"
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}", 0.0
    spent = time.process_time() - start
    wrong = ""
    if said and str(path) not in said:
        wrong = "no file name: " + said
    short = said.replace(str(path), "")
    if len(short) > MOST or CONTROL.search(short):
        wrong = "long or not clean: " + short[:200]
    return what, wrong, spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000, help="per format")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    failures = 0
    print(f"{'format':<8}{'tries':>7}{'read':>7}{'refused':>9}{'failed':>8}  s/MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.txt")
        for kind in VALID:
            draw = seeded(args.seed)
            counts, slowest = dict.fromkeys(["read", "refused", "failed"], 0), 0.0
            for number in range(args.count):
                long = number % 25 == 0
                text = repeats(kind, draw, 100_000) if long else mutant(kind, draw)
                content = text.encode("utf-8", "replace")
                packed = gzip.compress(content) if number % 5 == 1 else content
                if number % 50 == 1:
                    packed = packed[: draw.randrange(len(packed) + 1)]
                path.write_bytes(packed)
                what, wrong, spent = judge(kind, path)
                size = len(content) / 1e6
                if long:
                    slowest = max(slowest, spent / size)
                if spent > size + 0.3:
                    wrong = f"{spent:.2f} s for {size:.2f} MB"
                if wrong:
                    what = "failed"
                    print(f"  {kind}, try {number}: {wrong[:160]!r}", flush=True)
                counts[what] += 1
            failures += counts["failed"]
            print(
                f"{kind:<8}{args.count:>7}{counts['read']:>7}{counts['refused']:>9}"
                f"{counts['failed']:>8}  {slowest:.2f}",
                flush=True,
            )
    print(f"failures: {failures}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
