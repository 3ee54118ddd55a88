"""Text readers take time in proportion to a file, and say little of it, and clean."""

import gzip
import time
import warnings

import pytest

import keras_motif as km
from keras_motif._checks import CONTROL, listed, printable, quoted
from support.text_faults import VALID, mutant, read, repeats, seeded

SIZE = 120_000  # letters
# CPU seconds per MB of text, and of anything: machines are busy. A pattern that is
# tried again and again takes hundreds.
PER_MB, ANYTHING = 1.0, 0.3
MOST = 600  # letters of a message: its own words, the file's name, 200 of the file


def failure(kind, path):
    """Read a file; return what the error says, without the path."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read(kind, path)
        except ValueError as error:
            return str(error).replace(str(path), "PATH")
    return ""


def seconds(kind, path):
    start = time.process_time()
    failure(kind, path)
    return time.process_time() - start


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("seed", range(12))
def test_time_is_in_proportion_to_the_file(kind, seed, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(repeats(kind, seeded(seed), SIZE))
    limit = PER_MB * path.stat().st_size / 1e6 + ANYTHING
    # Once more where it is slow: something else may have been.
    assert seconds(kind, path) < limit or seconds(kind, path) < limit


MEME = "MEME version 4\n\nALPHABET= ACGT\n\n"
ROW = "MOTIF a\nletter-probability matrix: alength= 4 w= 1\n"


@pytest.mark.parametrize(
    "line",
    [
        ROW + "0.25 0.25 0.25 " + "1" * SIZE + "x",
        ROW + "0.25 0.25 0.25 " + "1." * SIZE,
        "MOTIF a\nletter-probability matrix: " + "a" * SIZE,
        "MOTIF a\nletter-probability matrix: w" + " " * SIZE + "x",
        "*" * 30 + "\nMOTIF a" + " " * SIZE + "x",
        "*" * 30 + "\nMOTIF a " + "width = 1 " * (SIZE // 10),
        "Background letter frequencies" + " (" * SIZE,
    ],
    ids=lambda line: line[-4:],
)
def test_patterns_of_a_meme_file_are_tried_once(line, tmp_path):
    path = tmp_path / "x.meme"
    path.write_text(MEME + line + "\n")
    assert seconds("MEME", path) < 1


@pytest.mark.parametrize("kind", VALID)
def test_messages_are_short_and_hold_no_control_characters(kind, tmp_path):
    path, draw = tmp_path / "x.txt", seeded(7)
    refused = 0
    for number in range(150):
        text = mutant(kind, draw) if number % 3 else repeats(kind, draw, 3000)
        path.write_bytes(text.encode("utf-8", "replace"))
        said = failure(kind, path)
        refused += bool(said)
        assert len(said) < MOST, said
        assert not CONTROL.search(said), said
    assert refused > 30


@pytest.mark.parametrize("kind", VALID)
def test_content_that_unpacks_without_end_is_refused(kind, tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(VALID[kind].encode() + b"\n" * 40_000_000))
    assert path.stat().st_size < 100_000
    start = time.process_time()
    assert "unpacks" in failure(kind, path)
    assert time.process_time() - start < 20


def test_lines_and_names_without_end_are_refused(tmp_path):
    path = tmp_path / "x.fa"
    path.write_bytes(b">" + b"a" * 100_000 + b"\nACGT\n")
    assert "expected a header of at most 65,536 bytes" in failure("FASTA", path)
    path.write_text("sequence,labels,group\n" + ",".join(f"l{i}" for i in range(9)))
    labels = ",".join(f"l{i}" for i in range(5000))
    path.write_text(f'sequence,labels,group\nACGTA,"{labels}",g\n')
    assert "at most 4,096 different labels. Received 5,000: l0, l1" in failure(
        "CSV", path
    )


def test_a_fasta_record_of_many_lines_says_where_it_fails(tmp_path):
    path = tmp_path / "x.fa"
    path.write_text(">a\n" + "A\n" * 70_000 + "AC!\n" + "A\n" * 70_000)
    assert "line 70002: " in failure("FASTA", path)
    assert "position 70002 of the record 'a'" in failure("FASTA", path)
    path.write_text(">a\n" + "A\n" * 140_000 + ">b\nAC\n")
    [(_, first), (_, second)] = km.datasets.read_fasta(path)
    assert (len(first), second) == (140_000, "AC")


def test_what_messages_show_is_quoted_escaped_and_cut():
    assert quoted("a\x1b[1m\u202e") == r"'a\x1b[1m\u202e'"
    assert quoted("x" * 61) == repr("x" * 60 + "...")
    assert quoted("x" * 60) == repr("x" * 60)
    assert printable("a\tb\u2028") == r"a\tb\u2028"
    assert listed(["a", "b\n"]) == r"a, b\n"
    many = listed(f"name{i}" for i in range(1000))
    assert many.endswith(", ... (1000 in all)")
    assert len(many) < 230
    assert len(listed(["x" * 10_000])) == 200
