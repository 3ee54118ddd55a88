import gzip
import multiprocessing
import os
import pickle
import struct
import threading

import numpy as np
import pytest
from Bio import bgzf

from keras_motif.datasets import Genome
from keras_motif.datasets._fasta_index import FastaEntry, load_index
from keras_motif.datasets._genome_bytes import open_bytes

NAMES = ("chr1", "chr2", "scaffold_3")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_MOTIF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def strings(random):
    """Three chromosomes of random letters, soft-masked and ambiguous ones too."""
    letters = np.array(list("ACGTacgtNR"))
    sizes = (1000, 61, 150_000)
    return {
        name: "".join(letters[random.integers(len(letters), size=size)])
        for name, size in zip(NAMES, sizes, strict=True)
    }


def fasta(strings, width=60, end="\n"):
    text = ""
    for name, string in strings.items():
        lines = [string[at : at + width] for at in range(0, len(string), width)]
        text += f">{name} some words{end}" + "".join(f"{line}{end}" for line in lines)
    return text.encode()


def two_bit(strings):
    """Return a 2bit file, by UCSC's description of it."""
    header = struct.pack("<4I", 0x1A412743, 0, len(strings), 0)
    at = len(header) + sum(1 + len(name) + 4 for name in strings)
    index, records = b"", b""
    for name, string in strings.items():
        index += bytes([len(name)]) + name.encode() + struct.pack("<I", at)
        capitals = string.upper()
        unknown = [at for at, letter in enumerate(capitals) if letter not in "ACGT"]
        record = struct.pack("<2I", len(string), len(unknown))
        record += struct.pack(f"<{len(unknown)}I", *unknown)
        record += struct.pack(f"<{len(unknown)}I", *([1] * len(unknown)))
        record += struct.pack("<2I", 0, 0)
        codes = [max("TCAG".find(letter), 0) for letter in capitals]
        codes += [0] * (-len(codes) % 4)
        record += bytes(
            codes[k] << 6 | codes[k + 1] << 4 | codes[k + 2] << 2 | codes[k + 3]
            for k in range(0, len(codes), 4)
        )
        records, at = records + record, at + len(record)
    return header + index + records


def written(folder, content, name="genome.any"):
    path = folder / name
    path.write_bytes(content)
    return path


def bgzipped(folder, content, name="genome.any"):
    with bgzf.open(folder / name, "wb") as file:
        file.write(content)
    return folder / name


FORMATS = {
    "fasta": lambda folder, strings: written(folder, fasta(strings)),
    "fasta, windows": lambda folder, s: written(folder, fasta(s, 50, "\r\n")),
    "one line each": lambda folder, s: written(folder, fasta(s, 10**6)),
    "no last newline": lambda folder, s: written(folder, fasta(s).rstrip()),
    "byte order mark": lambda folder, s: written(folder, b"\xef\xbb\xbf" + fasta(s)),
    "blank lines at the end": lambda folder, s: written(folder, fasta(s) + b"\n\n"),
    "bgzip": lambda folder, strings: bgzipped(folder, fasta(strings)),
    "2bit": lambda folder, strings: written(folder, two_bit(strings)),
}


def expected(string):
    return string.upper().replace("R", "N")


def test_two_bit_is_what_py2bit_reads(tmp_path, strings):
    py2bit = pytest.importorskip("py2bit")
    path = written(tmp_path, two_bit(strings))
    theirs, ours = py2bit.open(str(path)), Genome(path)
    assert dict(ours.chromosomes) == dict(theirs.chroms())
    for name, length in ours.chromosomes.items():
        assert ours.sequence(name, 7, length) == theirs.sequence(name, 7, length)


@pytest.mark.parametrize("make", FORMATS.values(), ids=FORMATS)
def test_every_place_of_every_format_is_read(make, tmp_path, strings, random):
    path = make(tmp_path, strings)
    for _ in range(2):  # with the index made, and with the one found
        genome = Genome(path)
        assert dict(genome.chromosomes) == {n: len(s) for n, s in strings.items()}
        for name, string in strings.items():
            assert genome.sequence(name, 0, len(string)) == expected(string)
            for _ in range(40):
                start, end = np.sort(random.integers(len(string) + 1, size=2))
                if start < end:
                    found = genome.sequence(name, int(start), int(end))
                    assert found == expected(string[start:end])


