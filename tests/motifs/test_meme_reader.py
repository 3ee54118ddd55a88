import re
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.motifs.meme import MemeFile, read_meme
from keras_motif.motifs.motif import Motif
from support.meme_examples import (
    AG,
    AG_ROWS,
    DNA_BLOCK,
    ONE,
    VERSION,
    WHOLE_OUTPUT,
)
from support.paths import SHARED

# Each holds one motif: AG, named "one", written as some program does.
VARIANTS = {
    "plain": VERSION + ONE,
    "windows line ends": (VERSION + ONE).replace("\n", "\r\n"),
    "old mac line ends": (VERSION + ONE).replace("\n", "\r"),
    "no final newline": (VERSION + ONE).rstrip(),
    "tabs": VERSION + "MOTIF\tone\nletter-probability matrix:\talength=\t4\tw=\t2\n"
    "\t1.000000\t0.000000\t0.000000\t0.000000\t\n 0\t 0.25\t 0.75\t 0\t\n",
    "keys without blanks": VERSION
    + f"MOTIF one\nletter-probability matrix: alength=4 w=2 E=0\n{AG_ROWS}",
    "blanks before equals": VERSION
    + f"MOTIF one\nletter-probability matrix: alength = 4 w = 2\n{AG_ROWS}",
    "no keys": VERSION + f"MOTIF one\nletter-probability matrix:\n{AG_ROWS}",
    "indented": VERSION + "".join(f"   {line}\n" for line in ONE.splitlines()),
    "blank lines in the matrix": VERSION + ONE.replace("\n", "\n\n"),
    "byte order mark": "\ufeff" + VERSION + ONE,
    "comments and URL": "# DREME 5.1\n" + VERSION + ONE + "URL http://x.org/?a=b\n#\n",
    "URL without blank line": VERSION + ONE + "URL\nTime 3.34 secs.\n",
    "version 5": "MEME version 5.4.1 (Release date: 2021)\n" + DNA_BLOCK + ONE,
    "alphabet block out of order": VERSION
    + 'ALPHABET\t"my DNA"\nC ~ G\nT ~ A\nEND ALPHABET\n'
    + ONE,
    "small letters": VERSION + "ALPHABET= acgt\n" + ONE,
    "exponents": VERSION + ONE.replace("0.25 0.75", "2.5e-1 7.5E-01"),
    "log-odds beside": VERSION
    + "MOTIF one\nlog-odds matrix: alength= 4 w= 2 E= 0\n"
    + "200 -800 -800 -800\n-800 0 150 -800\n"
    + ONE.partition("\n")[2],
    "version 3 with BL lines": "MEME version 3.0\n\n"
    + ONE.replace("one\n", "one\nBL   MOTIF one width=0 seqs=0\n"),
    "E is infinite": VERSION + ONE.replace("w= 2", "w= 2 E= inf"),
    "E is no number": VERSION + ONE.replace("w= 2", "w= 2 E= NA P= -nan"),
    "E without value": VERSION + ONE.replace("w= 2", "w= 2 E="),
    "unknown keys": VERSION + ONE.replace("w= 2", "w= 2 strand= + width_w= 9 kl=x"),
    "text behind the keys": VERSION + ONE.replace("w= 2", "w= 2 E= 0 (by tool 1.2)"),
    "nsites unknown": VERSION + ONE.replace("w= 2", "w= 2 nsites= NA"),
    "lines of another program": "Made by tool 1.2 on Monday\n"
    + VERSION
    + "Source: x\n"
    + ONE
    + "Motif one sites sorted by position p-value\nseq1 (  12) AG  1\n//\n",
    "joined files": VERSION + "strands: + -\n" + ONE + VERSION + "strands: +-\n",
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS.keys())
def test_variants_of_real_tools_give_the_same_motif(meme, text):
    assert read_meme(meme(text)) == MemeFile([Motif(AG, "one")], None, "ACGT", "+ -")


def test_motifs_may_follow_each_other_without_blank_lines(meme):
    text = VERSION + ONE + ONE.replace("one", "two") + ONE.replace("one", "three")
    motifs = read_meme(meme(text)).motifs
    assert [motif.name for motif in motifs] == ["one", "two", "three"]


