"""Texts that try the readers: long repeats of small pieces, damage, hostile letters."""

import contextlib
import random

from keras_motif.datasets import Genome, load_fasta, load_table, read_fasta
from keras_motif.datasets._region_rows import read_regions
from keras_motif.motifs import read_meme, read_motifs

SIZES = {"chr1": 100, "chr2": 50}

VALID = {
    "MEME": (
        "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
        "Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n\n"
        "MOTIF a b\nletter-probability matrix: alength= 4 w= 2 nsites= 9 E= 0\n"
        "  0.25  0.25  0.25  0.25\n  1.0  0  0  0\nURL http://x\n"
        "MOTIF c\nletter-probability matrix: alength= 4 w= 1\n  0.1 0.2 0.3 0.4\n"
    ),
    "matrices": (
        ">M1 one\nA  [ 4  0 ]\nC  [ 0  1 ]\nG  [ 0  3 ]\nT  [ 0  0 ]\n"
        ">AG\t1-AG,BestGuess:x\t6.05\t-23\t0\tT:3.0(4%)\n1 0 0 0\n0 0 1 0\n"
        "TF\tT1\nMotif\tM2\nPos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n2\t0\t0\t1\t0\n"
    ),
    "TRANSFAC": (
        "AC  one\nXX\nP0  A C G T\n01 4 0 0 0 A\n02 0 1 3 0 S\nXX\nCC  x\n//\n"
        "DE\ttwo\n0\t1\t0\t0\t0\tA\n1\t0\t0.25\t0.75\t0\tG\nXX\n"
    ),
    "FASTA": ">one SP1,MAX\nACGTN\nacgtn\n>two\nRYSWKM\nACGT\n>three x y\nTTTTTTTTTT\n",
    "BED": (
        "track name=x\nchr1\t10\t20\tp1\t7\t+\t3.5\t4.1\t2.2\t3\n"
        "chr1\t5\t90\tp2\t7\t-\t3.5\t4.1\t2.2\t-1\nchr2\t0\t9\tp3\t7\t.\t1\t2\t3\t1\n"
    ),
    "TSV": "sequence\tlabels\tgroup\nACGTA\tSP1,MAX\tg1\nCCGTA\t\tg2\nACGGG\tSP1\tg1\n",
    "CSV": 'sequence,labels,group\nACGTA,"SP1,MAX",g1\nCCGTA,,g2\n"ACGGG",SP1,g1\n',
}

PIECES = {
    "MEME": [
        *("0.25 ", "1", "1.", ".5 ", "1e5 ", "e", "a", "w= 1 ", "a=", "=", " ", "\t"),
        *("*", "#", "(", ")", '"', "\\", "A", "~", "ACGT", "+ -", "MOTIF a\n", "URL "),
        *(
            "letter-probability matrix: ",
            "log-odds matrix: ",
            "width = 1 sites = ",
            "\n",
        ),
        *(
            "MEME version 4\n",
            'ALPHABET "DNA"\n',
            "Background letter frequencies ",
            "N = ",
        ),
        *("END ALPHABET\n", "Time 1 sec\n", "1 0 0 0\n", "MOTIF ", "strands: "),
    ],
    "matrices": [
        *(">", ">a\n", "A", "A [ 1 2 ]\n", "1 0 0 0\n", "[", "]", " ", "\t", ",", "|"),
        *("A C G T\n", "Pos A C G T\n", "a\tb\n", "T:", "1", "(", ":", "\n\n", "//\n"),
    ],
    "TRANSFAC": [
        *("AC  a\n", "ID", "P0 A C G T\n", "01 1 2 3 4 A\n", "XX\n", "//\n", "02 "),
        *("1 ", "\t", " ", "A", "CC  x\n", "\n", "DE a\n"),
    ],
    "FASTA": [">", ">a\n", "A", "ACGT\n", "\n", " ", "N", "!", "a ", "x,", "\r", "\t"],
    "BED": [
        *("chr1\t1\t2\n", "\t", " ", ",", "#", "\n", "chr1", "9", "-", ".", "1e5", "+"),
        *("chrom\tstart\tend\n", "track\n", "\r", "a"),
    ],
    "TSV": ["\t", "A", "ACGTA\tx\tg\n", "x,", '"', "\n", "#", " ", '"a"\t', "0", "\r"],
}
PIECES["CSV"] = [piece.replace("\t", ",") for piece in PIECES["TSV"]]
# Escape sequences, marks that turn the direction of writing, line separators.
HOSTILE = [
    "\x1b[31m",
    "\x1b]0;t\x07",
    "\x07",
    "\x9b2J",
    "\u202e",
    "\u2066",
    "\u2028",
    "\0",
]


def read(kind, path):
    """Read a file by every public function for its kind."""
    if kind == "MEME":
        attempt(lambda: read_motifs(path))
        read_meme(path)
    elif kind in ("matrices", "TRANSFAC"):
        read_motifs(path)
    elif kind == "FASTA":
        attempt(lambda: list(read_fasta(path)))
        attempt(lambda: Genome(path))
        load_fasta(path, length=10)
    elif kind == "BED":
        attempt(lambda: read_regions(path, SIZES, None, [4], "GENOME"))
        read_regions(path, SIZES, ["chr1"], [], "GENOME")
    else:
        attempt(lambda: load_table(path, sequence=0, labels=[1], length=5))
        load_table(path, labels="labels", group="group", length=5)


def attempt(action):
    """Let an action fail by a ValueError, as the next one will."""
    with contextlib.suppress(ValueError):
        action()


def repeats(kind, draw, size):
    """Return a text of about a size: some of a valid one, then pieces over and over."""
    lines = VALID[kind].splitlines(keepends=True)
    text = "".join(lines[: draw.randrange(len(lines) + 1)])
    while len(text) < size:
        pattern = "".join(draw.choices(PIECES[kind], k=draw.choice([1, 1, 2, 3])))
        text += pattern * max(1, draw.choice([1, size // 8, size]) // len(pattern))
    return text[: 2 * size] + draw.choice(["", "x", "\n", "=", '"'])


def mutant(kind, draw):
    """Return a valid text with some letters, lines and pieces changed."""
    letters = list(VALID[kind])
    for _ in range(draw.choice([1, 2, 5, 20])):
        place = draw.randrange(len(letters) + 1)
        what = draw.random()
        if what < 0.3 and letters:
            del letters[place : place + draw.choice([1, 2, 10])]
        elif what < 0.5:
            letters[place:place] = draw.choice(HOSTILE)
        elif what < 0.8:
            letters[place:place] = draw.choice(PIECES[kind]) * draw.choice([1, 2, 300])
        else:
            letters[place:place] = chr(
                draw.choice([draw.randrange(256), 0xE9, 0x1F600])
            )
    return "".join(letters)


def seeded(seed):
    return random.Random(seed)
