import json
import os
import pickle
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from keras_motif.cli._saved_models import load_model


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lambda.h5", "the model holds a Python lambda"),
        ("seqs.fa", "neither a `.keras` file nor a model in HDF5"),
        ("data.h5", "with its configuration, .*no attribute model_config"),
        ("pickled.keras", "neither a `.keras` file"),
        ("broken.keras", "broken.keras: Keras cannot load this model"),
        (".", "Received a folder"),
    ],
)
def test_models_that_cannot_be_loaded_say_why(folder, name, said, monkeypatch):
    monkeypatch.chdir(folder)
    Path("pickled.keras").write_bytes(pickle.dumps(os.getcwd))
    with (
        zipfile.ZipFile("model.keras") as whole,
        zipfile.ZipFile("broken.keras", "w") as broken,
    ):
        broken.writestr("config.json", whole.read("config.json"))
    with pytest.raises(ValueError, match=said):
        load_model(name)
    assert not Path("canary").exists()


def test_an_older_file_of_a_lambda_is_refused_too(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with h5py.File("older.h5", "w") as file:
        inner = {"function": ["4wEAAA==", None, None], "function_type": "lambda"}
        file.attrs["model_config"] = json.dumps(
            {
                "class_name": "Sequential",
                "config": {"layers": [{"class_name": "Lambda", "config": inner}]},
            }
        )
    with pytest.raises(ValueError, match="holds a Python lambda"):
        load_model("older.h5")


def test_a_whole_model_in_hdf5_is_loaded(folder):
    model = load_model(str(folder / "model.keras"))
    model.save(folder / "model.h5")
    again = load_model(str(folder / "model.h5"))
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])


def test_a_package_to_import_must_exist(folder):
    with pytest.raises(ImportError, match=r"`--import no_such`: cannot be imported"):
        load_model(str(folder / "custom.keras"), ["no_such"])


def test_a_model_cannot_name_what_a_module_only_borrowed(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    with (
        zipfile.ZipFile("custom.keras") as whole,
        zipfile.ZipFile("borrowing.keras", "w") as file,
    ):
        config = whole.read("config.json").decode()
        file.writestr("config.json", config.replace("plain_activation", "borrowed"))
    with pytest.raises(ValueError, match="not known here: 'borrowed'"):
        load_model("borrowing.keras", ["cli_layers"])
