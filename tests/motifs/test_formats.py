import dataclasses
import gzip
import io
import tempfile
import warnings
from pathlib import Path

import Bio.motifs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_motif as km
from keras_motif.motifs import MemeFile, Motif, as_motifs, interchange, read_motifs
from support.meme_examples import AG, ONE, VERSION

# Each holds one motif: AG (A, then a quarter of C and three of G), named "one".
AG_COUNTS = [[4, 0, 0, 0], [0, 1, 3, 0]]
FREQUENCIES = {
    "meme": VERSION + ONE,
    "meme of version 3": "MEME version 3.0\n" + ONE,
    "name line": "one\n1 0 0 0\n0 .25 .75 0\n",
    "name line, tabs": "one\n1\t0\t0\t0\n0\t0.25\t7.5e-1\t0\n",
    "fasta-like": ">one\n1 0 0 0\n0 .25 .75 0\n",
    "windows": ">one\r\n1 0 0 0\r\n0 .25 .75 0\r\n",
    "commas": ">one\n1,0,0,0\n0, .25, .75, 0\n",
    "cis-bp": "Pos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n2\t0\t0.25\t0.75\t0\n",
    "cis-bp, all motifs": "TF\tT1\nTF Name\tx\nGene\tg\nMotif\tone\nFamily\tF\n"
    "Species\tS\nPos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n2\t0\t.25\t.75\t0\n",
    "columns in another order": ">one\nT G C A\n0 0 0 1\n0 .75 .25 0\n",
    "four rows": ">one\n1 0\n0 .25\n0 .75\n0 0\n",
    "letters": ">one\nA [ 1 0 ]\nC [ 0 .25 ]\nG [ 0 .75 ]\nT [ 0 0 ]\n",
    "letters in another order": ">one\nT|0 0\nG|0 .75\nC|0 .25\nA|1 0\n",
    "letters and colons": "one\nA:\t1\t0\nC:\t0\t.25\nG:\t0\t.75\nT:\t0\t0\n",
    "uniprobe": "Protein: one\tSeed k-mer: AG\tEnrichment Score: 0.4\n"
    "A:\t1\t0\nC:\t0\t.25\nG:\t0\t.75\nT:\t0\t0\n",
    "brackets without blanks": ">one\nA[1 0]\nC[0 .25]\nG[0 .75]\nT[0 0]\n",
    "small letters": ">one\na 1 0\nc 0 .25\ng 0 .75\nt 0 0\n",
    "stamp": "DE\tone\n0\t1\t0\t0\t0\tA\n1\t0\t0.25\t0.75\t0\tG\nXX\n",
    "consensus behind": ">one\n1 0 0 0 A\n0 .25 .75 0 S\n",
    "numbers alone": "1 0 0 0\n0 .25 .75 0\n",
    "comments": "# by a tool\n>one\n# rows\n1 0 0 0\n# more\n0 .25 .75 0\n",
}
COUNTS = {
    "jaspar": ">one\nA  [ 4  0 ]\nC  [ 0  1 ]\nG  [ 0  3 ]\nT  [ 0  0 ]\n",
    "jaspar raw": ">one\n4 0\n0 1\n0 3\n0 0\n",
    "hocomoco": ">one\n4.0\t0.0\t0.0\t0.0\n0.0\t1.0\t3.0\t0.0\n",
    "transfac": "AC  one\nXX\nP0      A      C      G      T\n"
    "01      4      0      0      0      A\n02      0      1      3      0      S\n"
    "XX\n//\n",
    "transfac of jaspar": "AC one\nXX\nPO\tA\tC\tG\tT\n00\t4\t0\t0\t0\n"
    "01\t0\t1\t3\t0\nXX\nCC tax_group:vertebrates\nXX\n//\n",
    "transfac with all that": "VV  TRANSFAC 7\nXX\n//\nID  one\nXX\n"
    "DT  01.01.2000 (created); x.\nCO  Copyright.\nP0  A C G T\n01 4 0 0 0 A\n"
    "02 0 1 3 0 S\nXX\nBA  4 sequences\nBS  AG; 1; 2; 0;; p.\nRN  [1]; 3.\n//\n",
}


