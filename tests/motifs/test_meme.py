import gzip
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_motif.motifs.meme import MemeFile, read_meme, write_meme
from keras_motif.motifs.motif import Motif
from support.meme_examples import AG


def test_the_text_written_is_memes_own(tmp_path):
    path = tmp_path / "out.meme"
    motifs = [
        Motif(AG, "one", alt_name="a b", num_sites=8),
        Motif([[1 / 3, 1e-9, 2 / 3 - 1e-9, 0]], "two", num_sites=2.5),
    ]
    write_meme(motifs, path, background=[0.3, 0.2, 0.2, 0.3])
    assert path.read_text() == (
        "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
        "Background letter frequencies\n"
        "A 0.300000 C 0.200000 G 0.200000 T 0.300000\n\n"
        "MOTIF one a b\n"
        "letter-probability matrix: alength= 4 w= 2 nsites= 8 E= 0\n"
        "  1.000000  0.000000  0.000000  0.000000\n"
        "  0.000000  0.250000  0.750000  0.000000\n\n"
        "MOTIF two\n"
        "letter-probability matrix: alength= 4 w= 1 nsites= 2.5 E= 0\n"
        "  0.3333333333333333  0.000000001  0.6666666656666667  0.000000\n"
    )


def test_rna_is_written_as_rna(tmp_path):
    path = tmp_path / "out.meme"
    motifs = [Motif(AG, "one", num_sites=8)]
    write_meme(motifs, path, background=[0.3, 0.2, 0.2, 0.3], alphabet="ACGU")
    assert path.read_text().startswith(
        "MEME version 4\n\nALPHABET= ACGU\n\nstrands: +\n\n"
        "Background letter frequencies\n"
        "A 0.300000 C 0.200000 G 0.200000 U 0.300000\n\nMOTIF one\n"
    )
    assert read_meme(path) == MemeFile(motifs, (0.3, 0.2, 0.2, 0.3), "ACGU", "+")


def test_another_alphabet_is_refused(tmp_path):
    message = '`alphabet` must be "ACGT", or "ACGU" for RNA. Received \'protein\''
    with pytest.raises(ValueError, match=message):
        write_meme([Motif(AG, "one")], tmp_path / "out.meme", alphabet="protein")
    assert not any(tmp_path.iterdir())


def test_unknown_sites_are_not_written_and_the_background_is_uniform(tmp_path):
    path = tmp_path / "out.meme"
    write_meme([Motif(AG, "one")], path)
    assert "nsites" not in path.read_text()
    assert read_meme(path).motifs[0].num_sites is None
    assert read_meme(path).background == (0.25, 0.25, 0.25, 0.25)


def test_a_gz_name_is_compressed_the_same_way_each_time(tmp_path):
    first, second = tmp_path / "a.meme.gz", tmp_path / "b.meme.gz"
    write_meme([Motif(AG, "one")], first)
    write_meme([Motif(AG, "one")], second)
    assert gzip.decompress(first.read_bytes()).startswith(b"MEME version 4")
    assert first.read_bytes() == second.read_bytes()
    assert read_meme(first).motifs == [Motif(AG, "one")]


def test_the_meme_suites_own_reader_sees_the_same_numbers(tmp_path, random):
    common = pytest.importorskip(
        "pymemesuite.common", reason="has no wheel for this Python or system"
    )
    motifs = [
        Motif(random.dirichlet([0.05] * 4, 19), f"f{i}", alt_name="a b", num_sites=n)
        for i, n in enumerate([None, 0, 7, 33.5, 10**7])
    ]
    write_meme(motifs, tmp_path / "out.meme")
    with common.MotifFile(str(tmp_path / "out.meme"), pseudocount=0) as reader:
        theirs = list(reader)
    assert [motif.accession.decode() for motif in theirs] == [
        "f0",
        "f1",
        "f2",
        "f3",
        "f4",
    ]
    for motif, other in zip(motifs, theirs, strict=True):
        matrix = other.frequencies
        for position, row in enumerate(motif.frequencies.tolist()):
            assert [matrix[position, base] for base in range(4)] == row


@pytest.mark.parametrize(
    ("motifs", "background", "match"),
    [
        ([], None, r"at least one motif"),
        ([Motif(AG)], None, r"one word.*Received '' at index 0"),
        ([Motif(AG, "a b")], None, r"one word.*'a b'.*replace blanks"),
        ([Motif(AG, "a\nMOTIF b")], None, r"one word"),
        ([Motif(AG, "a\x01")], None, r"one word"),
        ([Motif(AG, "a", alt_name="x\ny")], None, r"`alt_name`.*line breaks"),
        ([Motif(AG, "a", alt_name=" x")], None, r"`alt_name`"),
        ([Motif(AG, "a", alt_name="x\ud800")], None, r"`alt_name`"),
        ([Motif(AG, "a"), Motif(AG, "a")], None, r"different `name`.*'a' again at in"),
        ([Motif(AG, "a")], [0.5, 0.5], r"must hold four frequencies"),
        ([Motif(AG, "a")], [0.5, 0.5, 0.5, 0.5], r"sum to 1"),
        ([Motif(AG, "a")], [1.5, -0.5, 0, 0], r"lie in \[0, 1\]"),
        ([Motif(AG, "a")], [np.nan] * 4, r"lie in \[0, 1\]"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_and_nothing_is_written(
    tmp_path, motifs, background, match
):
    path = tmp_path / "out.meme"
    path.write_text("before")
    with pytest.raises(ValueError, match=match):
        write_meme(motifs, path, background=background)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_other_kinds_are_type_errors(tmp_path):
    with pytest.raises(TypeError, match=r"pass `\[motif\]`"):
        write_meme(Motif(AG, "a"), tmp_path / "out.meme")
    with pytest.raises(TypeError, match=r"Received list at index 1"):
        write_meme([Motif(AG, "a"), AG], tmp_path / "out.meme")


def test_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_meme([Motif(AG, "a")], tmp_path / "none" / "out.meme")


words = st.text(
    st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8
).filter(lambda word: word.split() == [word])
rows = st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda r: sum(r) > 1e-3)


@st.composite
def motif_lists(draw):
    names = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    motifs = []
    for name in names:
        array = np.array(draw(st.lists(rows, min_size=1, max_size=4)))
        array /= array.sum(axis=1, keepdims=True)
        if draw(st.booleans()):
            array = array.astype(np.float32)
        sites = st.none() | st.integers(0, 10**9) | st.floats(0, 1e300)
        alt_name = " ".join(draw(st.lists(words, max_size=3)))
        motifs.append(Motif(array, name, alt_name=alt_name, num_sites=draw(sites)))
    return motifs


@settings(max_examples=100, deadline=None)
@given(motif_lists(), rows)
def test_what_is_written_is_read_back_and_written_again_byte_for_byte(motifs, row):
    background = tuple((np.array(row) / sum(row)).tolist())
    with tempfile.TemporaryDirectory() as folder:
        first, second = Path(folder, "a.meme"), Path(folder, "b.meme")
        write_meme(motifs, first, background=background)
        content = read_meme(first)
        assert content == MemeFile(motifs, background, "ACGT", "+ -")
        write_meme(content.motifs, second, background=content.background)
        assert first.read_bytes() == second.read_bytes()