def test_the_other_strand_and_what_lies_beyond_the_ends(tmp_path):
    genome = Genome(written(tmp_path, b">a\nGATTN\nA\n"))
    assert genome.sequence("a", 0, 6, "-") == "TNAATC"
    assert genome.codes("a", -2, 3).tolist() == [4, 4, 2, 0, 3]
    assert genome.codes("a", 4, 8).tolist() == [4, 0, 4, 4]
    assert genome.codes("a", 7, 9).tolist() == [4, 4]
    assert repr(genome).endswith("genome.any', 1 chromosomes, 6 bases)")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("b", 0, 1), r"`chromosome` must be one of .*genome\.any: a. Received 'b'"),
        (("a", 3, 9), r"0 <= start < end <= 6. Received 3 and 9"),
        (("a", -1, 2), r"Received -1 and 2"),
        (("a", 2, 2), r"Received 2 and 2"),
        (("a", 0, 2, "x"), r"`strand` must be .*'x'"),
    ],
)
def test_pieces_that_are_not_there_are_refused(arguments, match, tmp_path):
    genome = Genome(written(tmp_path, b">a\nGATTN\nA\n"))
    with pytest.raises(ValueError, match=match):
        genome.sequence(*arguments)


BAD = {
    "empty": (b"", r"a genome in FASTA, .*holds none"),
    "no header": (b"ACGT\nAC\n", r"line 1: expected a FASTA header"),
    "bed": (b"chr1\t1\t20\n", r"line 1: expected a FASTA header.*a BED file"),
    "name twice": (b">a\nAC\n>a\nAC\n", r"line 3: .*Received 'a' again"),
    "no name": (b">a\nAC\n> \nAC\n", r"line 3: .*Received none"),
    "ragged": (b">a\nACGT\nAC\nACGT\n", r"line 4: .*4 letters in 'a'.*shorter line"),
    "longer": (b">a\nACGT\nACGTA\n", r"line 3: expected lines of one length"),
    "blank within": (b">a\nACGT\n\nACGT\n", r"line 4: expected lines of one length"),
    "other ends": (b">a\nACGT\r\nACGT\nACGT\n", r"line 4: expected lines of one"),
    "gzip": (gzip.compress(b">a\nACGT\n"), r"compressed by gzip.*`bgzip`"),
    "zip": (b"PK\x03\x04" + bytes(60), r"Received a zip archive"),
    "bam": (b"BAM\x01" + bytes(60), r"Received a BAM file"),
}


@pytest.mark.parametrize(("content", "match"), BAD.values(), ids=BAD)
def test_files_that_are_no_genome_say_why(content, match, tmp_path):
    path = written(tmp_path, content)
    with pytest.raises(ValueError, match=match) as error:
        Genome(path)
    assert str(error.value).startswith(str(path))


def test_a_bgzip_file_that_is_cut_or_damaged_is_refused(tmp_path, strings):
    path = bgzipped(tmp_path, fasta(strings))
    whole = path.read_bytes()
    for size in (100, len(whole) // 2, len(whole) - 40):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"genome\.any.*(block of bgzip|damaged)"):
            Genome(path)
    path.write_bytes(whole)
    Genome(path)
    damaged = bytearray(whole)
    damaged[60:90] = bytes(30)
    stamp = path.stat()
    path.write_bytes(damaged)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    with pytest.raises(ValueError, match=r"genome\.any"):
        Genome(path).sequence("chr1", 0, 1000)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: data[:10], "more bytes"),
        (lambda data: data[:30], "more bytes"),
        (lambda data: data[:-1], "records within the file"),
        (lambda data: data[:4] + b"\7" + data[5:], "version 0 or 1. Received 7"),
        (lambda data: data[:8] + b"\xff" * 4 + data[12:], "as many records as"),
        (lambda data: data[:8] + bytes(4) + data[12:], "as many records as"),
        (lambda data: data[:16] + b"\xff" + data[17:], "names of records"),
        (lambda data: data[:23] + b"a" + data[24:], "a stands there twice"),
        (lambda data: data[:28] + b"\xff" * 4 + data[32:], "records within the file"),
        (lambda data: data[:32] + b"\xff" * 4 + data[36:], "runs of N within"),
    ],
)
def test_a_damaged_two_bit_file_is_refused(change, match, tmp_path):
    whole = two_bit({"a": "ACGT", "b": "AC"})
    assert dict(Genome(written(tmp_path, whole)).chromosomes) == {"a": 4, "b": 2}
    with pytest.raises(ValueError, match=rf"genome\.any: expected a whole.*{match}"):
        Genome(written(tmp_path, change(whole)))


def test_a_two_bit_file_of_the_other_byte_order_is_read(tmp_path):
    header = struct.pack(">4I", 0x1A412743, 0, 1, 0) + b"\1a" + struct.pack(">I", 22)
    record = struct.pack(">6I", 5, 1, 3, 1, 0, 0) + bytes([0b10011100, 0b00_000000])
    genome = Genome(written(tmp_path, header + record))
    assert genome.sequence("a", 0, 5) == "ACGNT"