def written(folder, text, name="one.txt"):
    path = Path(folder, name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("text", FREQUENCIES.values(), ids=FREQUENCIES.keys())
def test_frequencies_of_every_format_give_the_same_motif(text, tmp_path):
    [motif] = read_motifs(written(tmp_path, text))
    assert (motif.name, motif.num_sites) == ("one", None)
    np.testing.assert_array_equal(motif.frequencies, AG)


@pytest.mark.parametrize("text", COUNTS.values(), ids=COUNTS.keys())
def test_counts_of_every_format_give_the_same_motif(text, tmp_path):
    content = read_motifs(str(written(tmp_path, text)))
    assert content == MemeFile([Motif(AG, "one", num_sites=4)])


def test_a_file_may_be_compressed_and_names_a_motif_without_name(tmp_path):
    text = gzip.compress(FREQUENCIES["cis-bp"].encode())
    for name in ("M001_2.00.txt.gz", "M001_2.00.txt"):
        assert read_motifs(written(tmp_path, text, name))[0].name == "M001_2.00"


def test_several_matrices_without_names_are_numbered(tmp_path):
    text = "1 0 0 0\n0 0 1 0\n\n0 1 0 0\n0 0 0 1\n0 0 0 1\n"
    motifs = read_motifs(written(tmp_path, text))
    assert [motif.name for motif in motifs] == ["one_1", "one_2"]
    assert [motif.consensus for motif in motifs] == ["AG", "CTT"]


def test_homers_header_says_name_and_sites(tmp_path):
    rows = "0.997 0.001 0.001 0.001\n0.001 0.001 0.997 0.001\n"
    text = (
        ">AG\t1-AG,BestGuess:AP-1(bZIP)/x y/Homer(0.9)\t6.05\t-2345.0\t0\t"
        f"T:354.0(48.77%),B:235.3(5.54%),P:1e-1879\n{rows}"
        f">AG\tFox:Ebox(Forkhead,bHLH)/Panc1/Homer\t6.3\n{rows}"
    )
    first, second = read_motifs(written(tmp_path, text))
    assert (first.name, first.alt_name) == ("1-AG", "AP-1(bZIP)/x y/Homer(0.9)")
    assert (first.num_sites, first.consensus) == (354, "AG")
    assert (second.name, second.num_sites) == (
        "Fox:Ebox(Forkhead,bHLH)/Panc1/Homer",
        None,
    )


def test_names_are_split_as_in_meme(tmp_path):
    text = ">MA0006.1\tAhr::Arnt  (var. 2)\n1 0 0 0\n0 0 1 0\n"
    [motif] = read_motifs(written(tmp_path, text))
    assert (motif.name, motif.alt_name) == ("MA0006.1", "Ahr::Arnt (var. 2)")
    text = COUNTS["transfac"].replace("XX\n", "XX\nID  V$MYOD_01\nNA  MyoD\n", 1)
    [motif] = read_motifs(written(tmp_path, text))
    assert (motif.name, motif.alt_name) == ("one", "V$MYOD_01")


def test_rna_keeps_its_alphabet(tmp_path):
    text = COUNTS["jaspar"].replace("T  [", "U  [")
    content = read_motifs(written(tmp_path, text))
    assert (content.alphabet, content.strands) == ("ACGU", "+")
    assert content.motifs == [Motif(AG, "one", num_sites=4)]
    text = "Pos\tA\tC\tG\tU\n1\t1\t0\t0\t0\n2\t0\t.25\t.75\t0\n"  # CISBP-RNA
    assert as_motifs(written(tmp_path, text), "queries").is_rna


def test_what_rows_stand_for_is_told_by_the_rest_of_the_file(tmp_path):
    square = "1 0 0 0\n0 0 1 0\n0 0 0 1\n0 1 0 0\n"  # AGTC, or by bases ATCG
    by_base = ">two\n1 0\n0 1\n0 0\n0 0\n"
    by_position = ">two\n1 0 0 0\n0 1 0 0\n"
    for other, consensus in ((by_base, "ATCG"), (by_position, "AGTC")):
        for text in (f">one\n{square}{other}", f"{other}>one\n{square}"):
            motifs = {m.name: m for m in read_motifs(written(tmp_path, text))}
            assert motifs["one"].consensus == consensus
            assert motifs["two"].consensus == "AC"
    with pytest.raises(ValueError, match="line 2: .*tells rows of positions from rows"):
        read_motifs(written(tmp_path, f">one\n{square}"))
    # Counts whose positions all have one total.
    text = ">one\n4 0 0 0\n0 0 4 0\n0 0 2 2\n0 4 0 0\n"
    assert read_motifs(written(tmp_path, text))[0].consensus == "AGGC"
    text = ">one\n4 0 0 0\n0 0 0 4\n0 4 2 0\n0 0 2 0\n"
    assert read_motifs(written(tmp_path, text))[0].consensus == "AGGC"


def test_what_biopython_writes_is_read_as_biopython_reads_it(tmp_path, random):
    counts = (
        random.integers(0, 50, size=(30, 12, 4))
        + np.eye(4, dtype=int)[random.integers(4, size=(30, 12))]
    )
    sources = [
        interchange.to_biopython(
            Motif(c / c.sum(1, keepdims=True), f"M{i}", alt_name=f"F{i}", num_sites=100)
        )
        for i, c in enumerate(counts)
    ]
    for form in ("jaspar", "transfac", "pfm-four-columns"):
        if form == "pfm-four-columns":
            text = "".join(
                f">{m.matrix_id}\n"
                + "".join(
                    " ".join(str(m.counts[b][i]) for b in "ACGT") + "\n"
                    for i in range(12)
                )
                for m in sources
            )
        else:
            text = Bio.motifs.write(sources, form)
            if form == "transfac":  # it writes no names
                parts = text.split("P0")
                text = parts[0] + "".join(
                    f"AC  M{i}\nP0{part}" for i, part in enumerate(parts[1:])
                )
        theirs = Bio.motifs.parse(io.StringIO(text), form)
        ours = read_motifs(written(tmp_path, text))
        assert [motif.name for motif in ours] == [f"M{i}" for i in range(30)]
        for one, other in zip(ours, theirs, strict=True):
            expected = interchange.from_biopython(other, one.name)
            np.testing.assert_allclose(one.frequencies, expected.frequencies)
            assert one.num_sites == expected.num_sites


def test_a_repeated_name_warns_and_the_first_stays(tmp_path):
    path = written(tmp_path, COUNTS["jaspar"] + COUNTS["jaspar"].replace("4", "9"))
    with pytest.warns(UserWarning, match=r"one\.txt, line 6: the motif 'one'") as log:
        motifs = read_motifs(path)
    assert list(motifs) == [Motif(AG, "one", num_sites=4)]
    assert log[0].filename == __file__


def test_a_motif_file_is_a_sequence():
    motifs = [Motif(AG, name) for name in "abc"]
    content = MemeFile(motifs)
    assert (len(content), content[-1], content[:2]) == (3, motifs[2], motifs[:2])
    assert (list(content), motifs[1] in content) == (motifs, True)
    with pytest.raises(IndexError):
        content[3]


@pytest.mark.parametrize("kind", [str, Path, read_motifs])
def test_every_file_goes_wherever_motifs_do(kind, tmp_path):
    motifs = kind(written(tmp_path, COUNTS["jaspar"] * 1))
    [row] = km.motif_match(motifs, motifs, threshold=10).itertuples()
    assert (row.Query_ID, row.Target_ID) == ("one", "one")
    assert km.dead_filters(motifs) == []


BAD = {
    "empty": ("", r"expected motifs. The file is empty"),
    "blank": ("\n\n#\n", r"at least one motif"),
    "prose": ("hello\n", r"line 1: expected a matrix under 'hello'"),
    "no rows": (">one\n>two\n1 0 0 0\n", r"line 1: expected a matrix under 'one'"),
    "cis-bp without a matrix": ("Pos\tA\tC\tG\tT\n", r"line 1: .*leaves out the"),
    "cut in a header": (COUNTS["jaspar"] + ">two", r"line 6: expected a matrix"),
    "cut after three bases": (
        COUNTS["jaspar"].partition("T ")[0],
        r"line 2: expected a row each of A, C, G and T. Received rows of 'ACG'",
    ),
    "cut in the middle": (
        COUNTS["jaspar"] + COUNTS["jaspar"].replace("one", "two").partition("G ")[0],
        r"line 7: expected a row each",
    ),
    "a base twice": (
        COUNTS["jaspar"].replace("G ", "C "),
        r"line 2: .*rows of 'ACCT'",
    ),
    "a base too many": (COUNTS["jaspar"] + "A [4 0]\n", r"line 6: .*rows of 'A'"),
    "a row cut": (COUNTS["jaspar"].replace("[ 0  3 ]", "[ 0 "), r"line 4: .*2 numbers"),
    "a row of raw cut": (
        COUNTS["jaspar raw"].replace("0 3", "0"),
        r"line 4: expected 2 numbers as in line 2. Received 1",
    ),
    "three raw rows": (">one\n4 0\n0 1\n0 3\n", r"line 2: .*Received 3 rows of 2"),
    "not a number": (">one\n1 0 0 0\n0 .2x .75 0\n", r"line 3: .*'0 \.2x \.75 0'"),
    "nan": (">one\n1 0 0 0\nnan 0 0 0\n", r"line 3: expected numbers"),
    "infinite": (">one\n1e999 0 0 0\n", r"line 2: .*finite"),
    "log-odds": (">one\n1.2 -3 -2 .1\n.3 .2 -1 0\n", r"line 2: .*log-odds.*PCM"),
    "sum": (">one\n1 0 0 0\n.2 .2 .2 .2\n", r"line 3: expected four .*sum 0\.8"),
    "one row of ten": (">one\n" + "1 0 0 0\n" * 9 + "9 1 0 0\n", r"line 11: .*sum 10"),
    "no counts": (">one\n0 0 0 0\n", r"line 2: .*sum 0, at position 0"),
    "a position is missing": (
        "Pos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n3\t0\t.25\t.75\t0\n",
        r"line 3: expected position 2 .*first is 3, behind line 2",
    ),
    "a blank line in a matrix": (
        ">one\n1 0 0 0\n\n0 0 1 0\n",
        r"line 4: expected a name above each matrix, and no blank line",
    ),
    "protein": (">one\n" + ".05 " * 20 + "\n", r"line 2: .*Protein"),
    "homer cut": (
        ">AGG\tx\t6.05\n1 0 0 0\n0 0 1 0\n",
        r"line 3: expected 3 positions, as the consensus of line 1 has. Received 2",
    ),
    "both ways": (
        ">a\n1 0 0 0\n0 1 0 0\n>b\n1 0\n0 1\n0 0\n0 0\n",
        r"line 4: expected all motifs with a row for each position, or .*four rows",
    ),
    "dna beside rna": (
        COUNTS["jaspar"] + COUNTS["jaspar"].replace("T ", "U ").replace("one", "two"),
        r"line 6: expected all motifs over ACGT, or all over ACGU",
    ),
    "transfac cut": (
        COUNTS["transfac"].partition("02 ")[0],
        r"line 4: expected XX or // behind the matrix of one",
    ),
    "transfac without a row": (
        COUNTS["transfac"].replace("01      4", "03      4"),
        r"line 4: expected position 00",
    ),
    "transfac with a row gone": (
        COUNTS["transfac"].replace("02  ", "03  "),
        r"line 5: expected position 02 and four numbers. Received 5 numbers.*is 3",
    ),
    "transfac with a damaged row": (
        COUNTS["transfac"].replace("      3", "      3x"),
        r"line 5: expected a position's number and four numbers. Received '02",
    ),
    "transfac of another alphabet": (
        COUNTS["transfac"].replace("T\n01", "T   V\n01"),
        r"line 3: expected 'A C G T' behind P0",
    ),
    "transfac without a matrix": ("AC  one\nID  x\n//\n", r"line 1: .*P0 and rows"),
    "meme without version": (ONE, r"line 1: expected 'MEME version 4'"),
    "xms": ("<?xml version='1.0'?>\n<motifs>\n", r"This is XML"),
    "xms alone": ("<motifs xmlns=''>\n", r"This is XMS. .*`Bio.motifs.parse.*'xms'"),
    "alignace": ("AlignACE 4.0 05/13/04\n", r"AlignACE's output. .*Biopython"),
    "json": ('{"motifs": []}\n', r"This is JSON"),
    "sites": (">MA0001.1\tAGL3\t1\ncgtaCCATAT\n", r"sequences, or JASPAR's sites"),
    "fasta": (">chr1\nACGTACGT\n", r"These are sequences"),
    "fastq": ("@read\nACGT\n+\nIIII\n", r"This is FASTQ"),
    "zip": (b"PK\x03\x04" + bytes(60), r"Received a zip archive"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(60), r"Received an HDF5 file"),
    "other bytes": (bytes(100), r"Received a binary file"),
    "gz cut short": (gzip.compress(COUNTS["jaspar"].encode())[:-9], r"cut short"),
    "a zip in a gz": (gzip.compress(b"PK\x03\x04" + bytes(60)), r"a zip archive"),
}


@pytest.mark.parametrize(("text", "match"), BAD.values(), ids=BAD.keys())
def test_files_that_cannot_be_read_say_where_and_why(text, match, tmp_path):
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=match) as error:
        read_motifs(path)
    assert str(error.value).startswith(str(path))
    assert "\x00" not in str(error.value)


