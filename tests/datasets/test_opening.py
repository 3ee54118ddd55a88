import gzip
import io
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from Bio import bgzf

import keras_motif as km
from keras_motif.datasets import (
    FastaSequences,
    Split,
    Splits,
    load_hdf5,
    load_table,
    read_fasta,
    write_hdf5,
)
from keras_motif.motifs import read_motifs
from keras_motif.motifs.npy import load_array

FASTA = b">a\nACGTTGACTCAGGN\n>b x\nacgttgactcaggn\n"


@pytest.fixture
def model():
    """A network of one filter, which fires at TGACTCA."""
    kernel = np.full((7, 4, 1), -1.0)
    kernel[np.arange(7), ["ACGT".index(base) for base in "TGACTCA"], 0] = 1
    layer = keras.layers.Conv1D(1, 7, activation="relu", use_bias=False)
    model = keras.Sequential([keras.Input((14, 4)), layer])
    layer.set_weights([kernel])
    return model


@pytest.mark.keras
@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize(
    "name", ["s.txt", "s.fsa", "s.faa", "peaks", "s.fa.gz", "s.fa.bgz", "s.fasta.old"]
)
def test_fasta_is_read_under_any_name(name, kind, model, tmp_path):
    path = tmp_path / name
    path.write_bytes(FASTA)
    if name.endswith("bgz"):
        with bgzf.open(path, "wb") as file:
            file.write(FASTA)
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(FASTA))
    [motif] = km.extract_motifs(model, kind(path))
    assert (motif.consensus, motif.num_sites) == ("TGACTCA", 2)


@pytest.mark.keras
@pytest.mark.parametrize("kind", [str, Path])
def test_arrays_are_read_from_files_of_either_layout(kind, model, tmp_path):
    x = km.one_hot(["ACGTTGACTCAGGN"] * 3)
    np.save(tmp_path / "one.npy", x)
    np.save(tmp_path / "two.npy", x.transpose(0, 2, 1))
    np.savez(tmp_path / "three.npz", seqs=x)
    np.savez_compressed(tmp_path / "four.npz", x, np.zeros(3))
    for path in sorted(tmp_path.iterdir()):
        assert km.extract_motifs(model, kind(path))[0].num_sites == 3, path
    np.savez(tmp_path / "five.npz", x=x, y=np.zeros(3))
    with pytest.raises(ValueError, match=r"five\.npz: expected .* one array.*x, y"):
        km.extract_motifs(model, kind(tmp_path / "five.npz"))
    assert load_array(tmp_path / "five.npz", "x").shape == x.shape


