import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_motif as km

pytestmark = pytest.mark.keras

# The largest finite number, and where exp would pass it.
LIMITS = {"float16": 11.0859375, "bfloat16": 88.5, "float32": 88.72283172607422}


def as_float64(tensor):
    return np.asarray(
        ops.convert_to_numpy(ops.cast(tensor, "float32")), dtype=np.float64
    )


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("scale", [0.01, 1.0, 3.0, 1000.0])
def test_output_is_finite_for_every_finite_input(dtype, scale):
    largest = {"float16": 65504.0, "bfloat16": 3.38e38, "float32": 3.4e38}[dtype]
    x = np.array([0, 1, 11.08, 11.1, 88.5, 88.7, 88.72283, 89, 1e4, largest])
    x = ops.cast(np.concatenate([-x, x]).astype("float32"), dtype)
    y = km.Exponential(scale)(x)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert np.isfinite(as_float64(y)).all()
    assert (as_float64(y) >= 0).all()


@pytest.mark.parametrize("dtype", LIMITS)
def test_bound_is_the_last_input_whose_exponential_is_finite(dtype):
    bound = ops.cast(np.array([LIMITS[dtype]], "float32"), dtype)
    assert as_float64(bound)[0] == LIMITS[dtype]
    ours = as_float64(km.Exponential()(bound))
    assert ours == as_float64(ops.exp(bound))
    beyond = ops.cast(np.array([LIMITS[dtype] * 1.01], "float32"), dtype)
    assert as_float64(km.Exponential()(beyond)) == ours
    assert np.isinf(as_float64(ops.exp(beyond)))


@pytest.mark.parametrize("dtype", LIMITS)
def test_equals_keras_own_where_that_is_finite(dtype):
    x = ops.cast(np.linspace(-30, 89, 500).astype("float32"), dtype)
    theirs = as_float64(keras.activations.exponential(x))
    finite = np.isfinite(theirs)
    assert finite.sum() > 100
    ours = as_float64(km.Exponential()(x))
    np.testing.assert_array_equal(ours[finite], theirs[finite])


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_returns_the_dtype_of_its_input_under_every_policy(policy):
    keras.config.set_dtype_policy(policy)
    for dtype in ("float16", "float32"):
        layer = km.Exponential()
        x = ops.cast(np.array([[0.5, 100.0]]), dtype)
        assert keras.backend.standardize_dtype(layer(x).dtype) == dtype
        symbolic = layer(keras.KerasTensor((None, 2), dtype=dtype))
        assert (symbolic.shape, symbolic.dtype) == ((None, 2), dtype)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_first_layer_stays_finite_under_mixed_precision(policy, sequences):
    keras.config.set_dtype_policy(policy)
    ours = km.models.cnn_2((100, 4), 1)
    theirs = km.models.cnn_2((100, 4), 1, activation=keras.activations.exponential)
    x = np.tile(sequences, (1, 2, 1))[:, :100].astype("float32")
    for model, is_finite in ((ours, True), (theirs, False)):
        kernel = model.get_layer("first_convolution").kernel
        kernel.assign(kernel * 1000)
        maps = keras.Model(model.inputs[0], model.get_layer("first_activation").output)
        assert np.isfinite(as_float64(maps(x))).all() == is_finite


def test_max_input_cuts_off_and_never_beyond_the_dtype():
    x = np.array([1.0, 5.0, 200.0], dtype="float32")
    np.testing.assert_allclose(
        as_float64(km.Exponential(max_input=2.0)(x)), np.exp([1, 2, 2]), rtol=1e-6
    )
    assert np.isfinite(as_float64(km.Exponential(max_input=1000.0)(x))).all()


def test_integers_become_floats():
    assert as_float64(km.Exponential()(np.array([0, 1])))[0] == 1.0


def test_gradient_is_the_exponential_and_0_beyond_the_bound():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are taken with TensorFlow's tape")
    import tensorflow as tf

    x = tf.constant([1.0, 89.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = km.Exponential(scale=2.0, max_input=100.0)(x)
    gradient = tape.gradient(y, x).numpy()
    np.testing.assert_allclose(gradient, [2 * np.exp(2.0), 0.0], rtol=1e-6)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "1", True])
def test_scale_must_be_finite_and_positive(scale):
    with pytest.raises(ValueError, match="`scale` must be a finite number above 0"):
        km.Exponential(scale)


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), "1"])
def test_max_input_must_be_finite(bound):
    with pytest.raises(ValueError, match="`max_input` must be a finite number"):
        km.Exponential(max_input=bound)


def test_config_holds_everything():
    layer = km.Exponential(0.5, 3.0, name="first")
    copy = km.Exponential.from_config(layer.get_config())
    assert (copy.scale, copy.max_input, copy.name) == (0.5, 3.0, "first")


def test_saved_model_loads_in_a_fresh_process(tmp_path, sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            keras.layers.Conv1D(3, 7, activation=km.Exponential(0.5)),
            keras.layers.Conv1D(2, 3),
            km.Exponential(),
        ]
    )
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", sequences[:4].astype("float32"))
    code = (
        "import sys, numpy as np, keras, keras_motif\n"
        "model = keras.models.load_model(sys.argv[1] + '/model.keras')\n"
        "x = np.load(sys.argv[1] + '/x.npy')\n"
        "np.save(sys.argv[1] + '/y.npy', model.predict(x, verbose=0))\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    expected = model.predict(np.load(tmp_path / "x.npy"), verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-6)
