import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_motif as km
from keras_motif.extraction import activation_map

pytestmark = pytest.mark.keras

STUDY = list(km.activations.STUDY.items())
FUNCTIONS = [function for _, function in STUDY if callable(function)]

# The definitions, in double precision.
REFERENCES = {
    "relu": lambda x: np.maximum(x, 0),
    "exponential": np.exp,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "linear": lambda x: x,
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "shift_relu": lambda x: np.maximum(x - 0.2, 0),
    "scale_relu": lambda x: np.maximum(x**3, 0),
    "shift_scale_relu": lambda x: np.maximum((x - 0.2) ** 3, 0),
    "shift_sigmoid": lambda x: 1 / (1 + np.exp(8 - x)),
    "scale_sigmoid": lambda x: 4000 / (1 + np.exp(-x)),
    "shift_scale_sigmoid": lambda x: 4000 / (1 + np.exp(8 - x)),
    "shift_tanh": lambda x: np.tanh(x - 6),
    "scale_tanh": lambda x: 500 * np.tanh(x) + 500,
    "shift_scale_tanh": lambda x: 500 * np.tanh(x - 6) + 500,
    "exp_relu": lambda x: np.maximum(np.exp(0.1 * x) - 1, 0),
    "log": lambda x: np.log(np.abs(x)),
    "log_relu": lambda x: np.maximum(np.log(np.abs(x)), 0),
}


def as_float64(tensor):
    return np.asarray(
        ops.convert_to_numpy(ops.cast(tensor, "float32")), dtype=np.float64
    )


def gradient(function, x):
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        variable = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(variable)
            y = ops.sum(function(variable))
        return as_float64(tape.gradient(y, variable))
    if backend == "jax":
        import jax

        return as_float64(jax.grad(lambda v: ops.sum(function(v)))(x))
    variable = ops.convert_to_tensor(x).requires_grad_()
    ops.sum(function(variable)).backward()
    return as_float64(variable.grad)


def test_references_are_all_of_the_studys():
    assert list(REFERENCES) == list(km.activations.STUDY)


@pytest.mark.parametrize(("name", "activation"), STUDY)
def test_values_are_those_of_the_definition(name, activation):
    # 0 is left out: its logarithm is tested below.
    x = np.linspace(-12, 12, 482).astype("float32")
    ours = as_float64(keras.layers.Activation(activation)(x))
    expected = REFERENCES[name](x.astype("float64"))
    # Float32: 7 digits, of the largest term where a tanh nearly cancels 500.
    size = 1000 if name.endswith("scale_tanh") else 1
    np.testing.assert_allclose(ours, expected, rtol=2e-6, atol=3e-7 * size)


def test_values_worked_out_by_hand():
    x = np.array([-2.0, 0.0, 0.2, 1.0, 10.0], "float32")
    by_hand = {
        "shift_relu": [0, 0, 0, 0.8, 9.8],
        "scale_relu": [0, 0, 0.008, 1, 1000],
        "shift_scale_relu": [0, 0, 0, 0.512, 941.192],
        "exp_relu": [0, 0, 0.02020134, 0.10517092, 1.71828183],
        "log": [0.69314718, np.log(1e-10), -1.60943791, 0, 2.30258509],
        "log_relu": [0.69314718, 0, 0, 0, 2.30258509],
        "identity": x,
    }
    for name, expected in by_hand.items():
        ours = as_float64(getattr(km.activations, name)(x))
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6, err_msg=name)
    middle = np.array([0.0, 6.0, 8.0], "float32")
    half = {
        "scale_sigmoid": (0, 2000),
        "shift_sigmoid": (2, 0.5),
        "shift_scale_sigmoid": (2, 2000),
        "shift_tanh": (1, 0),
        "scale_tanh": (0, 500),
        "shift_scale_tanh": (1, 500),
    }
    for name, (index, expected) in half.items():
        assert as_float64(getattr(km.activations, name)(middle))[index] == expected


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_output_is_finite_for_every_finite_input(function, dtype):
    largest = {"float16": 65504.0, "bfloat16": 3.38e38, "float32": 3.4e38}[dtype]
    x = np.array([0, 1e-12, 1e-7, 0.2, 1, 11, 40, 41, 120, 900, 1e4, largest])
    x = ops.cast(np.concatenate([-x, x]).astype("float32"), dtype)
    y = function(x)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert np.isfinite(as_float64(y)).all()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients_are_finite_for_every_finite_input(function):
    x = np.array([0, 1e-12, 1e-9, 0.2, 1, 6, 8, 1e3, 1e13, 3.4e38], "float32")
    x = np.concatenate([-x, x])
    assert np.isfinite(gradient(function, x)).all()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_gradients_are_those_of_the_definition(function):
    name = next(name for name, other in STUDY if other is function)
    x = np.array([-9.0, -3.0, -0.5, 0.5, 1.5, 3.0, 7.0, 9.0])
    step = 1e-5
    up, down = REFERENCES[name](x + step), REFERENCES[name](x - step)
    # The differences are good to about 1e-7 of the largest value. Near tanh(x) = -1 the
    # gradient of 500 tanh(x), 500 (1 - tanh(x)^2), moves by 6e-5 with each float32 step
    # of tanh(x); backends' tanh is a few steps off.
    np.testing.assert_allclose(
        gradient(function, x.astype("float32")),
        (up - down) / (2 * step),
        rtol=1e-4,
        atol=3e-4,
    )


