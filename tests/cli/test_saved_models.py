import json
import os
import pickle
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from keras_motif.cli._built_models import open_model
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


# Models in two parts, and old ones.

BUILDER = """
import keras

def build():
    inputs = keras.Input((60, 4))
    x = keras.layers.Conv1D(3, 7, activation="relu", name="conv")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, name="out")(x))
    model.compile("sgd", "mse")
    return model

def other():
    return keras.Sequential([keras.Input((60, 4)), keras.layers.Conv1D(5, 7)])

def nothing():
    return keras.Sequential([keras.layers.Conv1D(5, 7)])
"""


@pytest.fixture
def parts(tmp_path, monkeypatch, own_modules):
    """A folder with a builder, and a model's parts in the formats of both Keras."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("my_models.py").write_text(BUILDER)
    model = open_model("my_models:build")
    model.compile("adam", "mse")
    model.fit(np.zeros((4, 60, 4)), np.zeros((4, 54, 1)), verbose=0)
    Path("new.json").write_text(model.to_json())
    model.save_weights("new.weights.h5")
    model.save("whole.h5")
    with h5py.File("whole.h5") as whole, h5py.File("old.h5", "w") as file:
        older = json.loads(whole.attrs["model_config"])
        file.attrs.update(whole["model_weights"].attrs)
        for name in whole["model_weights"]:
            whole["model_weights"].copy(name, file)
    Path("old.json").write_text(json.dumps({**as_keras_2(older), "backend": "x"}))
    return model


def as_keras_2(node):
    """A configuration without what Keras 3 added."""
    if isinstance(node, list):
        return [as_keras_2(x) for x in node]
    if not isinstance(node, dict):
        return node
    if node.get("class_name") == "DTypePolicy":
        return node["config"]["name"]
    left_out = {"module", "registered_name", "build_config"}
    return {key: as_keras_2(x) for key, x in node.items() if key not in left_out}


@pytest.mark.parametrize(
    ("model", "weights"),
    [
        ("my_models:build", "new.weights.h5"),
        ("my_models:build", "old.h5"),
        ("new.json", "new.weights.h5"),
        ("old.json", "old.h5"),
        ("old.json", "whole.h5"),
        ("whole.h5", None),
        ("whole.h5", "new.weights.h5"),
    ],
)
def test_what_can_be_loaded_is(parts, model, weights):
    loaded = open_model(model, weights=weights)
    for ours, theirs in zip(loaded.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("model", "weights", "said"),
    [
        ("new.json", None, "holds layers without their weights. .*`--weights FILE`"),
        ("my_models:missing", None, "has no function 'missing'"),
        ("my_models:nothing", None, "one that begins with `keras.Input`"),
        ("my_models:other", "new.weights.h5", "these weights don't fit the model"),
        ("new.json", "new.ckpt", r"ending in .weights.h5 or .h5. Build the model"),
        ("old.json", "new.weights.h5", "older HDF5 format.*Build the model in code"),
        ("new.weights.h5", None, "no attribute model_config.*--weights model.weights"),
        ("other.json", "old.h5", "expected what `model.to_json"),
        ("saved", None, "SavedModel format, which Keras 3 doesn't load. Build the"),
        ("tf.json", "old.h5", "layers that Keras 3 doesn't have: 'TFOpLambda'"),
    ],
)
def test_what_cannot_be_loaded_says_how_to_rebuild(parts, model, weights, said):
    Path("saved").mkdir()
    Path("saved", "saved_model.pb").touch()
    Path("other.json").write_text("[1]")
    Path("new.ckpt").touch()
    old = json.loads(Path("old.json").read_text())
    layers = old["config"]["layers"]
    layers[1]["class_name"] = "TFOpLambda"
    Path("tf.json").write_text(json.dumps(old))
    with pytest.raises(ValueError, match=said) as raised:
        open_model(model, weights=weights)
    assert "--import tf_keras" not in str(raised.value)
    assert "--import tensorflow" not in str(raised.value)


def test_a_builder_that_is_not_there_is_an_import_error(parts):
    with pytest.raises(ImportError, match="no_models"):
        open_model("no_models:build")