@pytest.mark.keras
def test_files_that_are_no_sequences_are_named(model, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["X_test"] = np.zeros(3)
    with pytest.raises(ValueError, match=r"x\.h5: .*HDF5 file. Pass the data set"):
        km.extract_motifs(model, tmp_path / "x.h5")
    with pytest.raises(FileNotFoundError, match=r"missing\.txt"):
        km.extract_motifs(model, str(tmp_path / "missing.txt"))
    with pytest.raises(ValueError, match="must be one-hot. Received strings"):
        km.extract_motifs(model, "ACGTTGACTCAGGN")


def zipped():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("seqs.fa", FASTA)
    return content.getvalue()


KINDS = {
    "zip": (zipped(), "a zip archive"),
    "gzip in gzip": (gzip.compress(gzip.compress(FASTA)), "compressed by gzip"),
    "bzip2": (b"BZh91AY" + bytes(90), "compressed by bzip2"),
    "xz": (b"\xfd7zXZ\x00" + bytes(90), "compressed by xz"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(90), "compressed by Zstandard"),
    "bam": (gzip.compress(b"BAM\x01" + bytes(90)), "a BAM file"),
    "2bit": (b"\x43\x27\x41\x1a" + bytes(90), "a 2bit file"),
    "bigwig": (b"\x26\xfc\x8f\x88" + bytes(90), "a bigWig file"),
    "pdf": (b"%PDF-1.7\n\x00\x01", "a PDF file"),
    "sqlite": (b"SQLite format 3\x00" + bytes(90), "an SQLite database"),
    "pickle": (b"\x80\x04\x95" + bytes(90), "a pickle of Python"),
    "tar": (b"seqs.fa" + bytes(250) + b"ustar\x00" + bytes(90), "a tar archive"),
    "utf-16": (FASTA.decode().encode("utf-16"), "text in UTF-16"),
    "unknown": (bytes(90), "a binary file"),
}


@pytest.mark.parametrize(("content", "kind"), KINDS.values(), ids=KINDS)
def test_every_reader_of_text_names_another_kind(content, kind, tmp_path):
    path = tmp_path / "data.txt"
    path.write_bytes(content)
    readers = [
        lambda: list(read_fasta(path)),
        lambda: load_table(path, labels=["a"]),
        lambda: read_motifs(path),
    ]
    for reader in readers:
        with pytest.raises(ValueError, match=rf"data\.txt: .*{kind}") as error:
            reader()
        assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("@read 1\nACGT\n+\nIIII\n", "a FASTQ file"),
        ("chr1\t10\t20\tpeak\n", "a BED file"),
        ("##fileformat=VCFv4.2\n", "a VCF file"),
        ("LOCUS       x\n", "a GenBank file"),
        ("MEME version 4\n", "a file of motifs"),
        ("<!DOCTYPE html>\n", "a web page"),
        ("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        ("ACGTACGT\nACGTACGT\n", "sequences without names"),
    ],
)
def test_other_text_than_fasta_is_named(text, kind, tmp_path):
    (tmp_path / "x.fa").write_text(text)
    with pytest.raises(ValueError, match=rf"x\.fa, line 1: expected a FASTA.*{kind}"):
        list(read_fasta(tmp_path / "x.fa"))


@pytest.mark.keras
def test_n_as_a_quarter_is_kept_for_the_network_and_counts_as_n(model, tmp_path):
    strings = ["ANGTTGACTNAGGN", "ACGTTGACTCAGGN"]
    zeros, quarters = km.one_hot(strings), km.one_hot(strings, dtype="f4", unknown=0.25)
    assert (quarters[0, 1] == 0.25).all()
    assert km.from_one_hot(quarters) == strings
    first, second = (
        km.activation_sites(model, x, threshold=0.5) for x in (zeros, quarters)
    )
    assert first["activation"].to_list() == [6, 7]
    assert second["activation"].to_list() == [5.5, 7]  # the network sees the quarters
    motifs = [km.extract_motifs(model, x, threshold=0.5) for x in (zeros, quarters)]
    assert motifs[0] == motifs[1]
    (tmp_path / "n.fa").write_text(">a\nANGT\n")
    [batch] = FastaSequences(tmp_path / "n.fa", unknown=0.25)
    np.testing.assert_array_equal(batch, km.one_hot(["ANGT"], dtype="f4", unknown=0.25))
    split = Split(quarters, np.array([[0], [1]], np.int8))
    write_hdf5(Splits(split, split, split), tmp_path / "n.h5")
    np.testing.assert_array_equal(load_hdf5(tmp_path / "n.h5").test.x, quarters)


@pytest.mark.parametrize(("dtype", "unknown"), [("i1", 0.25), ("f4", 0.5)])
def test_other_values_of_n_are_refused(dtype, unknown):
    with pytest.raises(ValueError, match="`unknown` must be 0, or 0.25"):
        km.one_hot(["N"], dtype=dtype, unknown=unknown)


def test_scans_take_a_fasta_file(tmp_path):
    pytest.importorskip("pymemesuite")
    motif = km.Motif(np.eye(4)[[3, 2, 0, 1, 3, 1, 0]], "AP1")
    path = tmp_path / "s.txt"
    path.write_bytes(FASTA)
    for sequences in (path, str(path)):
        assert km.motif_scan(motif, sequences)["sequence_name"].to_list() == ["a", "b"]
