import contextlib
import gzip
import importlib
import sys
import warnings
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import keras_motif as km

# A module as users have one: what is registered, and what is not.
LAYERS = """
import keras
from os import getcwd as borrowed

@keras.saving.register_keras_serializable(package="mine")
class Registered(keras.layers.Layer):
    def call(self, x):
        return x + 0

class Plain(keras.layers.Layer):
    def call(self, x):
        return x + 0

def plain_activation(x):
    return keras.ops.relu(x)
"""


@pytest.fixture(scope="session")
def target():
    """A JASPAR matrix whose consensus the sequences hold: MAX."""
    motifs = {motif.name: motif for motif in km.load_jaspar("JASPAR2016")}
    return motifs["MA0058.3"]


@pytest.fixture(scope="session")
def strings(target):
    """Random sequences, every other one with the target's consensus."""
    random = np.random.default_rng(4)
    texts = ["".join(random.choice(list("ACGT"), 50)) for _ in range(40)]
    word = target.consensus
    return [
        text[:20] + word + text[20 + len(word) :] if index % 2 else text
        for index, text in enumerate(texts)
    ]


@pytest.fixture(scope="session")
def folder(tmp_path_factory, target, strings):
    """Models and data, as files.

    Filter 0 fires, with 1, where the target's consensus stands; filter 1 never.
    """
    folder = tmp_path_factory.mktemp("cli")
    records = [f">s{index} x\n{text}\n" for index, text in enumerate(strings)]
    (folder / "seqs.fa").write_text("".join(records))
    (folder / "seqs.fa.gz").write_bytes(gzip.compress("".join(records).encode()))
    one_hot = km.one_hot(strings)
    np.save(folder / "length_first.npy", one_hot)
    np.save(folder / "base_first.npy", one_hot.transpose(0, 2, 1))
    with h5py.File(folder / "data.h5", "w") as file:
        file["X_test"] = one_hot.transpose(0, 2, 1)
        file["other/peaks"] = one_hot
    others = [m for m in km.load_jaspar("JASPAR2016") if m != target]
    km.write_meme([*others[:60], target], folder / "known.meme")

    width = target.width
    kernel = np.zeros((width, 4, 2), dtype=np.float32)
    kernel[..., 0] = km.one_hot(target.consensus)[0]
    convolution = keras.layers.Conv1D(2, width, activation="relu", name="filters")
    model = keras.Sequential([keras.Input((50, 4)), convolution])
    convolution.set_weights([kernel, np.array([1 - width, -1], dtype=np.float32)])
    model.save(folder / "model.keras")
    _save_custom(folder)
    _save_lambda(folder)
    return folder


def _save_custom(folder):
    (folder / "cli_layers.py").write_text(LAYERS)
    sys.path.insert(0, str(folder))
    try:
        layers = importlib.import_module("cli_layers")
    finally:
        sys.path.remove(str(folder))
        del sys.modules["cli_layers"]
    inputs = keras.Input((50, 4))
    x = keras.layers.Conv1D(2, 5, activation=layers.plain_activation)(inputs)
    x = layers.Plain()(layers.Registered()(x))
    keras.Model(inputs, x).save(folder / "custom.keras")


def _save_lambda(folder):
    inputs = keras.Input((50, 4))
    x = keras.layers.Conv1D(2, 5, activation="relu")(inputs)
    layer = keras.layers.Lambda(
        lambda x: [x, __import__("os").mkdir("canary")][0], output_shape=(46, 2)
    )
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras advises against lambdas
        model = keras.Model(inputs, layer(x))
        model.save("lambda.keras")
        model.save("lambda.h5")
        if Path("canary").exists():
            Path("canary").rmdir()