def test_gradients_at_0():
    zero = np.zeros(1, "float32")
    assert gradient(km.activations.log, zero) == 0
    assert gradient(km.activations.log_relu, zero) == 0
    assert gradient(km.activations.identity, zero) == 1
    assert gradient(km.activations.scale_sigmoid, zero) == 1000
    assert gradient(km.activations.scale_tanh, zero) == 500


@pytest.mark.parametrize(("name", "activation"), STUDY)
def test_extraction_finds_each_without_being_told(name, activation, sequences):
    builders = [km.models.cnn_2, km.models.cnn_deep]
    for build in builders:
        model = build((100, 4), 1, activation=activation)
        assert activation_map(model).names == ["first_activation"]
    own = keras.Sequential(
        [keras.Input((60, 4)), keras.layers.Conv1D(3, 7, activation=activation)]
    )
    following = keras.Sequential(
        [
            keras.Input((60, 4)),
            keras.layers.Conv1D(3, 7),
            keras.layers.BatchNormalization(),
            keras.layers.Activation(activation),
        ]
    )
    for model in (own, following):
        assert [motif.width for motif in km.extract_motifs(model, sequences)] == [7] * 3


def test_each_can_be_put_into_a_model_that_exists():
    model = km.models.cnn_2((100, 4), 1, activation="relu")
    copy = km.with_first_activation(model, km.activations.log_relu)
    layer = copy.get_layer("first_activation")
    assert layer.activation is km.activations.log_relu


def test_saved_models_load_in_a_fresh_process(tmp_path, sequences):
    inputs = keras.Input((60, 4))
    branches = []
    for _, activation in STUDY:
        x = keras.layers.Conv1D(1, 7, activation=activation)(inputs)
        branches.append(x)
        x = keras.layers.BatchNormalization()(keras.layers.Conv1D(1, 7)(inputs))
        branches.append(keras.layers.Activation(activation)(x))
    model = keras.Model(inputs, keras.layers.Concatenate()(branches))
    model.save(tmp_path / "model.keras")
    x = sequences[:4].astype("float32")
    np.save(tmp_path / "x.npy", x)
    code = (
        "import sys, numpy as np, keras, keras_motif\n"
        "model = keras.models.load_model(sys.argv[1] + '/model.keras')\n"
        "x = np.load(sys.argv[1] + '/x.npy')\n"
        "np.save(sys.argv[1] + '/y.npy', model.predict(x, verbose=0))\n"
        "names = [x.activation.__name__ for x in model.layers\n"
        "         if isinstance(x, keras.layers.Activation)]\n"
        "print(*names)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ,
    )
    names = [getattr(activation, "__name__", activation) for _, activation in STUDY]
    assert done.stdout.split() == names
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-5)


def test_the_scaled_exponentials_are_a_layer():
    model = km.models.cnn_2(
        activation=km.Exponential(km.activations.EXPONENTIAL_SCALES[0])
    )
    assert model.get_layer("first_activation").scale == 0.001


def test_they_can_be_imported_by_name():
    from keras_motif.activations import shift_relu

    assert shift_relu is km.activations.STUDY["shift_relu"]
    assert shift_relu is km.layers.activations.shift_relu
    with pytest.raises(TypeError, match="does not support item assignment"):
        km.activations.STUDY["relu"] = "elu"
