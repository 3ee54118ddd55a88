"""Published networks: which layer is read, its windows, the swap, the callback."""

import warnings

import keras
import numpy as np
import pytest
from click.testing import CliRunner

import keras_motif as km
from keras_motif.cli.app import commands
from keras_motif.extraction import activation_map
from support.published import LENGTH, PUBLISHED

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def models():
    """Each network, built when it is first asked for, with weights that move."""
    built = {}

    def model_of(name):
        if name not in built:
            keras.utils.set_random_seed(0)
            built[name] = PUBLISHED[name].build()
        return built[name]

    return model_of


@pytest.fixture(scope="module")
def x():
    codes = np.random.default_rng(0).integers(4, size=(12, LENGTH))
    return np.eye(4, dtype=np.int8)[codes]


def read_of(model, layer=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of first layers beside each other
        (maps,) = activation_map(model, layer)
    return maps


def outside(maps, x):
    """Positions that a single base moves though their window doesn't hold it."""
    field = maps.receptive_field(LENGTH)
    places = range(0, LENGTH, 5)
    changed = np.repeat(x[:1], len(places), axis=0)
    for row, place in enumerate(places):
        changed[row, place] = np.roll(changed[row, place], 1)
    moved = np.abs(maps(changed) - maps(x[:1])).max(axis=2) > 1e-6
    found = []
    for row, position in np.argwhere(moved):
        start = field.start + position * field.stride
        if not start <= places[row] < start + field.size:
            found.append((places[row], position))
    return found, moved.any()


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_first_layer_and_its_windows_are_found(name, models, x):
    case, model = PUBLISHED[name], models(name)
    warned = pytest.warns(UserWarning, match="first layers beside each other")
    with warned if case.is_one_of_several else warnings.catch_warnings():
        (maps,) = activation_map(model)
    field = maps.receptive_field(LENGTH)
    assert (maps.name, field.start, field.size, field.stride) == (
        case.first,
        *case.field,
    )
    assert outside(maps, x) == ([], True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_named_layer_sees_its_windows(name, models, x):
    maps = read_of(models(name), PUBLISHED[name].deeper)
    assert maps.name == PUBLISHED[name].deeper
    assert outside(maps, x) == ([], True)


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "augmenting"])
def test_swaps_keep_all_weights(name, models, x):
    case, model = PUBLISHED[name], models(name)
    inputs = [np.asarray(x, dtype="float32")]
    if name == "aparent":
        inputs = [inputs[0][..., None], np.ones((len(x), 3), dtype="float32")]
    before = keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same = km.with_first_activation(model, case.activation)
        other = km.with_first_activation(model, "exponential")
    assert not same.compiled
    for copy, is_same in ((same, True), (other, False)):
        after = keras.tree.flatten(copy(inputs if len(inputs) > 1 else inputs[0]))
        agrees = [
            np.allclose(*map(keras.ops.convert_to_numpy, both), rtol=1e-4, atol=1e-5)
            for both in zip(before, after, strict=True)
        ]
        assert all(agrees) is is_same
    replaced = read_of(other)
    assert replaced.name == case.first


def test_a_wrapped_network_is_swapped_inside(models):
    model = models("augmenting")
    with pytest.raises(ValueError, match=r"Pass the model inside: model.inner\."):
        km.with_first_activation(model)
    assert km.with_first_activation(model.inner).get_layer("conv")


@pytest.mark.parametrize("name", ["basset", "danq", "augmenting", "two_strands"])
def test_the_callback_reads_them_in_training(name, models, x):
    model = PUBLISHED[name].build()
    model.compile("sgd", "mse")
    y = np.zeros((len(x), *keras.tree.flatten(model(x[:1]))[0].shape[1:]))
    target = km.Motif(np.eye(4)[[0, 1, 2, 3, 0, 1]], "M0.1")
    read = km.FilterMotifExtractor(x, database=[target], every=1)
    logs = model.fit(x, y, epochs=1, verbose=0, callbacks=[read]).history
    assert read.error is None
    assert {motif.alt_name for motif in read.motifs} == {PUBLISHED[name].first}
    assert "motif_match" in logs


@pytest.mark.parametrize("name", ["deepstarr", "inception"])
def test_the_command_line_reads_them_from_files(name, models, x, tmp_path):
    models(name).save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    files = [str(tmp_path / file) for file in ("model.keras", "x.npy")]
    layer = [] if name == "deepstarr" else ["--layer", "width5", "--layer", "width15"]
    options = [*layer, "--output", str(tmp_path / "found.meme")]
    done = CliRunner().invoke(commands, ["extract", *files, *options])
    assert done.exit_code == 0, done.output
    found = km.read_meme(tmp_path / "found.meme")
    layers = {motif.alt_name for motif in found}
    assert layers == ({"relu1"} if name == "deepstarr" else {"width5", "width15"})