def test_the_program_memes_whole_output_is_read(meme):
    content = read_meme(meme(WHOLE_OUTPUT))
    assert content.motifs == [Motif(AG, "TGTGA", alt_name="MEME-1", num_sites=18)]
    assert content.background == (0.304, 0.196, 0.196, 0.304)


def test_an_old_whole_output_names_motifs_by_number(meme):
    text = WHOLE_OUTPUT.replace("MOTIF TGTGA MEME-1\t", "MOTIF  1\t")
    motif = read_meme(meme(text)).motifs[0]
    assert (motif.name, motif.alt_name) == ("1", "")


def test_the_studys_motif_file_is_read():
    path = SHARED / "data" / "JASPAR_CORE_2016_vertebrates.meme"
    if not path.exists():
        pytest.skip("the study's target file is not part of the project")
    content = read_meme(path)
    assert len(content.motifs) == 518
    first = content.motifs[0]
    assert (first.name, first.alt_name, first.num_sites) == ("MA0002.2", "RUNX1", 2000)
    assert first.frequencies[0].tolist() == [0.1435, 0.248, 0.348, 0.2605]


def test_alternate_names_may_hold_blanks(meme):
    text = VERSION + ONE.replace("MOTIF one", "MOTIF one  Ahr::Arnt (var. 2)\t x ")
    assert read_meme(meme(text)).motifs[0].alt_name == "Ahr::Arnt (var. 2) x"


@pytest.mark.parametrize(
    ("sites", "number"),
    [("20", 20), ("154.00000000000006", 154.00000000000006), ("0", 0), ("2e3", 2000)],
)
def test_nsites_may_be_any_number(meme, sites, number):
    text = VERSION + ONE.replace("w= 2", f"w= 2 nsites= {sites} E= 1e-400")
    assert read_meme(meme(text)).motifs[0].num_sites == number


@pytest.mark.parametrize(
    "lines",
    [
        "\nA 0.1 C 0.2 G 0.3 T 0.4\n",
        " (from uniform background):\nA 0.1 C 0.2 G 0.3 T 0.4 \n",
        " (from file `bg (1).txt'):\nT 0.4 A 0.1\nG 0.3\n\n  C 0.2\n",
        ":\na 0.1 c 0.2 g 0.3 u 0.4\n",
        " A 0.1 C .2 G 3e-1 T 0.4\n",
    ],
)
def test_backgrounds_come_in_any_order_and_over_any_lines(meme, lines):
    text = VERSION + "Background letter frequencies" + lines + ONE
    assert read_meme(meme(text)).background == (0.1, 0.2, 0.3, 0.4)


def test_rna_keeps_its_alphabet_and_u_stands_for_t(meme):
    for header in (
        "ALPHABET= ACGU\n",
        'ALPHABET "RNA" RNA-LIKE\nA "Adenine" CC0000\nC\nG\nU\nT = U\nEND ALPHABET\n',
    ):
        content = read_meme(meme(VERSION + header + "strands: +\n" + ONE))
        assert (content.alphabet, content.strands) == ("ACGU", "+")
        assert content.motifs[0].consensus == "AG"


def test_a_repeated_id_warns_and_the_first_stays(meme):
    other = ONE.replace("1 0 0 0", "0 0 0 1")
    path = meme(VERSION + ONE + other)
    with pytest.warns(UserWarning, match=r"some\.meme, line 7: the motif 'one'") as log:
        motifs = read_meme(path).motifs
    assert motifs == [Motif(AG, "one")]
    assert log[0].filename == __file__


