"""`keras-motif run`, and reports of several runs."""

import json

import h5py
import keras
import numpy as np
import pytest
from click.testing import CliRunner

import keras_motif as km
from keras_motif.cli._label_files import read_label_file
from keras_motif.cli.app import commands

FILES = {
    *("filters.meme", "matches.tsv", "support.tsv", "history.json"),
    *("logos.png", "report.html"),
}


def invoke(*words):
    return CliRunner().invoke(commands, [str(word) for word in words])


@pytest.fixture(scope="module")
def classes(folder, strings):
    """A table of the classes of the FASTA file's records, in another order."""
    rows = [f"s{i}\t{i % 2}\t{(i + 1) % 2}" for i in reversed(range(len(strings)))]
    path = folder / "classes.tsv"
    path.write_text("\n".join(["name\twith MAX\twithout", *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def done(folder, classes):
    words = ["run", folder / "model.keras", folder / "seqs.fa", "--labels", classes]
    words += ["-o", folder / "run", "--db", folder / "known.meme", "--relevant", "max"]
    return invoke(*words, "--json")


@pytest.mark.keras
def test_run_writes_what_the_callback_does(done, folder, strings):
    assert done.exit_code == 0, done.output
    assert {path.name for path in (folder / "run").iterdir()} == FILES
    content = json.loads(done.stdout)
    assert (content["num_motifs"], content["num_named"]) == (2, 1)
    assert content["fractions"] == {"any": 0.5, "relevant": 0.5, "coverage": 1.0}
    labels = np.arange(len(strings))[:, None] % 2 == [1, 0]
    extractor = km.FilterMotifExtractor(
        folder / "seqs.fa",
        database=folder / "known.meme",
        relevant=["max"],
        labels=labels.astype(int),
        class_names=["with MAX", "without"],
        output_dir=folder / "callback",
    )
    with pytest.warns(UserWarning):
        extractor.run(keras.models.load_model(folder / "model.keras"))
    for name in FILES - {"report.html", "logos.png", "history.json"}:
        ours = (folder / "run" / name).read_text()
        assert ours == (folder / "callback" / name).read_text(), name
    page = (folder / "run" / "report.html").read_text()
    assert "with MAX" in page


@pytest.mark.keras
def test_a_report_puts_several_runs_side_by_side(done, folder, monkeypatch):
    monkeypatch.chdir(folder)
    words = ["report", "mine=run", "known.meme", "--db", "known.meme", "--shuffles", 0]
    shown = invoke(*words, "--json")
    assert shown.exit_code == 0, shown.output
    content = json.loads(shown.stdout)
    assert content["output"] == "report.html"
    assert content["runs"]["mine"]["num_named"] == 1
    assert content["runs"]["known"]["num_named"] == 61
    assert "mine: 1 of 2 motifs has a convincing name." in shown.stderr
    page = (folder / "report.html").read_text()
    assert "mine" in page
    twice = invoke("report", "known.meme", "./known.meme")
    assert twice.exit_code == 2
    assert "go by the name 'known'" in twice.output


def test_labels_are_read_from_tables_arrays_and_hdf5(folder, classes, tmp_path):
    wanted = np.arange(40)[:, None] % 2 == [1, 0]
    found = read_label_file(str(classes), folder / "seqs.fa")
    assert found.names == ["with MAX", "without"]
    np.testing.assert_array_equal(found.table, wanted)
    bare = "".join(f"{i % 2},{(i + 1) % 2}\n" for i in range(40))
    (tmp_path / "bare.csv").write_text(bare)
    np.save(tmp_path / "y.npy", wanted)
    np.savez(tmp_path / "y.npz", y=wanted)
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["y_test"], file["other"] = wanted.astype(int), 1 - wanted
    for name in ("bare.csv", "y.npy", "y.npz:y", "y.h5", "y.h5:Y_test"):
        read = read_label_file(str(tmp_path / name), np.zeros((40, 9, 4)))
        np.testing.assert_array_equal(read.table, wanted)
        assert read.names is None
    other = read_label_file(f"{tmp_path / 'y.h5'}:other", None)
    np.testing.assert_array_equal(other.table, 1 - wanted)
    (tmp_path / "one.txt").write_text("growth\n0.5\n1.25\n")
    one = read_label_file(str(tmp_path / "one.txt"), None)
    assert (one.names, one.table.tolist()) == (["growth"], [[0.5], [1.25]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\ta\nx\t1\n", "These have none: s0"),
        ("name\ta\ns0\t1\ns0\t1\n", "'s0' has two"),
        ("a\tb\n1\tx\n2\ty\n", "Received text in b"),
        ("a\tb\n1\t0\n2\t0\n", "the whole number 2. Give each class a column"),
        ("", "expected a table of labels"),
    ],
)
def test_labels_that_fit_no_sequence_say_why(text, said, folder, tmp_path):
    (tmp_path / "labels.tsv").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_label_file(str(tmp_path / "labels.tsv"), folder / "seqs.fa")
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["z"] = [1]
    with pytest.raises(ValueError, match="'Y_test'. The file holds z"):
        read_label_file(str(tmp_path / "y.h5"), None)


def test_records_may_be_named_by_numbers(tmp_path):
    (tmp_path / "two.fa").write_text(">7 x\nACGT\n>3 y\nACGA\n")
    (tmp_path / "two.tsv").write_text("peak\tlabel\n3\t0\n7\t1\n")
    found = read_label_file(str(tmp_path / "two.tsv"), tmp_path / "two.fa")
    assert (found.names, found.table.tolist()) == (["label"], [[1], [0]])


def test_names_of_sequences_need_a_fasta_file(classes):
    with pytest.raises(ValueError, match="only a FASTA file's sequences have names"):
        read_label_file(str(classes), np.zeros((40, 50, 4)))


def test_a_file_in_the_folders_place_is_told_before_any_work(folder):
    for output in ("-", folder / "seqs.fa"):
        shown = invoke("run", "none.keras", "none.fa", "-o", output)
        assert (shown.exit_code, "expected a folder" in shown.output) == (2, True)
