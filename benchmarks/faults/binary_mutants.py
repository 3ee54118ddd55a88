"""Damaged binary files through the readers: what they answer, time and memory.

    python benchmarks/faults/binary_mutants.py [--count 5000] [--kinds npz keras]
    python benchmarks/faults/binary_mutants.py --command --count 200

Of each kind so many valid files have bytes changed, lost and doubled, and are read in a
process that may die. Every reading must give values or a ValueError with the file's
name, short and without control characters, within 10 s and 1 GiB of memory. With
`--command`, `keras-motif extract` reads the model and the sequences, and must end with
0 or one line and status 1.
"""

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from keras_motif._checks import CONTROL
from support.binary_faults import KINDS, fresh, mutant, read, seeded

SECONDS, MEBIBYTES = 10, 1024
IMPORTS = 60  # seconds until the first reading
MOST = 700  # letters of a message without the file's name
COMMAND = ("keras", "keras HDF5", "sequences", "npy")


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def valid(kind, folder):
    name, make, _ = KINDS[kind]
    path = fresh(folder) / name
    make(path)
    return path, path.read_bytes()


def judge(kind, path):
    """Return what a reading came to and what was wrong with it."""
    try:
        read(kind, path)
    except ValueError as error:
        said = str(error)
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}"
    else:
        return "read", ""
    short = said.replace(str(path), "")
    if path.name not in said:
        return "failed", "no file name: " + said
    if len(short) > MOST or CONTROL.search(short):
        return "failed", "long or not clean: " + short
    return "refused", ""


def work(kind, seed, start, count, folder):
    """Read mutants, a line of output each; the parent watches."""
    path, content = valid(kind, folder)
    read(kind, path)  # what is imported is in memory now
    base = peak()
    for number in range(start, count):
        path.write_bytes(mutant(kind, content, seeded(f"{seed} {kind} {number}")))
        what, wrong = judge(kind, path)
        if peak() - base > MEBIBYTES:
            what, wrong, base = "failed", f"{peak() - base} MiB", peak()
        print(f"{number} {what} {peak() - base} {ascii(wrong)[:300]}", flush=True)


def watch(kind, seed, count, folder):
    """Yield number, outcome, MiB and complaint of each mutant."""
    start = 0
    while start < count:
        command = [sys.executable, __file__, "--work", kind, "--seed", str(seed)]
        command += ["--start", str(start), "--count", str(count), "--folder", folder]
        with (
            Path(f"{folder}.log").open("w+") as errors,
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as child,
        ):
            killed = threading.Timer(SECONDS + IMPORTS, child.kill)
            killed.start()
            for line in child.stdout:
                killed.cancel()
                killed = threading.Timer(SECONDS, child.kill)
                killed.start()
                number, what, memory, wrong = line.rstrip("\n").split(" ", 3)
                yield what, int(memory), wrong
                start = int(number) + 1
            killed.cancel()
            child.wait()
            errors.seek(0)
            said = errors.read()[-2000:]
        if child.returncode == 1:
            raise RuntimeError(said)  # this script's own fault
        if start < count:
            hung = child.returncode == -signal.SIGKILL
            yield ("hung" if hung else "died"), 0, f"try {start}"
            start += 1


def run_command(kind, path, model, sequences):
    """Return what the real command came to, and what was wrong with it."""
    is_model = kind.startswith("keras")
    inputs = [path if is_model else model, sequences if is_model else path]
    command = [sys.executable, "-m", "keras_motif", "extract", *map(str, inputs)]
    command += ["-o", str(path.with_name("out.meme"))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "hung", ""
    said = done.stderr.strip()
    if done.returncode == 0:
        return "read", ""
    lines = [line for line in said.splitlines() if not re.match("Warning|Usage", line)]
    if done.returncode not in (1, 2) or "Traceback" in said or len(lines) != 1:
        return "failed", f"{done.returncode}: {said[-300:]}"
    return "refused", ""


def through_command(seed, count, folder):
    """Yield kind, outcome and complaint of each mutant."""
    model, _ = valid("keras", folder / "model")
    sequences, _ = valid("npy", folder / "sequences")
    for number in range(count):
        kind = COMMAND[number % len(COMMAND)]
        path, content = valid(kind, folder / "damaged")
        path.write_bytes(mutant(kind, content, seeded(f"{seed} {kind} {number}")))
        yield kind, *run_command(kind, path, model, sequences)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000, help="per kind")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--command", action="store_true", help="the real command")
    for name, kind in (("--work", str), ("--start", int), ("--folder", Path)):
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if args.work:
        work(args.work, args.seed, args.start, args.count, args.folder)
        return
    kinds = ["read", "refused", "failed", "died", "hung"]
    failures = 0
    print(f"{'kind':<12}{'tries':>7}" + "".join(f"{kind:>9}" for kind in kinds), end="")
    print(f"{'MiB':>7}{'seconds':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in ["command"] if args.command else args.kinds:
            counts, most, start = dict.fromkeys(kinds, 0), 0, time.perf_counter()
            outcomes = (
                (
                    (what, 0, wrong)
                    for _, what, wrong in through_command(
                        args.seed, args.count, Path(folder)
                    )
                )
                if args.command
                else watch(kind, args.seed, args.count, folder + "/work")
            )
            for what, memory, wrong in outcomes:
                counts[what] += 1
                most = max(most, memory)
                if what not in ("read", "refused"):
                    failures += 1
                    print(f"  {kind}, {what}: {wrong[:250]}", flush=True)
            print(f"{kind:<12}{args.count:>7}", end="")
            print("".join(f"{number:>9}" for number in counts.values()), end="")
            print(f"{most:>7}{time.perf_counter() - start:>9.0f}", flush=True)
    print(f"failures: {failures}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
