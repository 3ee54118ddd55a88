import os
import subprocess

import h5py
import numpy as np
import pytest

import keras_motif as km
from keras_motif.cli._inputs import (
    load_motifs,
    open_sequences,
    parse_relevant,
    read_strings,
)


@pytest.mark.parametrize(
    "name",
    [
        "seqs.fa",
        "seqs.fa.gz",
        "length_first.npy",
        "base_first.npy",
        "data.h5",
        "data.h5:x_TEST",
        "data.h5:other/peaks",
    ],
)
def test_sequences_of_every_kind_are_read(folder, strings, name):
    names, texts = read_strings(str(folder / name))
    assert texts == strings
    assert names[1] == ("s1" if ".fa" in name else "1")


def test_large_sequences_stay_on_disk(folder):
    with open_sequences(str(folder / "data.h5")) as dataset:
        assert isinstance(dataset, h5py.Dataset)
    with open_sequences(str(folder / "base_first.npy")) as array:
        assert isinstance(array, np.memmap)
        assert array.shape == (40, 50, 4)


def test_a_pipe_named_by_the_shell_is_read_and_errors_name_it(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        subprocess.Popen(["bash", "-c", f"printf '>a\\nAC!T\\n' > {pipe}"]),
        pytest.raises(ValueError, match=f"^{pipe}, line 2: expected letters"),
    ):
        read_strings(str(pipe))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data.h5:none", "expected the data set 'none'. .* X_test, other/peaks"),
        ("seqs.fa:X_test", "can be named only in an HDF5 or .npz file"),
        ("objects.npy", "never unpickled"),
        ("broken.h5", "broken.h5: expected a whole HDF5 file"),
        ("model.keras", "Received a zip archive"),
    ],
)
def test_sequences_that_cannot_be_read_say_why(folder, name, said):
    np.save(folder / "objects.npy", np.array([None]))
    (folder / "broken.h5").write_bytes((folder / "data.h5").read_bytes()[:900])
    with pytest.raises(ValueError, match=said):
        read_strings(str(folder / name))


def test_motifs_come_from_a_file_or_a_release(folder):
    assert load_motifs("JASPAR2016").motifs == km.load_jaspar("JASPAR2016")
    assert load_motifs(str(folder / "known.meme")) == km.read_meme(
        folder / "known.meme"
    )


def test_relevant_ids_stand_alone_or_behind_their_factor():
    assert parse_relevant(["MA0050", "MAX=MA0058,MA0059.1", "MAX=MA0060"]) == {
        "MA0050": ["MA0050"],
        "MAX": ["MA0058", "MA0059.1", "MA0060"],
    }
    assert parse_relevant([]) is None
