import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_motif as km
from keras_motif.datasets import FastaSequences, read_fasta

BOTH = ">one first of two\nACGT\nacgtn\n\n>two\r\nT T\t\r\nGG\r\n"


def write(folder, content, name="x.fa"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_records_span_lines_in_either_case_and_with_any_line_end(tmp_path):
    path = write(tmp_path, BOTH)
    assert list(read_fasta(path)) == [("one", "ACGTACGTN"), ("two", "TTGG")]
    assert list(read_fasta(str(path))) == list(read_fasta(path))


def test_gzip_is_told_by_content_and_may_have_several_members(tmp_path):
    plain = BOTH.encode()
    packed = write(tmp_path, gzip.compress(plain[:9]) + gzip.compress(plain[9:]))
    assert list(read_fasta(packed)) == list(read_fasta(write(tmp_path, BOTH, "y.gz")))


def test_other_spellings_of_bases_are_read_as_the_field_does(tmp_path):
    path = write(tmp_path, b"\xef\xbb\xbf> rna\nACGUu\nryswkmbdhvRYSWKMBDHV")
    assert list(read_fasta(path)) == [("rna", "ACGTT" + 20 * "N")]


def test_names_may_repeat_and_hold_any_letter(tmp_path):
    path = write(tmp_path, ">chr1:5-9(+)\nA\n>chr1:5-9(+)\nC\n>gène|µ\nG\n")
    assert [name for name, _ in read_fasta(path)] == ["chr1:5-9(+)"] * 2 + ["gène|µ"]


@settings(deadline=None)
@given(st.lists(st.text("ACGTN", min_size=1), min_size=1), st.integers(1, 9))
def test_written_sequences_are_read_back(tmp_path_factory, sequences, width):
    lines = []
    for index, sequence in enumerate(sequences):
        lines.append(f">s{index}")
        lines += [sequence[i : i + width] for i in range(0, len(sequence), width)]
    path = write(tmp_path_factory.mktemp("fasta"), "\n".join(lines))
    assert [sequence for _, sequence in read_fasta(path)] == sequences


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"x\.fa: expected FASTA records.*The file holds none"),
        ("\n \n", "The file holds none"),
        ("\nACGT\n>a\nA\n", r"x\.fa, line 2: expected a FASTA header.*'ACGT'"),
        (">a\nA\n>\nC\n", r"x\.fa, line 3: expected a name behind '>'"),
        (">a\n>b\nC\n", r"x\.fa, line 1: expected lines of sequence.*'a' has none"),
        (">a\nC\n>b x\n\n", r"line 3: expected lines of sequence.*'b' has none"),
        (">a\nAC\nG TE\n", r"line 3: expected letters.*'E' at position 4 of.*'a'"),
        (">a\nAC\n\n-\n", r"line 4: expected letters.*'-' at position 2"),
        (">a\nACé\n", "line 2: expected letters.*'é' at position 2"),
        (">a\nMKVLA\n", "proteins cannot be used.*'L' at position 3"),
    ],
)
def test_bad_files_are_refused_with_line_and_reason(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(ValueError, match=message):
        list(read_fasta(path))


def test_damaged_gzip_is_explained(tmp_path):
    whole = gzip.compress(BOTH.encode() * 2000)
    for content in (whole[:-40], whole[:40] + b"\0" * 40 + whole[80:]):
        path = write(tmp_path, content)
        with pytest.raises(ValueError, match=r"after line \d+: expected more compr"):
            list(read_fasta(path))


def test_missing_files_are_python_errors_at_once(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_fasta(tmp_path / "missing.fa")
    with pytest.raises(FileNotFoundError):
        FastaSequences(tmp_path / "missing.fa")


def test_batches_are_one_hot_and_start_anew_each_time(tmp_path):
    strings = ["ACGTN", "GATTA", "TTTTT"]
    path = write(tmp_path, "".join(f">{s}\n{s}\n" for s in strings))
    sequences = FastaSequences(path, batch_size=2)
    for _ in range(2):
        batches = list(sequences)
        assert [batch.shape for batch in batches] == [(2, 5, 4), (1, 5, 4)]
        assert {batch.dtype for batch in batches} == {np.dtype(np.int8)}
        assert km.from_one_hot(np.concatenate(batches)) == strings


def test_other_lengths_are_refused_or_cut_and_padded(tmp_path):
    path = write(tmp_path, ">a\nACG\nTA\n>b\nACGT\n>c\nA\n")
    with pytest.raises(ValueError, match=r"line 4: .* 5 letters as 'a' in line 1"):
        list(FastaSequences(path))
    for length, expected in (
        (4, ["ACGT", "ACGT", "NANN"]),
        (3, ["CGT", "ACG", "NAN"]),
        (6, ["ACGTAN", "NACGTN", "NNANNN"]),
    ):
        (batch,) = FastaSequences(path, length=length)
        assert km.from_one_hot(batch) == expected


def test_options_out_of_range_are_refused(tmp_path):
    path = write(tmp_path, BOTH)
    with pytest.raises(ValueError, match="`batch_size` must be 1 or more"):
        FastaSequences(path, batch_size=0)
    with pytest.raises(ValueError, match="`length` must be 1 or more"):
        FastaSequences(path, length=0)


def test_memory_depends_on_the_batch_not_on_the_file(tmp_path):
    path = write(tmp_path, "".join(f">{i}\n{'ACGT' * 50}\n" for i in range(20_000)))
    tracemalloc.start()
    count = sum(len(batch) for batch in FastaSequences(path, batch_size=100))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    # The file has 4 MB of letters, its one-hot rows 16 MB; a batch has 80 kB.
    assert peak < 2e6
