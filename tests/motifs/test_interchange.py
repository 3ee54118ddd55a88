import io
import re
import shutil
import sys

import logomaker
import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from keras_motif.motifs.interchange import (
    from_biopython,
    from_lightmotif,
    from_logomaker,
    from_tensors,
    to_biopython,
    to_lightmotif,
    to_logomaker,
    to_tensors,
)
from keras_motif.motifs.motif import Motif
from support.paths import GOLDEN, ROOT

PAGE = ROOT / "docs" / "interchange.md"


@pytest.fixture
def motif():
    frequencies = [[0.25, 0.75, 0, 0], [0, 0, 0.1, 0.9], [0.25] * 4]
    return Motif(frequencies, "MA0001.1", alt_name="AGL3", num_sites=20)


# The page


def page_rows():
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) == 3 and "`" in cells[2]:
            yield pytest.param(*cells, id=cells[0])


@pytest.mark.parametrize(("tool", "there", "back"), list(page_rows()))
def test_each_line_of_the_page_runs(tool, there, back, tmp_path, monkeypatch):
    if tool == "lightmotif":
        pytest.importorskip("lightmotif")
    monkeypatch.chdir(tmp_path)
    shutil.copy(GOLDEN / "modisco_patterns.hdf5", "modisco_results.h5")
    names: dict = {}
    exec(re.search("```python\n(.*?)```", PAGE.read_text(), re.S)[1], names)
    for code in re.findall("`([^`]+)`", f"{there} {back}"):
        exec(code, names)
    assert all(isinstance(result, Motif) for result in names["motifs"])
    assert isinstance(names["motif"], Motif)


def test_the_page_has_a_line_for_each_tool():
    assert len(list(page_rows())) == 7


def test_the_page_names_every_function():
    text = PAGE.read_text()
    for name in km.interchange.__all__:
        assert f"interchange.{name}(" in text
    for name in ("write_inputs", "read_inputs", "read_patterns"):
        assert f"modisco.{name}(" in text


# Biopython


def test_biopython_gets_counts_and_both_names(motif):
    theirs = to_biopython(motif)
    assert (theirs.matrix_id, theirs.name, len(theirs)) == ("MA0001.1", "AGL3", 3)
    assert theirs.counts["C"] == pytest.approx([15, 0, 5])
    assert theirs.consensus[:2] == "CT"


def test_biopython_gives_back_what_it_got(motif):
    again = from_biopython(to_biopython(motif))
    np.testing.assert_allclose(again.frequencies, motif.frequencies, rtol=1e-15)
    assert (again.name, again.alt_name, again.num_sites) == ("MA0001.1", "AGL3", 20)
    plain = Motif([[0.5, 0.5, 0, 0]], "x")
    assert from_biopython(to_biopython(plain)) == plain


def test_a_motif_goes_through_a_jaspar_file(motif):
    from Bio import motifs

    text = motifs.write([to_biopython(motif)], "jaspar")
    (read,) = motifs.parse(io.StringIO(text), "jaspar")
    again = from_biopython(read)
    np.testing.assert_allclose(again.frequencies, motif.frequencies)
    assert (again.name, again.alt_name, again.num_sites) == ("MA0001.1", "AGL3", 20)


# logomaker


def test_logomaker_makes_the_same_table_of_bits(motif):
    table = to_logomaker(motif)
    assert list(table.columns) == list("ACGT")
    assert table.index.name == "pos"
    bits = logomaker.transform_matrix(
        table, from_type="probability", to_type="information"
    )
    np.testing.assert_allclose(to_logomaker(motif, "information"), bits, atol=1e-12)


def test_logomaker_gives_back_what_it_got(motif):
    table = to_logomaker(motif)
    table.iloc[0] = table.iloc[0]  # the caller's own, not a view of the motif
    again = from_logomaker(table[list("TGCA")], motif.name)
    assert again.frequencies.tolist() == motif.frequencies.tolist()
    assert (again.name, again.num_sites) == ("MA0001.1", None)


def test_counts_of_an_alignment_become_a_motif():
    counts = logomaker.alignment_to_matrix(["ACG", "ACG", "ATG", "ATC"])
    motif = from_logomaker(counts.reindex(columns=list("ACGT")), "x", counts=True)
    assert motif.frequencies.tolist() == [
        [1, 0, 0, 0],
        [0, 0.5, 0, 0.5],
        [0, 0.25, 0.75, 0],
    ]
    assert motif.num_sites == 4
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        from_logomaker(counts.reindex(columns=list("ACGT")))


@pytest.mark.parametrize("columns", ["ACGU", "ACG", "ACGTT"])
def test_tables_of_other_letters_are_refused(columns):
    table = pd.DataFrame(np.full((2, len(columns)), 0.25), columns=list(columns))
    with pytest.raises(ValueError, match="columns A C G T. Received A, C, G"):
        from_logomaker(table)


# memelite and tangermeme


def test_tensors_are_bases_before_positions(motif):
    tensors = to_tensors([motif, Motif([[1, 0, 0, 0]], "f0")])
    assert list(tensors) == ["MA0001.1 AGL3", "f0"]
    assert tensors["MA0001.1 AGL3"].tolist() == motif.frequencies.T.tolist()
    assert all(tensor.flags.writeable for tensor in tensors.values())
    assert list(to_tensors(motif)) == ["MA0001.1 AGL3"]