BAD = {
    "empty": ("", r"some\.meme: expected at least one MOTIF"),
    "header only": (VERSION, r"at least one MOTIF line"),
    "no version": (ONE, r"line 1: expected 'MEME version 4'"),
    "version 2": ("MEME version 2.2\n" + ONE, r"line 1: .*Received version 2"),
    "version 44": ("MEME version 44\n" + ONE, r"Received version 44"),
    "xml": ("<?xml version='1.0'?>", r"XML and HTML cannot be read"),
    "other text": ("hello", r"line 1: .*'hello'. Is this a MEME file"),
    "unknown line": (VERSION + ONE + "Motif two\n", r"line 7: .*'Motif two'"),
    "long unknown line": ("x" * 99, r"line 1: .*'x{60}\.\.\.'"),
    "text before no version": ("one\ntwo\n", r"line 1: .*Received 'one'"),
    "row before the version": ("0 0 0 1\n" + VERSION, r"line 1: .*before anything"),
    "row that begins with a letter": (
        VERSION + ONE.replace("0 0.25 0.75 0", "O 0.25 0.75 0").replace("w= 2", ""),
        r"line 6: .*'O 0\.25",
    ),
    "text behind rows without width": (
        VERSION + ONE.replace("w= 2", "") + "x.25 y.25 z.25 0.25\n",
        r"line 7: .*'x\.25",
    ),
    "row of nan": (VERSION + ONE + "nan nan nan nan\n", r"line 7: .*'nan nan"),
    "damaged background": (
        VERSION + "Background leter frequencies\n",
        r"line 3: .*'Background leter",
    ),
    "damaged matrix line": (
        VERSION + ONE.replace("ity matrix", "ity matix"),
        r"line 4: .*'letter-probability matix",
    ),
    "no name": (VERSION + "MOTIF \n", r"line 3: expected a name"),
    "no matrix": (VERSION + "MOTIF a\n" + ONE, r"line 3: .*under MOTIF a\."),
    "no matrix at the end": (VERSION + ONE + "MOTIF a", r"line 7: .*under MOTIF a\."),
    "scores only": (
        VERSION + "MOTIF a\nlog-odds matrix: alength= 4 w= 1\n1 2 -3 0\n",
        r"line 3: .*log-odds matrix alone",
    ),
    "matrix without motif": (
        VERSION + ONE.partition("\n")[2],
        r"line 3: expected a MOTIF line before the letter-probability",
    ),
    "second matrix": (VERSION + ONE + ONE.partition("\n")[2], r"line 7: .*no motif"),
    "no rows": (
        VERSION + "MOTIF a\nletter-probability matrix:\nMOTIF b",
        r"line 4: .*Received none",
    ),
    "rows missing": (VERSION + ONE.replace("w= 2", "w= 3"), r"line 6: expected 3 rows"),
    "no row at all": (
        VERSION + "MOTIF a\nletter-probability matrix: w= 3",
        r"line 4: expected 3 rows .*Received 0",
    ),
    "a row too many": (VERSION + ONE + "0 0 0 1\n", r"line 7: expected 2 rows"),
    "row without matrix": (VERSION + "0 0 0 1\n", r"line 3: expected rows of numbers"),
    "three columns": (VERSION + ONE.replace("1 0 0 0", "1 0 0"), r"line 5: .*four"),
    "not a number": (VERSION + ONE.replace("0.25", "0.2x5"), r"line 6: .*0\.2x5"),
    "protein row": (
        VERSION + ONE.replace("1 0 0 0", "0.05 " * 20),
        r"line 5: .*Protein",
    ),
    "counts": (VERSION + ONE.replace("1 0 0 0", "5 3 1 1"), r"line 5: .*Divide counts"),
    "negative": (VERSION + ONE.replace("1 0 0 0", "-.1 1 0 0"), r"line 5: .*\[0, 1\]"),
    "sum": (VERSION + ONE.replace("1 0 0 0", ".8 0 0 0"), r"line 5: .*sum 0\.8"),
    "infinite": (VERSION + ONE.replace("1 0 0 0", "1e999 0 0 0"), r"line 5: .*sum inf"),
    "alength": (
        VERSION + ONE.replace("alength= 4", "alength= 20"),
        r"line 4: .*Protein",
    ),
    "key without value": (VERSION + ONE.replace("w= 2", "nsites= E= 0"), r"line 4: "),
    "key twice": (VERSION + ONE.replace("w= 2", "w= 2 w= 2"), r"each key once"),
    "key not a number": (VERSION + ONE.replace("w= 2", "w= two"), r"line 4: .*two"),
    "negative nsites": (VERSION + ONE.replace("w= 2", "nsites= -1"), r"nsites= 0 or"),
    "infinite nsites": (VERSION + ONE.replace("w= 2", "nsites= 1e999"), r"finite"),
    "protein alphabet": (
        VERSION + "ALPHABET= ACDEFGHIKLMNPQRSTVWY\n",
        r"line 3: .*Protein and other alphabets",
    ),
    "alphabet line": (VERSION + "ALPHABET\n", r"line 3: expected 'ALPHABET= ACGT'"),
    "alphabet without end": (
        VERSION + 'ALPHABET "DNA"\nA ~ T\n',
        r"expected END ALPHABET. Received the end",
    ),
    "alphabet with a strange line": (
        VERSION + 'ALPHABET "DNA"\nA ~ T and more\n',
        r"line 4: expected a letter of the alphabet",
    ),
    "alphabet with wrong complements": (
        VERSION + 'ALPHABET "DNA"\nA ~ C\nG ~ T\nEND ALPHABET\n',
        r"complements A ~ T and C ~ G. Received AC, GT",
    ),
    "alphabet with more letters": (
        VERSION + 'ALPHABET "DNA"\nA ~ T\nC ~ G\nm "5mC" ~ 1\nEND ALPHABET\n',
        r"Received '1ACGTm'",
    ),
    "no strands": (VERSION + "strands: none\n", r"line 3: .*'none'"),
    "background letter": (
        VERSION + "Background letter frequencies\nA .25 C .25 B .25 T .25\n",
        r"line 4: expected background",
    ),
    "background letter twice": (
        VERSION + "Background letter frequencies\nA .25 A .25\n",
        r"each letter once",
    ),
    "background letter twice over lines": (
        VERSION + "Background letter frequencies\nA .25\nA .25\n",
        r"line 5: .*each letter once",
    ),
    "background number": (
        VERSION + "Background letter frequencies\nA .25 C x G .25 T .25\n",
        r"line 4: ",
    ),
    "background cut": (
        VERSION + "Background letter frequencies\nA .25 C .25\n",
        r"end of the file after 2",
    ),
    "background sum": (
        VERSION + "Background letter frequencies\nA .25 C .25 G .25 T .5\n",
        r"line 4: .*sum to 1",
    ),
    "headers that differ": (
        VERSION + "strands: +\nstrands: + -\n",
        r"line 4: expected the strands of line 3",
    ),
    "control character": (VERSION + "MOTIF a\x00b", r"line 3: .*control character"),
    "not utf-8": (VERSION.encode() + b"MOTIF \xe9\n", r"line 3: .*UTF-8.*0xe9"),
    "utf-16": (
        ONE.encode("utf-16"),
        r"some\.meme: .*Received text in UTF-16 \(save it",
    ),
    "whole output without width": (
        WHOLE_OUTPUT.replace("w= 2 nsites", "nsites"),
        r"expected w= in a matrix among",
    ),
    "whole output with a damaged row": (
        WHOLE_OUTPUT.replace(" 0.000000  0.250000", " O.000000  0.250000"),
        r"expected 2 rows .*Received 1",
    ),
    "MOTIF before the version": ("*" * 30 + "\n" + ONE, r"line 2: expected 'MEME vers"),
}


