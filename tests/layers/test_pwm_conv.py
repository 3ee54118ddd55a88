"""Convolutions whose kernels are PWMs."""

import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_motif as km
from keras_motif.extraction import activation_map
from keras_motif.layers import PWMConv1D

pytestmark = pytest.mark.keras

WORD = "TGACTCA"
BACKGROUND = [0.3, 0.2, 0.2, 0.3]


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def one_hot(num=40, length=30, seed=0):
    codes = np.random.default_rng(seed).integers(0, 4, (num, length))
    return np.eye(4, dtype="float32")[codes]


def network(activation="relu", **options):
    return keras.Sequential(
        [
            keras.Input((30, 4)),
            PWMConv1D(4, 7, activation=activation, **options),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(2, activation="sigmoid"),
        ]
    )


def set_columns(layer, frequencies, scale=1.0, bias=0.0):
    """Make the layer hold these PWMs, `(filters, width, 4)`."""
    odds = np.log2(np.asarray(frequencies) / layer.background)
    layer.set_weights(
        [
            np.moveaxis(odds, 0, 2),
            np.full(layer.filters, bias),
            np.log(np.full(layer.filters, scale)),
        ]
    )


def test_outputs_are_scaled_log_odds_in_bits():
    layer = PWMConv1D(1, 2, background=BACKGROUND)
    layer.build((None, 5, 4))
    columns = [[0.6, 0.2, 0.1, 0.1], [0.3, 0.4, 0.2, 0.1]]
    set_columns(layer, [columns], scale=0.5, bias=3)
    # A: log2(.6 / .3) = 1, C: log2(.4 / .2) = 1; T: log2(.1 / .3), N: 0.
    sequences = km.one_hot(["ACNT"]).astype("float32")
    third = np.log2(0.1 / 0.3)
    expected = [3 + 0.5 * 2, 3 + 0.5 * 0, 3 + 0.5 * third]
    np.testing.assert_allclose(numpy(layer(sequences))[0, :, 0], expected, atol=1e-6)
    (motif,) = layer.motifs()
    assert motif.name == "filter0"
    np.testing.assert_allclose(motif.frequencies, columns, atol=1e-6)
    assert numpy(layer.scale).tolist() == [0.5]


@pytest.mark.parametrize("background", [None, BACKGROUND])
def test_columns_sum_to_one_after_any_number_of_steps(background):
    model = network("tanh", background=background)
    layer = model.layers[0]
    random = np.random.default_rng(0)
    jit = keras.backend.backend() != "torch"
    model.compile(keras.optimizers.SGD(5.0), "binary_crossentropy", jit_compile=jit)
    kernels = []
    for _ in range(4):
        model.fit(one_hot(), random.integers(0, 2, (40, 2)), epochs=2, verbose=0)
        odds = numpy(layer.kernel) / numpy(layer.scale)
        share = (2**odds * np.array(layer.background)[:, None]).sum(axis=1)
        np.testing.assert_allclose(share, 1, atol=1e-4)
        for motif in layer.motifs():
            np.testing.assert_allclose(motif.frequencies.sum(axis=1), 1, atol=1e-12)
            assert (motif.information() <= 2).all()
        assert (numpy(layer.scale) > 0).all()
        kernels.append(odds)
    assert all((a != b).any() for a, b in itertools.pairwise(kernels))


@pytest.mark.parametrize("size", [0.0, 1.0, 100.0, 3e4])
def test_kernels_of_any_size_are_finite(size):
    layer = PWMConv1D(3, 4)
    layer.build((None, 9, 4))
    odds, *others = layer.get_weights()
    draws = np.random.default_rng(1).normal(size=odds.shape) * size
    layer.set_weights([draws, *others])
    assert np.isfinite(numpy(layer(one_hot(2, 9)))).all()
    assert all((x.information() <= 2).all() for x in layer.motifs())


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_finite(policy):
    keras.config.set_dtype_policy(policy)
    model = network(km.Exponential())
    layer = model.layers[0]
    set_columns(layer, np.tile([1 - 3e-9, 1e-9, 1e-9, 1e-9], (4, 7, 1)))
    out = layer(one_hot())
    assert keras.backend.standardize_dtype(out.dtype) == policy.removeprefix("mixed_")
    assert np.isfinite(numpy(out)).all()
    assert np.isfinite(numpy(model(one_hot()))).all()


