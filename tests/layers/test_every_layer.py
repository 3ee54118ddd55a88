"""What holds for every layer, whichever: half precision, compilation."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km

pytestmark = pytest.mark.keras

SEQUENCES, PAIRED = (20, 4), (20, 6)
# Of each layer: what makes it, what it takes, and by how much its weights are large.
LAYERS = {
    "Exponential": (lambda: km.Exponential(3.0), PAIRED, 1),
    "RectifiedPolynomial": (lambda: km.layers.RectifiedPolynomial(5), PAIRED, 1),
    "RandomReverseComplement": (
        lambda: km.layers.RandomReverseComplement(seed=1),
        SEQUENCES,
        1,
    ),
    "PWMConv1D": (lambda: km.layers.PWMConv1D(3, 5), SEQUENCES, 1000),
    "RevCompConv1D": (lambda: km.layers.RevCompConv1D(3, 5), SEQUENCES, 1000),
    "RevCompConv1D, deep": (lambda: km.layers.RevCompConv1D(3, 5), PAIRED, 0.1),
    "RevCompBatchNormalization": (km.layers.RevCompBatchNormalization, PAIRED, 1),
    "RevCompFold, max": (lambda: km.layers.RevCompFold("max"), PAIRED, 1),
    "RevCompFold, mean": (lambda: km.layers.RevCompFold("mean"), PAIRED, 1),
    "RevCompFold, sum": (lambda: km.layers.RevCompFold("sum"), PAIRED, 0.5),
}
LARGEST = {"float16": 65504.0, "bfloat16": 1e18}


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def built(name, large=False):
    make, shape, factor = LAYERS[name]
    layer = make()
    layer.build((None, *shape))
    if large and shape == SEQUENCES:
        for weight in layer.trainable_weights:
            if "log_scale" not in weight.path:
                weight.assign(weight * factor)
    return layer


def inputs(name, largest=3.0):
    """Return one-hot sequences, or values of both signs up to the largest."""
    _, shape, factor = LAYERS[name]
    random = np.random.default_rng(0)
    if shape == SEQUENCES:
        return np.eye(4, dtype="float32")[random.integers(0, 4, (8, 20))]
    x = random.uniform(-1, 1, (8, *shape))
    x[0, 0] = [1, 1, 1, 1, 1, 1]
    x[0, -1] = [1, -1, 1, 1, -1, 1]
    return (x * largest * min(factor, 1)).astype("float32")


def test_no_layer_is_left_out():
    registered = {
        name.removeprefix("keras_motif>")
        for name, kind in keras.saving.get_custom_objects().items()
        if name.startswith("keras_motif>")
        and isinstance(kind, type)
        and issubclass(kind, layers.Layer)
    }
    assert {name.partition(",")[0] for name in LAYERS} == registered


@pytest.mark.parametrize("dtype", LARGEST)
@pytest.mark.parametrize("mixed", ["", "mixed_"])
@pytest.mark.parametrize("name", LAYERS)
def test_large_values_are_finite_in_half_precision(name, mixed, dtype):
    keras.config.set_dtype_policy(mixed + dtype)
    layer = built(name, large=True)
    x = ops.cast(inputs(name, LARGEST[dtype]), dtype)
    for training in (False, True):
        y = layer(x, training=training)
        assert keras.backend.standardize_dtype(y.dtype) == dtype
        assert np.isfinite(numpy(y)).all()
    weights = [numpy(weight) for weight in layer.weights]
    assert all(np.isfinite(weight).all() for weight in weights)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_compile_and_compute_the_same(name):
    layer = built(name)
    x = ops.convert_to_tensor(inputs(name))
    expected = numpy(layer(x))
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        def step(x, training):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = layer(x, training=training)
                loss = ops.sum(y)
            return y, tape.gradient(loss, [x, *layer.trainable_weights])

        compiled = tf.function(step, jit_compile=True)
    elif backend == "jax":
        import jax

        # `stateless_call` of a layer passes over `training`, that of a model doesn't.
        model = keras.Sequential([keras.Input(x.shape[1:]), layer])
        trained = [weight.value for weight in model.trainable_variables]
        others = [weight.value for weight in model.non_trainable_variables]

        def loss(trained, x, training):
            y, _ = model.stateless_call(trained, others, x, training=training)
            return ops.sum(y), y

        def compiled(x, training):
            step = jax.value_and_grad(loss, (0, 1), has_aux=True)
            (_, y), (slopes, slope) = jax.jit(step, static_argnums=2)(
                trained, x, training
            )
            return y, [slope, *slopes]

    else:
        pytest.skip("PyTorch has no XLA")
    for training in (False, True):
        y, slopes = compiled(x, training)
        if not training:
            np.testing.assert_allclose(numpy(y), expected, rtol=1e-4, atol=1e-5)
        assert all(np.isfinite(numpy(slope)).all() for slope in slopes)