@pytest.mark.parametrize(("text", "match"), BAD.values(), ids=BAD.keys())
def test_unusable_files_say_where_and_what_was_expected(meme, text, match):
    path = meme(text)
    with pytest.raises(ValueError, match=match) as error:
        read_meme(path)
    assert str(error.value).startswith(str(path))


# Lines of every kind, right and wrong, to be put in any order.
pieces = st.sampled_from(
    [
        *"\n".join([VERSION, ONE, DNA_BLOCK, WHOLE_OUTPUT]).split("\n"),
        "MOTIF two",
        "MOTIF",
        "letter-probability matrix:",
        "letter-probability matrix: w= 1",
        "0.25 0.25 0.25 0.25",
        "0.25 0.25",
        "Background letter frequencies",
        "A 0.25 C 0.25 G 0.25 T 0.25",
        "strands: +",
        "# comment",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(pieces | st.text(max_size=20), max_size=25),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_any_text_gives_every_motif_or_a_value_error(lines, end, whole):
    start = (VERSION + ONE).split("\n") if whole else []
    text = end.join([*start, *lines])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.meme")
        path.write_bytes(text.encode("utf-8", "replace"))
        with warnings.catch_warnings(record=True) as log:
            warnings.simplefilter("always")
            try:
                motifs = read_meme(path).motifs
            except ValueError as error:
                assert "fuzz.meme" in str(error)
                return
    found = [line.split()[:1] for line in re.split("\r\n|\n|\r", text)]
    assert len(motifs) + len(log) == found.count(["MOTIF"]) > 0