@pytest.mark.parametrize("activation", ["relu", "exponential", None, km.Exponential(2)])
def test_a_planted_word_is_found_and_extracted(activation):
    x = one_hot(60)
    for i in range(40):
        x[i, i % 20 : i % 20 + 7] = km.one_hot([WORD])[0]
    model = network(activation)
    word = km.one_hot([WORD])[0] * 0.96 + 0.01
    set_columns(model.layers[0], [word, word[::-1, ::-1], word * 0.5 + 0.125, word])
    if activation is None:
        model = keras.Sequential([*model.layers[:1], keras.layers.ReLU()])
        model.build((None, 30, 4))
    motifs = km.extract_motifs(model, x, threshold=0.9)
    assert [motif.width for motif in motifs] == [7] * 4
    assert motifs[0].consensus == WORD == model.layers[0].motifs()[0].consensus
    assert activation_map(model)[0].receptive_field(30).size == 7
    km.extract_motifs(model, x, threshold_of="achievable")


def test_activations_are_put_into_networks_that_have_it():
    model = network("relu")
    copy = km.with_first_activation(model, "exponential")
    assert isinstance(copy.layers[0], PWMConv1D)
    maps = keras.Sequential(model.layers[:1])(one_hot())
    exps = keras.Sequential(copy.layers[:1])(one_hot())
    positive = numpy(maps) > 0
    np.testing.assert_allclose(
        numpy(exps)[positive], np.exp(numpy(maps)[positive]), rtol=1e-5
    )


def test_the_callback_reads_it():
    x = one_hot()
    model = network("exponential")
    model.compile("adam", "binary_crossentropy")
    callback = km.FilterMotifExtractor(x)
    model.fit(x, np.zeros((40, 2)), epochs=1, verbose=0, callbacks=[callback])
    assert len(callback.motifs) == 4


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    model = network(km.Exponential(), background=BACKGROUND)
    random = np.random.default_rng(3)
    model.set_weights([random.normal(0, 0.5, x.shape) for x in model.get_weights()])
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", one_hot())
    code = (
        "import keras, keras_motif, numpy as np\n"
        "model = keras.models.load_model('model.keras')\n"
        "np.save('y.npy', keras.ops.convert_to_numpy(model(np.load('x.npy'))))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True
    )
    expected = numpy(model(one_hot()))
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, atol=1e-6)
    model.save_weights(tmp_path / "model.weights.h5")
    copy = network(km.Exponential(), background=BACKGROUND)
    copy.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(numpy(copy(one_hot())), expected)


def test_configs_and_shapes_are_complete():
    layer = PWMConv1D(5, 4, strides=2, padding="same", background=BACKGROUND)
    copy = PWMConv1D.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.background == pytest.approx(BACKGROUND)
    assert layer.compute_output_shape((None, 31, 4)) == (None, 16, 5)
    assert tuple(layer(one_hot(2, 31)).shape) == (2, 16, 5)
    assert layer(one_hot(2, 31).astype("int8")).shape == (2, 16, 5)
    assert PWMConv1D(5, 4, use_bias=False)(one_hot()).shape == (40, 27, 5)


@pytest.mark.parametrize(
    ("background", "message"),
    [
        ([0.5, 0.5, 0, 0], "four frequencies.*Log-odds against 0 are infinite"),
        ([0.5, 0.7, -0.1, -0.1], r"each above 0.*Received \[0.5, 0.7"),
        ([0.5, 0.5], "four frequencies of A C G T"),
        ([1, 1, 1, 1], "They sum to 4"),
        ([0.25, 0.25, 0.25, float("nan")], "four frequencies"),
        ("uniform", "Received 'uniform'"),
        (0.25, "four frequencies"),
    ],
)
def test_backgrounds_that_are_none(background, message):
    with pytest.raises(ValueError, match=message):
        PWMConv1D(3, 5, background=background)


def test_other_arguments_are_checked():
    with pytest.raises(ValueError, match="`groups` must be 1.*Received 2"):
        PWMConv1D(4, 5, groups=2)
    with pytest.raises(ValueError, match="`data_format` must be"):
        PWMConv1D(4, 5, data_format="channels_first")
    with pytest.raises(ValueError, match="`lora_rank` must be None"):
        PWMConv1D(4, 5, lora_rank=2)
    with pytest.raises(ValueError, match="has no motifs before it is built"):
        PWMConv1D(4, 5).motifs()
    for shape in ((None, 20, 8), (None, 20, 4, 1)):
        with pytest.raises(ValueError, match="takes one-hot sequences"):
            PWMConv1D(4, 5).build(shape)
