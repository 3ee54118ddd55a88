"""Attributions of small networks, worked out by hand, and their properties."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km

pytestmark = pytest.mark.keras

A = km.attribution
# One position, one hidden unit before its activation: A gives 2, C 0.5, G -1, T 0.
KERNEL = np.array([[2.0], [0.5], [-1.0], [0.0]])


def two_layers(activation, bias=0.0, weight=3.0):
    """Give f = weight * activation(kernel . x + bias) of one position."""
    hidden = layers.Dense(1, activation=activation)
    last = layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((1, 4)), layers.Flatten(), hidden, last])
    hidden.set_weights([KERNEL, np.array([bias])])
    last.set_weights([np.array([[weight]])])
    return model


def test_exponential_by_hand():
    model, x = two_layers("exponential"), km.one_hot("A")
    row = KERNEL[:, 0]
    # The derivative of 3 e^z at z = 2.
    gradient = 3 * np.exp(2) * row
    np.testing.assert_allclose(A.saliency(model, x)[0, 0], gradient, rtol=1e-5)
    found = A.input_x_gradient(model, x)[0, 0]
    np.testing.assert_allclose(found, gradient * [1, 0, 0, 0], rtol=1e-5)
    # From zeros, z rises from 0 to 2: 3 (e^2 - 1) / 2 for each unit of z.
    slope = 3 * (np.exp(2) - 1) / 2
    h = A.deep_lift_shap(model, x, references="zeros")[0, 0]
    np.testing.assert_allclose(h, slope * row, rtol=1e-5)
    # The way lies on one line, so integrated gradients approach the same.
    h = A.integrated_gradients(model, x, num_steps=200)[0, 0]
    np.testing.assert_allclose(h, slope * row, rtol=1e-4)
    # Against C, z rises from 0.5 to 2, and C itself contributes nothing.
    slope = 3 * (np.exp(2) - np.exp(0.5)) / 1.5
    h = A.deep_lift_shap(model, x, references=km.one_hot("C")[0])[0, 0]
    np.testing.assert_allclose(h, slope * (row - 0.5), rtol=1e-5, atol=1e-5)
    # Uniform bases give z = 0.375; all four shares leave their mean.
    slope = 3 * (np.exp(2) - np.exp(0.375)) / 1.625
    h = A.deep_lift_shap(model, x, references="uniform")[0, 0]
    np.testing.assert_allclose(h, slope * (row - 0.375), rtol=1e-5, atol=1e-5)
    # What C, G and T give instead of A.
    scores = 3 * np.exp(row)
    found = A.mutagenesis(model, x)[0, 0]
    np.testing.assert_allclose(found, scores - scores[0], rtol=1e-5)


def test_points_on_the_way_by_hand():
    model, x = two_layers("exponential"), km.one_hot("A")
    row = KERNEL[:, 0]
    # Two steps are read at a quarter and three quarters of the way from 0 to z = 2.
    mean = 3 * (np.exp(0.5) + np.exp(1.5)) / 2
    h = A.integrated_gradients(model, x, num_steps=2)[0, 0]
    np.testing.assert_allclose(h, mean * row, rtol=1e-5)
    # The seed's one number in [0, 1) is the place on the only way.
    place = np.random.default_rng(7).random((1, 1), dtype=np.float32)[0, 0]
    h = A.expected_gradients(model, x, references="zeros", seed=7)[0, 0]
    np.testing.assert_allclose(h, 3 * np.exp(2 * place) * row, rtol=1e-5)
    noise = np.random.default_rng(7).standard_normal((2, 4), dtype=np.float32)
    z = (x[0] + 0.5 * noise) @ row
    found = A.smooth_gradient(model, x, num_samples=2, noise=0.5, seed=7)[0, 0]
    np.testing.assert_allclose(found, 3 * np.exp(z).mean() * row, rtol=1e-5)


def test_several_references_are_averaged():
    model, x = two_layers("exponential"), km.one_hot("A")
    references = km.one_hot(["C", "T"])
    each = [A.deep_lift_shap(model, x, references=one)[0] for one in references]
    both = A.deep_lift_shap(model, x, references=references)[0]
    np.testing.assert_allclose(both, np.mean(each, axis=0), rtol=1e-6)
    given = references[None]
    np.testing.assert_array_equal(A.deep_lift_shap(model, x, references=given)[0], both)


def test_a_gate_is_shared_evenly_by_hand():
    # f = u v with u = z (2 for A) and v = z + 1, against T: 0 * 1.
    inputs = keras.Input((1, 4))
    dense = layers.Dense(1, use_bias=False)
    z = dense(layers.Flatten()(inputs))
    model = keras.Model(inputs, layers.Multiply()([z, z + 1.0]))
    dense.set_weights([KERNEL])
    h = A.deep_lift_shap(model, km.one_hot("A"), references=km.one_hot("T")[0])
    # u: mean v = 2; v: mean u = 1: 3 for each unit of z, 6 = 2 * 3 - 0 in all.
    np.testing.assert_allclose(h[0, 0], 3 * KERNEL[:, 0], rtol=1e-6)
    square = keras.Model(inputs, z * z)
    h = A.deep_lift_shap(square, km.one_hot("A"), references=km.one_hot("T")[0])
    np.testing.assert_allclose(h[0, 0], 2 * KERNEL[:, 0], rtol=1e-6)


def test_the_larger_of_two_by_hand():
    # A gives (3, 1), T gives (0, 2): the maximum rises by 1, from the second's 2.
    inputs = keras.Input((1, 4))
    one, other = layers.Dense(1, use_bias=False), layers.Dense(1, use_bias=False)
    flat = layers.Flatten()(inputs)
    pair = [one(flat), other(flat)]
    highest = keras.Model(inputs, layers.Maximum()(pair))
    lowest = keras.Model(inputs, ops.minimum(*pair))
    one.set_weights([np.array([[3.0], [0], [0], [0]])])
    other.set_weights([np.array([[1.0], [0], [0], [2.0]])])
    x, reference = km.one_hot("A"), km.one_hot("T")[0]
    h = A.deep_lift_shap(highest, x, references=reference)[0, 0]
    np.testing.assert_allclose(h[0], 1.0, rtol=1e-6)
    h = A.deep_lift_shap(lowest, x, references=reference)[0, 0]
    np.testing.assert_allclose(h[0], 1.0, rtol=1e-6)  # from 0 to 1


@pytest.mark.parametrize("activation", ["tanh", "gelu", "softplus", "swish", "elu"])
def test_nearly_equal_numbers_have_the_derivative(activation):
    # G is nudged so that z moves by 1e-5, where differences are mostly rounding.
    model = two_layers(activation, bias=1.0)
    x = km.one_hot("A").astype(np.float32)
    nudged = x.copy()
    nudged[0, 0, 2] = 1e-5
    h = A.deep_lift_shap(model, x, references=nudged[0])
    exact = A.saliency(model, x)
    shift = (exact * nudged).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(h, exact - shift, rtol=1e-4, atol=1e-5)


def test_twins_contribute_alike():
    # The network can't tell its positions apart, so the same bases share alike.
    inputs = keras.Input((6, 4))
    y = layers.Dense(5, activation="gelu")(inputs)
    y = layers.GlobalAveragePooling1D()(y)
    y = layers.Dense(3, activation="exponential")(y)
    model = keras.Model(inputs, layers.Dense(1)(y))
    x = km.one_hot("ACATCA")
    for method in ("saliency", "integrated_gradients", "deep_lift_shap", "mutagenesis"):
        compared = method in ("integrated_gradients", "deep_lift_shap")
        options = {"references": "uniform"} if compared else {}
        found = getattr(A, method)(model, x, **options)[0]
        np.testing.assert_allclose(found[[2, 5]], found[[0, 0]], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(found[4], found[1], rtol=1e-4, atol=1e-6)


def test_a_sequence_against_itself_contributes_nothing():
    inputs = keras.Input((8, 4))
    y = layers.Conv1D(4, 3, activation="exponential")(inputs)
    y = layers.MaxPooling1D(2)(y)
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(y)))
    x = km.one_hot(["ACGTACGT", "TTGACATA"])
    for method in (A.integrated_gradients, A.deep_lift_shap):
        found = method(model, x, references=x[:, None], return_completeness=True)
        np.testing.assert_allclose((x * found.values).sum(axis=2), 0, atol=1e-6)
        np.testing.assert_allclose(found.completeness_error, 0, atol=1e-6)


class Cubed(layers.Layer):
    def call(self, x):
        return x * x * x


class Scaled(layers.Layer):
    def call(self, x):
        return ops.concatenate([x, ops.flip(x, axis=1)], axis=-1) * 2.0


@pytest.mark.parametrize("layer", [Cubed, Scaled])
def test_layers_of_ones_own_are_measured(layer, recwarn):
    inputs = keras.Input((8, 4))
    y = layer()(layers.Conv1D(4, 3)(inputs))
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(y)))
    found = A.deep_lift_shap(
        model, km.one_hot("ACGTTCGT"), num_references=4, return_completeness=True
    )
    np.testing.assert_allclose(found.completeness_error, 0, atol=1e-6)
    assert not [w for w in recwarn if "no rule" in str(w.message)]


def test_what_is_no_layer_of_its_own_is_named_with_the_model_around():
    inner = keras.Sequential(
        [keras.Input((8, 4)), layers.LSTM(3, name="memory")], name="reader"
    )
    model = keras.Sequential([keras.Input((8, 4)), inner, layers.Dense(1)])
    with pytest.warns(UserWarning, match=r"reader/memory \(LSTM\)"):
        A.deep_lift_shap(model, km.one_hot("ACGTTCGT"), num_references=2)
