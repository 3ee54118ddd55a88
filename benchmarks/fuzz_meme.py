"""Mutate MEME files at random and check that none loses a motif unseen.

    python benchmarks/fuzz_meme.py 200000 --seed 1

Every input must either be refused with a ValueError that names the file, or
hold as many motifs as MOTIF lines, a warned-of repetition counted as one; in a
file without a program's prose no row of numbers may be left over either. What
was read must be the same after writing and reading it again. Anything else is
kept in the folder `--keep` and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

from keras_motif.motifs.meme import MemeFile, read_meme, write_meme

HEADER = """MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies (from uniform background):
A 0.25000 C 0.25000 G 0.25000 T 0.25000

"""
MOTIFS = """MOTIF MA0002.2 RUNX1

letter-probability matrix: alength= 4 w= 3 nsites= 2000 E= 0
  0.143500\t  0.248000\t  0.348000\t  0.260500\t
  0.117000\t  0.242500\t  0.233500\t  0.407000\t
  0.061500\t  0.536000\t  0.074500\t  0.328000\t

URL http://example.org?ID=MA0002.2
MOTIF MA0003.3 Ahr::Arnt (var. 2)
letter-probability matrix: alength=4 w=2
1 0 0 0
0 .5 5e-1 0
MOTIF last
log-odds matrix: alength= 4 w= 1 E= 0
 10 -20 -30.5 4
letter-probability matrix:
0.1 0.2 0.3 0.4"""
BLOCK = """MEME version 5.4.1 (Release date: Sat Aug 21 2021)
ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 0000CC
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
END ALPHABET
Background letter frequencies:
A 0.3 C 0.2
T 0.3 G 0.2
"""
BANNER = "*" * 80 + "\n"
PROSE = (
    BANNER
    + "MEME - Motif discovery tool\n"
    + BANNER
    + "MEME version 5.4.1 (Release date: Sat Aug 21 2021)\nALPHABET= ACGT\n"
    + BANNER
    + "MOTIF TG MEME-1\twidth =   2  sites =  18  llr = 167  E-value = 1.2e-005\n"
    + BANNER
    + "  bits 2.3\n       2.1 *\n"
    + "letter-probability matrix: alength= 4 w= 2 nsites= 18 E= 1.2e-005\n"
    + " 0.000000  0.000000  0.000000  1.000000\n"
    + " 0.000000  0.250000  0.750000  0.000000\n"
    + "-" * 80
    + "\n"
)
SEEDS = [HEADER + MOTIFS, BLOCK + MOTIFS, PROSE, "\ufeff" + HEADER + MOTIFS + "\n"]
TOKENS = (
    "MOTIF|MOTIF a|\nMOTIF b c\n|letter-probability matrix:|log-odds matrix:|w= 2|w=0|"
    "alength= 20|nsites=|nsites= -1|E= 0|0.25 0.25 0.25 0.25\n|1e999|nan|-0|1_0|٣|\n|"
    "\r|\r\n|\n\n|\t| |#|# |URL |*|" + "*" * 30 + "\n|ALPHABET= |ALPHABET= ACGU\n|"
    "END ALPHABET\n|strands: +\n|Background letter frequencies\n|A 0.25 |MEME version 4"
    '\n|\0|\x0b|\x0c|\x1c|\x85|\u2028|\xa0|\ufeff|=|~|"|Time 1.0 sec'
).split("|")


def mutate(text: str, rng: random.Random) -> str:
    """Return `text` with one change of a random kind."""
    kind = rng.randrange(8)
    start = rng.randrange(len(text) + 1)
    if kind == 0:  # another character
        return text[:start] + chr(rng.randrange(128)) + text[start + 1 :]
    if kind == 1:  # a span is gone
        return text[:start] + text[start + rng.randrange(1, 40) :]
    if kind in (2, 3):  # a token comes in
        return text[:start] + rng.choice(TOKENS) + text[start:]
    if kind == 4:  # cut short
        return text[: max(start, 1)] if rng.random() < 0.3 else text
    lines = text.splitlines(keepends=True) or [""]
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    if kind == 5:  # lines change places
        lines[one], lines[two] = lines[two], lines[one]
    elif kind == 6:  # a line, or a few, come again elsewhere
        lines[two:two] = lines[one : one + rng.randrange(1, 8)]
    else:  # lines are gone
        del lines[one : one + rng.randrange(1, 4)]
    return "".join(lines)


def make_input(rng: random.Random) -> bytes:
    """Return one file: a seed changed up to six times, perhaps joined or zipped."""
    text = rng.choice(SEEDS)
    if rng.random() < 0.1:
        text += rng.choice(SEEDS)
    for _ in range(min(rng.randrange(7), rng.randrange(7))):
        text = mutate(text, rng)
    if rng.random() < 0.1:
        text = text.replace("\n", rng.choice(["\r\n", "\r"]))
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if rng.random() < 0.1:
        data = bytearray(gzip.compress(data, 1, mtime=0))
    if rng.random() < 0.1 and data:
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def check_complete(data: bytes, content: MemeFile, num_warnings: int) -> None:
    """Raise unless every MOTIF line and every row of the input is accounted for."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    lines = [line.strip() for line in re.split("\r\n|\n|\r", data.decode("utf-8-sig"))]
    num_lines = sum(line.split()[:1] == ["MOTIF"] for line in lines)
    if num_lines != len(content.motifs) + num_warnings or not content.motifs:
        raise AssertionError(
            f"{num_lines} MOTIF lines, {len(content.motifs)} motifs, "
            f"{num_warnings} warnings"
        )
    exempt = num_warnings or any(
        line.startswith("*" * 20) or re.match(r"log-odds\s", line) for line in lines
    )
    num_rows = sum(bool(re.match(r"[-+]?\.?[0-9]", line)) for line in lines)
    if not exempt and num_rows != sum(motif.width for motif in content.motifs):
        raise AssertionError(f"{num_rows} rows, but motifs of fewer or more")


def check_one(data: bytes, folder: Path) -> str:
    """Read one input and return what became of it."""
    path, copy = folder / "input.meme", folder / "copy.meme"
    path.write_bytes(data)
    with warnings.catch_warnings(record=True) as log:
        warnings.simplefilter("always")
        try:
            content = read_meme(path)
        except ValueError as error:
            if path.name not in str(error):
                raise AssertionError(f"no file's name in: {error}") from error
            return "refused"
    check_complete(data, content, len(log))
    write_meme(content.motifs, copy, background=content.background)
    again = read_meme(copy)
    if again.motifs != content.motifs:
        raise AssertionError("motifs changed on the way through a file")
    return "read, with warnings" if log else "read"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, help="how many inputs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for index in range(options.count):
            data = make_input(rng)
            try:
                outcomes[check_one(data, Path(folder))] += 1
            except Exception as error:
                outcomes["FAILED"] += 1
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{options.seed}-{index}.meme").write_bytes(data)
                print(f"input {index}: {type(error).__name__}: {error}")
    seconds = time.perf_counter() - start
    print(f"{options.count} inputs, seed {options.seed}, {seconds:.0f} s")
    for outcome, number in outcomes.most_common():
        print(f"  {outcome}: {number}")
    return 1 if outcomes["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
