"""Attribution: values by hand, sums that add up, differences, errors."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km

pytestmark = pytest.mark.keras
LENGTH = 24
# Completeness in float32, as a share of the largest difference of scores.
CLOSE = 1e-5


@pytest.fixture
def x(random):
    return np.eye(4, dtype=np.int8)[random.integers(4, size=(6, LENGTH))]


def linear_model(random, length=LENGTH):
    model = keras.Sequential(
        [keras.Input((length, 4)), layers.Flatten(), layers.Dense(1)]
    )
    weights = random.normal(size=(length, 4)).astype("float32")
    model.layers[-1].set_weights([weights.reshape(-1, 1), np.array([0.5])])
    return model, weights


def network(*middle, last="sigmoid", units=1, hidden="relu"):
    inputs = keras.Input((LENGTH, 4))
    y = layers.Conv1D(6, 5, padding="same")(inputs)
    for layer in middle:
        y = layer(y)
    y = layers.Flatten()(y) if len(y.shape) == 3 else y
    y = layers.Dense(5, activation=hidden)(y)
    return keras.Model(inputs, layers.Dense(units, activation=last)(y))


def moved_batch_norm():
    layer = layers.BatchNormalization()
    layer.build((None, LENGTH, 6))
    layer.set_weights([w + 0.1 * (i + 1) for i, w in enumerate(layer.get_weights())])
    return layer


def prelu():
    return layers.PReLU(alpha_initializer=keras.initializers.Constant(0.3))


ARCHITECTURES = {
    "relu": lambda: [layers.Activation("relu")],
    "batch norm": lambda: [moved_batch_norm(), layers.ReLU()],
    "exponential": lambda: [layers.Activation("exponential")],
    "Exponential": lambda: [km.Exponential()],
    "exp_relu": lambda: [layers.Activation(km.activations.exp_relu)],
    "max pooling": lambda: [layers.ReLU(), layers.MaxPooling1D(4)],
    "same max pooling": lambda: [layers.MaxPooling1D(5, 2, padding="same")],
    "overlapping": lambda: [layers.MaxPooling1D(4, 3)],
    "global max": lambda: [layers.GlobalMaxPooling1D()],
    "gelu": lambda: [layers.Conv1D(4, 3, activation="gelu")],
    "softplus": lambda: [layers.Activation("softplus")],
    "sigmoid": lambda: [layers.Activation("sigmoid")],
    "swish": lambda: [layers.Activation("swish")],
    "prelu": lambda: [prelu()],
    "add": lambda: [lambda y: layers.Add()([y, layers.ReLU()(y)])],
    "multiply": lambda: [lambda y: layers.Multiply()([y, layers.ReLU()(y)])],
    "operations": lambda: [lambda y: ops.relu(y) * ops.sigmoid(y) + 2.0 * y],
    "nested": lambda: [
        keras.Sequential([keras.Input((LENGTH, 6)), layers.Dense(3, "tanh")])
    ],
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_deep_lift_adds_up(name, x):
    model = network(*ARCHITECTURES[name]())
    found = km.attribution.deep_lift_shap(
        model, x, num_references=3, return_completeness=True
    )
    assert found.values.shape == x.shape
    assert found.values.dtype == np.float32
    largest = np.abs((x * found.values).sum(axis=(1, 2))).max()
    assert np.abs(found.completeness_error).max() <= CLOSE * largest


@pytest.mark.parametrize("method", ["integrated_gradients", "deep_lift_shap"])
@pytest.mark.parametrize("references", ["zeros", "uniform", "shuffle"])
def test_contributions_of_a_linear_model_are_its_weights(method, references, random, x):
    model, weights = linear_model(random)
    function = getattr(km.attribution, method)
    h = function(model, x, references=references, num_references=2)
    if references == "zeros":
        expected = np.broadcast_to(weights, h.shape)
    elif references == "uniform":
        centered = weights - weights.mean(axis=1, keepdims=True)
        expected = np.broadcast_to(centered, h.shape)
    else:
        drawn = km.dinucleotide_shuffle(x, 2, seed=0).mean(axis=1)
        expected = weights - (drawn * weights).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(h, expected, atol=1e-5)


def test_gradients_of_a_linear_model(random, x):
    model, weights = linear_model(random)
    expected = np.broadcast_to(weights, x.shape)
    km_a = km.attribution
    np.testing.assert_allclose(km_a.saliency(model, x), expected, atol=1e-6)
    smooth = km_a.smooth_gradient(model, x, num_samples=3)
    np.testing.assert_allclose(smooth, expected, atol=1e-6)
    product = km_a.input_x_gradient(model, x)
    np.testing.assert_allclose(product, x * expected, atol=1e-6)
    present = (x * expected).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(
        km_a.mutagenesis(model, x), expected - present, atol=1e-5
    )


def test_a_rectified_sum_by_hand():
    # f = relu(2 a - 1) of A at the only position; the reference gives 0, A gives 1.
    model = keras.Sequential(
        [keras.Input((1, 4)), layers.Flatten(), layers.Dense(1, activation="relu")]
    )
    kernel = np.array([[2.0], [0.5], [0.0], [0.0]])
    model.layers[-1].set_weights([kernel, np.array([-1.0])])
    x = km.one_hot("A")
    h = km.attribution.deep_lift_shap(model, x, references="zeros")
    # Rescale: from -1 to 1 the rectifier rises by 1 in 2, so multipliers are halved.
    np.testing.assert_allclose(h, [[[1.0, 0.25, 0.0, 0.0]]], atol=1e-6)
    # The gradient is 0 on the first half of the way and the kernel on the second.
    h = km.attribution.integrated_gradients(model, x, num_steps=10)
    np.testing.assert_allclose(h, [[[1.0, 0.25, 0.0, 0.0]]], atol=1e-6)


def test_max_pooling_by_hand():
    # A and C give 3 and 1, the reference's T and G give 0 and 2.
    dense, pool = layers.Dense(1, use_bias=False), layers.MaxPooling1D(2)
    model = keras.Sequential([keras.Input((2, 4)), dense, pool, layers.Flatten()])
    dense.set_weights([np.array([[3.0], [1.0], [2.0], [0.0]])])
    x, reference = km.one_hot("AC"), km.one_hot("TG")
    h = km.attribution.deep_lift_shap(model, x, references=reference)
    # 3 - 2 = 1 goes to position 0, which rose by 3; nothing to position 1.
    np.testing.assert_allclose((x * h).sum(axis=2), [[1.0, 0.0]], atol=1e-6)


def test_saliency_is_the_finite_difference(x):
    model = network(layers.Activation("tanh"), last=None, hidden="softplus")
    gradient = km.attribution.saliency(model, x)
    direction = np.random.default_rng(1).normal(size=x.shape).astype("float32")
    step = 1e-2
    up, down = (
        np.asarray(model.predict(x + s * direction, verbose=0)) for s in (step, -step)
    )
    # Float32 scores near 1 differ by 1e-7, over steps of 2e-2.
    np.testing.assert_allclose(
        (gradient * direction).sum(axis=(1, 2)),
        (up - down)[:, 0] / (2 * step),
        rtol=1e-3,
        atol=1e-3,
    )


def test_mutagenesis_is_the_plain_loop(sequences):
    x = sequences[:2, :LENGTH]
    model = network(layers.ReLU(), last=None)
    found = km.attribution.mutagenesis(model, x, batch_size=50)
    score = model.predict(x, verbose=0)[:, 0]
    slow = np.zeros(x.shape)
    for i, j, b in np.argwhere(x == 0):
        mutant = x[i : i + 1].copy()
        mutant[0, j] = np.eye(4)[b]
        changed = ops.convert_to_numpy(model(mutant.astype("float32")))
        slow[i, j, b] = changed[0, 0] - score[i]
    np.testing.assert_allclose(found, slow, atol=1e-5)
    part = km.attribution.mutagenesis(model, x, window=(3, 7))
    np.testing.assert_allclose(part[:, 3:7], found[:, 3:7], atol=1e-5)
    assert not part[:, :3].any()
    assert not part[:, 7:].any()


def test_more_steps_and_more_references_add_up_better(x):
    model = network(layers.Activation("tanh"))
    errors = [
        np.abs(
            km.attribution.integrated_gradients(
                model, x, num_steps=steps, return_completeness=True
            ).completeness_error
        ).max()
        for steps in (2, 100)
    ]
    assert errors[1] < errors[0] / 3
    errors = [
        np.abs(
            km.attribution.expected_gradients(
                model, x, num_references=num, return_completeness=True
            ).completeness_error
        ).mean()
        for num in (1, 100)
    ]
    assert errors[1] < errors[0]


@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
@pytest.mark.parametrize("apart", [False, True])
def test_logits_are_explained(last, apart, x):
    keras.utils.set_random_seed(1)
    bare = network(last=None, units=3)
    if apart:
        model = keras.Model(bare.inputs, layers.Activation(last)(bare.outputs[0]))
    else:
        model = network(last=last, units=3)
        model.set_weights(bare.get_weights())
    wanted = km.attribution.saliency(bare, x, output=1)
    np.testing.assert_allclose(
        km.attribution.saliency(model, x, output=1), wanted, atol=1e-6
    )
    other = km.attribution.saliency(model, x, output=1, logits=False)
    assert np.abs(other - wanted).max() > 1e-3


def test_outputs_by_name_and_by_function(x):
    inputs = keras.Input((LENGTH, 4))
    y = layers.Flatten()(inputs)
    outputs = [layers.Dense(2, name=name)(y) for name in ("counts", "profile")]
    model = keras.Model(inputs, outputs)
    named = km.attribution.saliency(model, x, output=("profile", 1))
    found = km.attribution.saliency(model, x, output=lambda outs: outs[1][:, 1])
    np.testing.assert_array_equal(named, found)
    with pytest.raises(ValueError, match=r"'counts' with shape \(n, 2\), 'profile'"):
        km.attribution.saliency(model, x, output=0)
    with pytest.raises(ValueError, match="Received \\('signal', 0\\)"):
        km.attribution.saliency(model, x, output=("signal", 0))
    with pytest.raises(ValueError, match="one score for each sequence"):
        km.attribution.saliency(model, x, output=lambda outs: outs[0])


def test_n_contributes_nothing_and_sums_still_add_up(sequences):
    x = sequences[:, :LENGTH]
    model = network(layers.ReLU())
    found = km.attribution.deep_lift_shap(
        model, x, num_references=2, return_completeness=True
    )
    largest = np.abs((x * found.values).sum(axis=(1, 2))).max()
    assert (x == 0).all(axis=2).any()
    assert np.abs(found.completeness_error).max() <= CLOSE * largest


def test_a_batch_size_changes_nothing(x):
    model = network(layers.ReLU(), layers.MaxPooling1D(2))
    whole = km.attribution.deep_lift_shap(model, x, num_references=3)
    parts = km.attribution.deep_lift_shap(model, x, num_references=3, batch_size=4)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = network(layers.ReLU())

    def call(self, x):
        return self.inner(x)


def test_the_model_is_left_as_it_was(x):
    inner = network(layers.Conv1D(4, 3, activation="gelu"))
    model = Subclassed()
    model.build((None, LENGTH, 4))
    for each in (inner, model):
        weights, before = each.get_weights(), each.predict(x, verbose=0)
        h = km.attribution.deep_lift_shap(each, x, num_references=2)
        assert h.any()
        np.testing.assert_array_equal(each.predict(x, verbose=0), before)
        for old, new in zip(weights, each.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
    assert inner.layers[2].activation is keras.activations.gelu
    assert inner.layers[-1].activation is keras.activations.sigmoid


def test_layers_without_a_rule_are_named(x):
    model = network(layers.LayerNormalization(name="norm"), layers.ReLU())
    with pytest.warns(UserWarning, match=r"norm \(LayerNormalization\)"):
        found = km.attribution.deep_lift_shap(
            model, x, num_references=2, return_completeness=True
        )
    assert np.isfinite(found.completeness_error).all()


def test_centred_attributions_sum_to_zero(random):
    values = random.normal(size=(2, 5, 4))
    centered = km.attribution.center(values)
    np.testing.assert_allclose(centered.sum(axis=2), 0, atol=1e-6)
    np.testing.assert_allclose(
        centered[0, 0], values[0, 0] - values[0, 0].mean(), atol=1e-6
    )
    with pytest.raises(ValueError, match=r"shape \(n, length, 4\)"):
        km.attribution.center(values[0])


def dead_model(bias):
    model = network(layers.ReLU(name="dead"))
    conv = model.layers[1]
    conv.set_weights([conv.get_weights()[0] * 0, np.full(6, bias)])
    return model


def test_gradients_that_tell_nothing_name_the_layer(x):
    with pytest.raises(ValueError, match=r"0 everywhere.*'conv1d\S*' is the same"):
        km.attribution.saliency(dead_model(-1.0), x)
    with pytest.raises(ValueError, match=r"not finite: first in .*'conv1d"):
        km.attribution.saliency(dead_model(np.nan), x)


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        ("saliency", {"output": 1}, r"Received 1; the model has .*shape \(n, 1\)"),
        ("saliency", {"batch_size": 0}, "`batch_size` must be"),
        ("smooth_gradient", {"num_samples": 0}, "`num_samples` must be"),
        ("smooth_gradient", {"noise": -1}, "`noise` must be"),
        ("integrated_gradients", {"num_steps": 0}, "`num_steps` must be"),
        ("integrated_gradients", {"references": "zero"}, "Received 'zero'"),
        ("expected_gradients", {"num_references": 0}, "`num_references` must be"),
        ("deep_lift_shap", {"references": np.zeros((9, 4))}, "as long as the sequ"),
        ("deep_lift_shap", {"references": np.zeros((0, 24, 4))}, "at least one"),
        ("mutagenesis", {"window": (5, 40)}, r"Received \(5, 40\)"),
        ("mutagenesis", {"window": 5}, "Received 5"),
    ],
)
def test_options_are_checked(method, options, message, x):
    with pytest.raises(ValueError, match=message):
        getattr(km.attribution, method)(network(), x, **options)


def test_models_and_sequences_are_checked(x):
    saliency = km.attribution.saliency
    with pytest.raises(TypeError, match="`model` must be a Keras model"):
        saliency("model.keras", x)
    with pytest.raises(ValueError, match="one-hot"):
        saliency(network(), ["ACGT"])
    with pytest.raises(ValueError, match="one-hot"):
        saliency(network(), x * 2)
    with pytest.raises(ValueError, match="fit the model's input"):
        saliency(network(), x[:, :9])
    with pytest.raises(ValueError, match="which holds no base"):
        saliency(network(), x[:0])
    with pytest.raises(ValueError, match="sequence 0 of N alone"):
        saliency(network(), x * 0)
    inputs = keras.Input((LENGTH, 4), dtype="int32")
    y = layers.Dense(1)(layers.Flatten()(ops.cast(inputs, "float32")))
    with pytest.raises(ValueError, match="must be of floats"):
        saliency(keras.Model(inputs, y), x)
    two = [keras.Input((LENGTH, 4)), keras.Input((LENGTH, 4))]
    model = keras.Model(two, layers.Dense(1)(layers.Flatten()(layers.Add()(two))))
    with pytest.raises(ValueError, match="can't be told. Name it with `inputs=`"):
        saliency(model, x)
