"""The rectified polynomial."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km
from keras_motif.extraction import activation_map
from keras_motif.layers import RectifiedPolynomial

pytestmark = pytest.mark.keras

LARGEST = {"float16": 65504.0, "bfloat16": 3.38e38, "float32": 3.4e38}


def as_float64(tensor):
    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")), np.float64)


@pytest.mark.parametrize("order", [1, 2, 3, 7])
def test_values_are_powers(order):
    x = np.linspace(-3, 3, 25).astype("float32")
    expected = np.maximum(x.astype(float), 0) ** order
    np.testing.assert_allclose(
        as_float64(RectifiedPolynomial(order)(x)), expected, 1e-5
    )


def test_order_3_is_the_studys():
    x = np.linspace(-3, 30, 50).astype("float32")
    ours = as_float64(RectifiedPolynomial(3)(x))
    np.testing.assert_allclose(ours, as_float64(km.activations.scale_relu(x)), 1e-6)
    assert km.activations.RectifiedPolynomial is RectifiedPolynomial


@pytest.mark.parametrize("dtype", LARGEST)
@pytest.mark.parametrize("order", [1, 2, 3, 10, 30])
def test_output_and_gradient_are_finite(order, dtype):
    x = np.array([0, 1e-7, 0.5, 1, 3, 40, 300, 1e4, LARGEST[dtype]], "float32")
    x = ops.cast(np.concatenate([-x, x]), dtype)
    layer = RectifiedPolynomial(order)
    y = layer(x)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert np.isfinite(as_float64(y)).all()
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        slope = tape.gradient(y, x)
    elif backend == "jax":
        import jax

        slope = jax.vmap(jax.grad(layer))(x)
    else:
        x = x.detach().requires_grad_()
        layer(x).backward(ops.ones_like(x))
        slope = x.grad
    assert np.isfinite(as_float64(slope)).all()


def test_networks_train_with_it_and_are_read(sequences):
    model = km.models.cnn_2(
        (60, 4), 1, activation=RectifiedPolynomial(4), pools=(2, 25)
    )
    assert activation_map(model).names == ["first_activation"]
    jit = keras.backend.backend() != "torch"
    model.compile("adam", "binary_crossentropy", jit_compile=jit)
    model.fit(sequences[:8], np.zeros(8), verbose=0)
    own = keras.Sequential(
        [keras.Input((60, 4)), layers.Conv1D(3, 7, activation=RectifiedPolynomial(2))]
    )
    assert [motif.width for motif in km.extract_motifs(own, sequences)] == [7] * 3
    copy = km.with_first_activation(own, RectifiedPolynomial(5))
    assert copy.layers[0].activation.order == 5


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    conv = layers.Conv1D(3, 7, activation=RectifiedPolynomial(2))
    model = keras.Sequential([keras.Input((60, 4)), conv, RectifiedPolynomial(5)])
    model.save(tmp_path / "model.keras")
    code = (
        "import keras, keras_motif\n"
        "conv, layer = keras.models.load_model('model.keras').layers\n"
        "print(conv.activation.order, layer.order)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["2", "5"]
    layer = RectifiedPolynomial(2)
    assert layer.compute_output_shape((None, 7, 3)) == (None, 7, 3)
    symbolic = layer(keras.KerasTensor((None, 7), dtype="float16"))
    assert (symbolic.shape, symbolic.dtype) == ((None, 7), "float16")


@pytest.mark.parametrize("order", [0, -1, 31, 2.0, True, "2", None])
def test_order_is_a_whole_number(order):
    with pytest.raises(ValueError, match="`order` must be a whole number from 1 to 30"):
        RectifiedPolynomial(order)