def test_tensors_give_back_what_they_got(motif):
    assert from_tensors(to_tensors([motif])) == [
        Motif(motif.frequencies, "MA0001.1", alt_name="AGL3")
    ]
    square = np.eye(4)[[1, 0, 2, 3]]
    assert from_tensors([square, square])[1].name == "motif1"
    assert from_tensors([square])[0].consensus == "CAGT"
    assert from_tensors(np.full((2, 4, 7), 0.25))[0].width == 7


def test_keys_are_those_of_memelites_reader(motif, tmp_path):
    read = pytest.importorskip("memelite.io").read_meme
    km.write_meme([motif], tmp_path / "motifs.meme")
    theirs, ours = read(tmp_path / "motifs.meme"), to_tensors(motif)
    assert list(theirs) == list(ours)
    for key, tensor in theirs.items():
        np.testing.assert_array_equal(tensor, ours[key])


def test_tensors_of_pytorch_are_read(motif):
    torch = pytest.importorskip("torch")
    tensors = {key: torch.from_numpy(t) for key, t in to_tensors(motif).items()}
    assert from_tensors(tensors)[0].frequencies.tolist() == motif.frequencies.tolist()


def test_other_tensors_are_refused(motif):
    with pytest.raises(ValueError, match=r"\(3, 4\) under 'x'. .*keras_motif.Motif"):
        from_tensors({"x": motif.frequencies})
    with pytest.raises(ValueError, match=r"Received shape \(7,\) under 'motif0'"):
        from_tensors(np.full((4, 7), 0.25))
    with pytest.raises(ValueError, match="different `name` each. Received 'x' twice"):
        to_tensors([Motif([[1, 0, 0, 0]], "x")] * 2)


# lightmotif


def test_lightmotif_counts_are_ours(motif):
    lightmotif = pytest.importorskip("lightmotif")
    matrix = to_lightmotif(motif)
    expected = {"A": [5, 0, 5], "C": [15, 0, 5], "G": [0, 2, 5], "T": [0, 18, 5]}
    assert matrix == lightmotif.CountMatrix(expected)
    again = from_lightmotif(matrix, "MA0001.1")
    assert again == Motif(motif.frequencies, "MA0001.1", num_sites=20)
    weights = from_lightmotif(matrix.normalize())
    np.testing.assert_allclose(weights.frequencies, motif.frequencies, atol=1e-6)


@pytest.mark.parametrize("num_sites", [None, 0, 0.4])
def test_lightmotif_counts_without_sites_are_thousandths(num_sites):
    pytest.importorskip("lightmotif")
    motif = Motif([[0.1234, 0.8766, 0, 0]], num_sites=num_sites)
    assert from_lightmotif(to_lightmotif(motif)).num_sites == 1000
    few = from_lightmotif(to_lightmotif(motif, num_sites=8))
    assert few.frequencies.tolist() == [[1 / 8, 7 / 8, 0, 0]]
    with pytest.raises(ValueError, match="`num_sites` must be 1 or more. Received 0"):
        to_lightmotif(motif, num_sites=0)


def test_lightmotif_finds_the_word():
    lightmotif = pytest.importorskip("lightmotif")
    motif = Motif(km.one_hot("GATTACA")[0], "x", num_sites=50)
    scores = to_lightmotif(motif).normalize(0.1).log_odds()
    sequence = lightmotif.stripe("CCATGGATTACAGGCATT")
    hits = lightmotif.scan(scores, sequence, threshold=10)
    assert [hit.position for hit in hits] == [5]


def test_lightmotif_reads_files_for_us(motif, tmp_path):
    lightmotif = pytest.importorskip("lightmotif")
    path = str(tmp_path / "motifs.meme")
    km.write_meme([motif], path)
    (read,) = lightmotif.load(path, format="meme")
    again = from_lightmotif(read)
    assert (again.name, again.alt_name, again.num_sites) == ("MA0001.1", "AGL3", None)
    np.testing.assert_allclose(again.frequencies, motif.frequencies, atol=1e-6)
    created = lightmotif.create(["ACGT", "ACGA"], name="z")
    assert from_lightmotif(created).consensus == "ACGA"
    assert from_lightmotif(created).name == "z"


def test_what_lightmotif_cannot_give_back_is_refused(motif, tmp_path):
    lightmotif = pytest.importorskip("lightmotif")
    path = str(tmp_path / "motifs.meme")
    km.write_meme([motif], path, background=[0.4, 0.1, 0.1, 0.4])
    (read,) = lightmotif.load(path, format="meme")
    with pytest.raises(ValueError, match="MA0001.1 against another. .*read_meme"):
        from_lightmotif(read)
    protein = lightmotif.CountMatrix({"A": [1], "R": [2]}, protein=True)
    with pytest.raises(ValueError, match="must be over DNA. Received a protein"):
        from_lightmotif(protein)
    scores = to_lightmotif(motif).normalize(0.1).log_odds()
    with pytest.raises(TypeError, match="WeightMatrix of lightmotif. .*ScoringMatrix"):
        from_lightmotif(scores)


def test_a_missing_lightmotif_is_named(motif, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightmotif", None)
    with pytest.raises(ImportError, match="pip install lightmotif"):
        to_lightmotif(motif)