pieces = st.sampled_from(
    [
        *"\n".join([*FREQUENCIES.values(), *COUNTS.values()]).split("\n"),
        *(">two", ">AG\tx\t6\t-2\t0\tT:3.0(4%)", "//", "XX", "P0 A C G T", "A [ 1 2"),
        *("0.25 0.25", "1 2 3 4 5", "nan 1 2 3", "A C G T", "x\ty", "Pos A C G T"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces | st.text(max_size=20), max_size=25))
def test_any_text_gives_every_row_or_a_value_error(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, "\n".join(lines).encode("utf-8", "replace"), "fuzz.txt")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                motifs = read_motifs(path)
            except ValueError as error:
                assert "fuzz.txt" in str(error)
                return
    assert motifs


def test_motifs_of_two_layers_go_into_one_file_under_their_layers_names(tmp_path):
    motifs = [Motif(AG, "filter0"), Motif(AG, "filter0")]
    path = tmp_path / "both.meme"
    with pytest.raises(ValueError, match=r"'filter0' again at index 1.*replace\(motif"):
        km.write_meme(motifs, path)
    named = [
        dataclasses.replace(motif, name=f"{layer}_{motif.name}")
        for layer, motif in zip(("one", "two"), motifs, strict=True)
    ]
    km.write_meme(named, path)
    assert [motif.name for motif in read_motifs(path)] == ["one_filter0", "two_filter0"]
