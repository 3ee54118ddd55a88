"""Filters that start at known motifs."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers, ops
from keras_motif.initializers import FromMotifs

import keras_motif as km
from keras_motif.layers import PWMConv1D, RevCompConv1D

pytestmark = pytest.mark.keras

BACKGROUND = [0.3, 0.2, 0.2, 0.3]


def motif(word, name=None, share=0.97):
    codes = ["ACGT".index(letter) for letter in word]
    frequencies = np.full((len(word), 4), (1 - share) / 3)
    frequencies[np.arange(len(word)), codes] = share
    return km.Motif(frequencies, name or word)


WORDS = [motif("TGACTCA"), motif("GATAA", share=0.6)]


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def kernel(start, size=11, filters=5, kind=layers.Conv1D, **options):
    layer = kind(filters, size, kernel_initializer=start, **options)
    layer.build((None, 40, 4))
    return numpy(layer.kernel)


def test_scaled_log_odds_by_hand():
    known = km.Motif([[0.6, 0.2, 0.1, 0.1]], "one")
    ours = kernel(FromMotifs([known], scale=2, background=BACKGROUND), size=1)
    mixed = (np.array([0.6, 0.2, 0.1, 0.1]) + 0.01 * np.array(BACKGROUND)) / 1.01
    odds = np.log2(mixed / BACKGROUND)
    expected = 2 * (odds - (odds * BACKGROUND).sum())
    np.testing.assert_allclose(ours[0, :, 0], expected, rtol=1e-5)


@pytest.mark.parametrize("background", [None, BACKGROUND])
def test_outputs_start_in_range(background):
    start = FromMotifs(WORDS, background=background)
    ours = kernel(start)
    shares = background or [0.25] * 4
    codes = np.random.default_rng(0).choice(4, (20_000, 11), p=shares)
    x = np.eye(4)[codes]
    outputs = np.einsum("nkb,kbf->nf", x, ours)[:, :2]
    np.testing.assert_allclose(outputs.mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(outputs.var(axis=0), 0.5, atol=0.03)


def test_motifs_are_centred_or_placed_and_the_rest_is_random():
    centred = kernel(FromMotifs(WORDS, seed=1))
    zero = (centred == 0).all(axis=1)
    assert np.flatnonzero(~zero[:, 0]).tolist() == list(range(2, 9))
    assert np.flatnonzero(~zero[:, 1]).tolist() == list(range(3, 8))
    assert (centred[:, :, 2:] != 0).all()
    assert not np.allclose(centred[..., 2], centred[..., 3])
    assert 0.1 < centred[..., 2:].std() < 0.4
    placed = kernel(FromMotifs(WORDS, placement=4, seed=1))
    assert placed[4:, :, 0].argmax(axis=1).tolist() == [3, 2, 0, 1, 3, 1, 0]
    np.testing.assert_array_equal(placed[..., 2:], centred[..., 2:])
    other = kernel(FromMotifs(WORDS, seed=2))
    assert (other[..., 2:] != centred[..., 2:]).any()
    zeros = kernel(FromMotifs(WORDS, rest="zeros", seed=2))
    assert (zeros[..., 2:] == 0).all()
    assert (kernel(FromMotifs(WORDS), filters=2) == centred[..., :2]).all()


def test_filters_find_their_words_on_both_strands():
    ours = kernel(FromMotifs(WORDS), kind=RevCompConv1D, padding="same")
    assert ours.shape == (11, 4, 10)
    np.testing.assert_array_equal(ours[..., -1], ours[::-1, ::-1, 0])


def test_pwm_kernels_are_the_motifs_themselves():
    layer = PWMConv1D(
        3, 7, kernel_initializer=FromMotifs(WORDS, rest="zeros"), background=BACKGROUND
    )
    # The odds are those against the initialiser's own background.
    layer.build((None, 40, 4))
    own = PWMConv1D(3, 7, kernel_initializer=FromMotifs(WORDS, rest="zeros"))
    own.build((None, 40, 4))
    found = own.motifs()
    mixed = (WORDS[0].frequencies + 0.0025) / 1.01
    np.testing.assert_allclose(found[0].frequencies, mixed, atol=1e-5)
    assert found[1].frequencies[0] == pytest.approx(0.25)
    assert layer.motifs()[0].consensus == "TGACTCA"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_finite(dtype):
    values = FromMotifs([motif("TGACTCA", share=1.0)])((9, 4, 3), dtype=dtype)
    assert keras.backend.standardize_dtype(values.dtype) == dtype
    assert np.isfinite(numpy(values)).all()


def test_frozen_filters_stay_where_they_are():
    conv = layers.Conv1D(2, 7, kernel_initializer=FromMotifs(WORDS), trainable=False)
    hidden = [conv, km.Exponential(), layers.GlobalMaxPooling1D(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((30, 4)), *hidden])
    before = numpy(conv.kernel)
    jit = keras.backend.backend() != "torch"
    model.compile("adam", "mse", jit_compile=jit)
    x = np.eye(4, dtype="float32")[np.random.default_rng(0).integers(0, 4, (20, 30))]
    model.fit(x, np.arange(20), verbose=0)
    np.testing.assert_array_equal(numpy(conv.kernel), before)


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    start = FromMotifs(WORDS, placement=1, background=BACKGROUND, scale=2.0, seed=3)
    conv = layers.Conv1D(3, 9, kernel_initializer=start)
    model = keras.Sequential([keras.Input((30, 4)), conv])
    model.save(tmp_path / "model.keras")
    code = (
        "import keras, keras_motif, numpy as np\n"
        "layer = keras.models.load_model('model.keras').layers[0]\n"
        "start = layer.kernel_initializer\n"
        "print(*[m.name for m in start.motifs])\n"
        "np.save('new.npy', keras.ops.convert_to_numpy(start((9, 4, 3))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["TGACTCA", "GATAA"]
    ours = numpy(conv.kernel)
    np.testing.assert_allclose(np.load(tmp_path / "new.npy"), ours, atol=1e-6)
    copy = start.clone()
    assert copy.get_config() == start.get_config()
    assert copy.motifs == start.motifs


def test_networks_of_ours_start_their_first_layer_from_motifs():
    model = km.models.cnn_2((100, 4), 1, kernel_initializer=FromMotifs(WORDS))
    ours = numpy(model.get_layer("first_convolution").kernel)
    assert (ours[:6, :, 0] == 0).all()
    assert ours[6:13, :, 0].argmax(axis=1).tolist() == [3, 2, 0, 1, 3, 1, 0]


def test_matches_of_such_filters_are_called_circular(tmp_path):
    conv = layers.Conv1D(3, 9, kernel_initializer=FromMotifs(WORDS), name="first")
    hidden = [layers.ReLU(), layers.GlobalMaxPooling1D(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((30, 4)), conv, *hidden])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    codes = np.random.default_rng(0).integers(0, 4, (40, 30))
    x = np.eye(4, dtype="float32")[codes]
    said = r"2 filters started from known motifs \(TGACTCA, GATAA\).* are circular"
    sites = km.activation_sites(loaded, x)
    assert re.search(said, sites.attrs["layers"])
    loaded.compile("adam", "mse")
    callback = km.FilterMotifExtractor(x, database=WORDS, output_dir=tmp_path / "out")
    with pytest.warns(UserWarning, match=said):
        loaded.fit(x, np.zeros(40), verbose=0, callbacks=[callback])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "started from known motifs" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"placement": -1}, '`placement` must be "centre" or a whole number'),
        ({"placement": "start"}, "Received 'start'"),
        ({"placement": True}, "Received True"),
        ({"scale": 0}, "`scale` must be a number above 0"),
        ({"scale": float("inf")}, "`scale` must be a number above 0"),
        ({"background": [0.5, 0.5, 0, 0]}, "Log-odds against 0 are infinite"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        FromMotifs(WORDS, **options)


def test_motifs_that_are_none(tmp_path):
    with pytest.raises(ValueError, match="`motifs` must hold at least one"):
        FromMotifs([])
    path = tmp_path / "rna.meme"
    km.write_meme(WORDS, path, alphabet="ACGU")
    with pytest.raises(ValueError, match="must be of DNA.*Received motifs of RNA"):
        FromMotifs(path)
    assert len(FromMotifs(list(km.read_meme(path))).motifs) == 2
    with pytest.raises(TypeError, match="`motifs` must be motifs"):
        FromMotifs(3)
    for rest in ("he_norma", 3, None):
        with pytest.raises(TypeError, match="`rest` must be the name"):
            FromMotifs(WORDS, rest=rest)


@pytest.mark.parametrize(
    ("options", "size", "filters", "message"),
    [
        ({}, 5, 3, "'TGACTCA' of width 7 for kernel_size 5.*kernel_size of 7"),
        ({"placement": 3}, 9, 3, "width 7 from position 3 on for kernel_size 9"),
        ({}, 9, 1, "2 motifs for 1 filters"),
    ],
)
def test_layers_that_are_too_small(options, size, filters, message):
    layer = layers.Conv1D(
        filters, size, kernel_initializer=FromMotifs(WORDS, **options)
    )
    with pytest.raises(ValueError, match=message):
        layer.build((None, 40, 4))


def test_further_layers_are_refused():
    layer = layers.Conv1D(4, 9, kernel_initializer=FromMotifs(WORDS))
    with pytest.raises(ValueError, match=r"Conv1D on one-hot.*\(9, 8, 4\)"):
        layer.build((None, 40, 8))