def test_letters_that_are_no_bases_name_their_place(tmp_path):
    genome = Genome(written(tmp_path, b">a\nACGT\nAC!T\n"))
    assert genome.sequence("a", 0, 6) == "ACGTAC"
    with pytest.raises(ValueError, match=r"'!' at position 6 of a, counted from 0"):
        genome.sequence("a", 5, 8)


def test_the_index_is_samtools_and_lies_beside_the_file(tmp_path):
    path = written(tmp_path, b">a x\nACGT\nAC\n>b\nAC\n")
    Genome(path)
    index = tmp_path / "genome.any.fai"
    assert index.read_text() == "a\t6\t5\t4\t5\nb\t2\t16\t2\t3\n"
    stamp = index.stat().st_mtime_ns
    assert Genome(path).sequence("b", 0, 2) == "AC"
    assert index.stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    "damage",
    [
        "a\t6\t5\t4\t5\n",  # a record is missing
        "a\t6\t4\t4\t5\nb\t2\t16\t2\t3\n",  # another place
        "a\t6\t5\t4\t5\nb\t3\t16\t2\t3\n",  # another length
        "c\t6\t5\t4\t5\nb\t2\t16\t2\t3\n",  # another name
        "a\t6\t5\n",
        "a\t6\t5\t0\t0\nb\t2\t16\t2\t3\n",
        "",
        "\x00\x01",
    ],
)
def test_an_index_that_does_not_fit_is_made_anew(damage, tmp_path):
    path = written(tmp_path, b">a x\nACGT\nAC\n>b\nAC\n")
    index = written(tmp_path, damage.encode(), "genome.any.fai")
    os.utime(index, ns=(path.stat().st_mtime_ns + 10**9,) * 2)
    assert Genome(path).sequence("b", 0, 2) == "AC"
    assert index.read_text() == "a\t6\t5\t4\t5\nb\t2\t16\t2\t3\n"


def test_an_index_that_is_older_is_made_anew(tmp_path):
    path = written(tmp_path, b">a\nACGT\n")
    Genome(path)
    written(tmp_path, b">a\nACGT\nAC\n")
    os.utime(tmp_path / "genome.any.fai", ns=(0, 0))
    assert Genome(path).chromosomes["a"] == 6


def test_in_a_folder_that_cannot_be_written_the_index_goes_to_the_cache(
    tmp_path, cache, monkeypatch
):
    path = written(tmp_path, b">a\nACGT\n")

    def refuse(place, *others):
        if str(place).startswith(str(path)):
            raise PermissionError(13, "Permission denied", str(place))
        return whole_file(place, *others)

    from keras_motif.datasets import _fasta_index

    whole_file = _fasta_index.whole_file
    monkeypatch.setattr(_fasta_index, "whole_file", refuse)
    Genome(path)
    [index] = cache.iterdir()
    stamp = index.stat().st_mtime_ns
    Genome(path)
    assert [index] == list(cache.iterdir())
    assert index.stat().st_mtime_ns == stamp
    assert not (tmp_path / "genome.any.fai").exists()


def test_what_biopython_indexes_lies_where_we_say(tmp_path, strings):
    path = written(tmp_path, fasta(strings))
    index = load_index(str(path), open_bytes(str(path)))
    for name, entry in index.items():
        assert isinstance(entry, FastaEntry)
        content = path.read_bytes()[entry.offset :][: entry.line_bases]
        assert content.decode() == strings[name][: entry.line_bases]


def opened(path):
    return Genome(path).sequence("chr1", 0, 30)


def test_several_processes_may_make_the_index_at_once(tmp_path, strings):
    path = written(tmp_path, fasta(strings))
    with multiprocessing.get_context("fork").Pool(4) as pool:
        found = pool.map(opened, [path] * 16)
    assert set(found) == {expected(strings["chr1"][:30])}
    assert sorted(p.name for p in tmp_path.glob("*any*")) == [
        "genome.any",
        "genome.any.fai",
    ]


@pytest.mark.parametrize("form", ["fasta", "bgzip", "2bit"])
def test_copies_forks_and_threads_read_the_same(form, tmp_path, strings):
    genome = Genome(FORMATS[form](tmp_path, strings))
    string = expected(strings["scaffold_3"])
    assert genome.sequence("scaffold_3", 5, 99) == string[5:99]
    copy = pickle.loads(pickle.dumps(genome))
    assert copy.chromosomes == genome.chromosomes
    assert copy.sequence("scaffold_3", 5, 99) == string[5:99]
    wrong = []

    def look(seed):
        starts = np.random.default_rng(seed).integers(140_000, size=200)
        wrong.extend(
            start
            for start in starts.tolist()
            if genome.sequence("scaffold_3", start, start + 500)
            != string[start : start + 500]
        )

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pieces = pool.starmap(genome.sequence, [("scaffold_3", 5, 99)] * 8)
    assert pieces == [string[5:99]] * 8
