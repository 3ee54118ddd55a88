"""What an earlier keras-motif wrote loads and reads the same: see saved/README.md."""

import dataclasses
import json
import subprocess
import sys
import tarfile

import keras
import numpy as np
import pytest

import keras_motif as km
from saved import make
from support.paths import ROOT

pytestmark = pytest.mark.keras

SAVED = ROOT / "tests" / "saved" / "side_by_side.tar.gz"
# What a saved model may name, and what becomes known through `import keras_motif`.
FUNCTIONS = {f.__name__ for f in km.activations.STUDY.values() if callable(f)}
REV_COMP = {"RevCompBatchNormalization", "RevCompConv1D", "RevCompFold"}
OTHERS = {"FilterDiversity", "FromMotifs", "InformationContent", "RectifiedPolynomial"}
LAYERS = {"Exponential", "PWMConv1D", "RandomReverseComplement"}
REGISTERED = FUNCTIONS | REV_COMP | OTHERS | LAYERS
LOAD = """
import sys
{imports}
for path in sys.argv[1:]:
    keras.saving.load_model(path)
registered = keras.saving.get_custom_objects()
print(*sorted(name for name in registered if name.startswith("keras_motif>")))
"""


@pytest.fixture
def saved(tmp_path):
    with tarfile.open(SAVED) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.mark.parametrize("name", ["layers.keras", "layers.h5"])
def test_every_registered_layer_loads_and_predicts_the_same(saved, name):
    expected = json.loads((saved / "expected.json").read_text())[name]
    model = keras.saving.load_model(saved / name)
    found = model.predict(make.sequences(), verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)  # float32
    random_strand = model.layers[0]
    assert (random_strand.rate, random_strand.seed) == (0.5, 3)
    exponential = model.get_layer("exponential")
    assert (exponential.scale, exponential.max_input) == (0.5, 4)


def test_every_registered_function_loads_and_computes_the_same(saved):
    expected = json.loads((saved / "expected.json").read_text())["activations.keras"]
    model = keras.saving.load_model(saved / "activations.keras")
    found = model.predict(make.sequences(), verbose=0)
    np.testing.assert_allclose(found[:2, ::9], expected, rtol=1e-4, atol=1e-5)
    used = {layer.activation.__name__ for layer in model.layers[2:]}
    assert used == FUNCTIONS


@pytest.mark.parametrize(
    "imports",
    [
        "import keras_motif; import keras",
        "import keras; import keras_motif",
        "from keras_motif import Motif; from keras import saving; import keras",
        "import keras_motif.motifs; import keras",
    ],
)
def test_models_load_whichever_is_imported_first(saved, imports):
    paths = [*saved.glob("*.keras"), saved / "layers.h5"]
    done = subprocess.run(
        [sys.executable, "-c", LOAD.format(imports=imports), *paths],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert {name.partition(">")[2] for name in done.stdout.split()} == REGISTERED


def test_motifs_of_a_network_are_the_same(saved):
    model = keras.saving.load_model(saved / "layers.keras")
    found = km.extract_motifs(model, make.sequences())
    expected = km.read_meme(saved / "filters.meme").motifs
    unnamed = [dataclasses.replace(motif, alt_name="") for motif in found]
    assert unnamed == expected


def test_an_interrupted_training_goes_on_with_its_weights_and_history(saved):
    before = json.loads((saved / "motifs" / "history.json").read_text())
    assert before["epoch"] == [0, 1]
    model, extractor = make.train(saved, epochs=4)
    assert model.optimizer.iterations.numpy() == 4  # one batch an epoch, two before
    history = extractor.history
    assert history["epoch"] == [0, 1, 2, 3]
    assert {key: values[:2] for key, values in history.items()} == before
    assert list(extractor.motifs_by_epoch) == [0, 1, 2, 3]
    assert extractor.motifs_by_epoch[0] == km.read_meme(saved / "filters.meme").motifs
