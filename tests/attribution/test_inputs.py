"""Inputs, N, precisions and outputs that attribution takes, and what it refuses."""

import re

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km

pytestmark = pytest.mark.keras
LENGTH = 12


@pytest.fixture
def x(random):
    return np.eye(4, dtype=np.int8)[random.integers(4, size=(4, LENGTH))]


def two_inputs():
    """f = (sum of w * sequence) * dose, of sequences with w = 1, 2, 3, 4."""
    sequence = keras.Input((LENGTH, 4), name="sequence")
    dose = keras.Input((1,), name="dose")
    score = layers.Dense(1, use_bias=False, name="score")
    total = ops.sum(score(sequence), axis=1)
    model = keras.Model([sequence, dose], layers.Multiply()([total, dose]))
    score.set_weights([np.array([[1.0], [2.0], [3.0], [4.0]])])
    return model


@pytest.mark.parametrize(
    "method", ["saliency", "integrated_gradients", "deep_lift_shap"]
)
def test_other_inputs_stay_as_they_are(method, x):
    dose = np.arange(1, 5, dtype=np.float32)[:, None]
    function = getattr(km.attribution, method)
    options = {} if method == "saliency" else {"references": "zeros"}
    expected = np.broadcast_to(dose[:, :, None] * np.array([1, 2, 3, 4]), x.shape)
    model = two_inputs()
    for given in ({"dose": dose, "sequence": x}, [x, dose]):
        # Batches of 3 leave one, which is filled up.
        found = function(model, given, batch_size=3, **options)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_mutations_beside_another_input(x):
    dose = np.full((4, 1), 2.0)
    found = km.attribution.mutagenesis(two_inputs(), [x, dose], inputs="sequence")
    weights = np.array([1, 2, 3, 4])
    expected = 2 * (weights - (x * weights).sum(axis=2, keepdims=True))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_inputs_that_are_missing_are_named(x):
    saliency, model = km.attribution.saliency, two_inputs()
    dose = np.ones((4, 1), np.float32)
    with pytest.raises(ValueError, match="2 inputs: sequence, dose.*dict by name"):
        saliency(model, x)
    with pytest.raises(ValueError, match="Received the keys sequence, amount"):
        saliency(model, {"sequence": x, "amount": dose})
    with pytest.raises(ValueError, match="Received 3 arrays"):
        saliency(model, [x, dose, dose])
    with pytest.raises(ValueError, match=r"input 'dose' must have shape \(4, 1\)"):
        saliency(model, [x, dose[:3]])
    with pytest.raises(ValueError, match="input of the model: sequence, dose. Rec"):
        saliency(model, [x, dose], inputs="doses")
    with pytest.raises(ValueError, match="must fit the model's input"):
        saliency(model, {"sequence": x[:, :5], "dose": dose})


def pooled(dtype="float32"):
    """Give a small network of any length with smooth and kinked activations."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((None, 4))
    y = layers.Conv1D(5, 3, activation="relu", padding="same", dtype=dtype)(inputs)
    y = layers.GlobalAveragePooling1D(dtype=dtype)(y)
    y = layers.Dense(4, activation="tanh", dtype=dtype)(y)
    return keras.Model(inputs, layers.Dense(1, dtype=dtype)(y))


def test_a_model_of_any_length(x):
    model = pooled()
    for part in (x, x[:, :7]):
        found = km.attribution.deep_lift_shap(
            model, part, num_references=2, return_completeness=True
        )
        assert found.values.shape == part.shape
        assert np.abs(found.completeness_error).max() < 1e-6


@pytest.mark.parametrize("dtype", ["mixed_bfloat16", "bfloat16"])
def test_low_precision_is_explained_in_float32(dtype, x):
    exact, low = pooled(), pooled(dtype)
    weights = [np.asarray(w, np.float32) for w in low.get_weights()]
    if dtype == "bfloat16":  # whose weights are rounded
        exact.set_weights(weights)
    else:
        low.set_weights(exact.get_weights())
    for method in ("saliency", "deep_lift_shap", "mutagenesis"):
        function = getattr(km.attribution, method)
        found, wanted = function(low, x), function(exact, x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=1e-6 * np.abs(wanted).max())
    assert low.layers[1].compute_dtype == "bfloat16"


@pytest.mark.parametrize("n", [0.0, 0.25])
def test_n_stays_n(n, x):
    x = x.astype(np.float32)
    x[:, 3:5] = n
    model = pooled()
    for references in ("shuffle", "uniform"):
        found = km.attribution.deep_lift_shap(
            model, x, references=references, return_completeness=True
        )
        assert np.abs(found.completeness_error).max() < 1e-6
        np.testing.assert_allclose((x * found.values)[:, 3:5].sum(2), 0, atol=1e-7)
    mutated = km.attribution.mutagenesis(model, x)
    assert (mutated[:, 3:5] != 0).all()


def test_references_of_a_sequence_dont_depend_on_batches(x):
    model = pooled()
    whole = km.attribution.deep_lift_shap(model, x, num_references=10)
    parts = km.attribution.deep_lift_shap(model, x, num_references=10, batch_size=3)
    np.testing.assert_allclose(parts, whole, atol=1e-6)
    for method, count in [
        ("smooth_gradient", "num_samples"),
        ("expected_gradients", "num_references"),
    ]:
        function, options = getattr(km.attribution, method), {count: 5}
        parts = function(model, x, batch_size=3, **options)
        np.testing.assert_allclose(parts, function(model, x, **options), atol=1e-6)


def two_outputs():
    inputs = keras.Input((LENGTH, 4))
    y = layers.Flatten()(inputs)
    return keras.Model(
        inputs, {"profile": layers.Dense(3)(y), "counts": layers.Dense(1)(y)}
    )


def test_outputs_of_a_dict_go_by_their_keys(x):
    model, saliency = two_outputs(), km.attribution.saliency
    by_name = saliency(model, x, output="counts")
    np.testing.assert_array_equal(by_name, saliency(model, x, output=("counts", 0)))
    found = saliency(model, x, output=lambda y: y["counts"][:, 0])
    np.testing.assert_array_equal(by_name, found)
    profile = saliency(model, x, output=lambda y: ops.max(y["profile"], axis=1))
    each = [saliency(model, x, output=("profile", i)) for i in range(3)]
    highest = np.argmax(model.predict(x, verbose=0)["profile"], axis=1)
    expected = [each[unit][row] for row, unit in enumerate(highest)]
    np.testing.assert_array_equal(profile, expected)


@pytest.mark.parametrize("output", [None, 0, "profile", ("counts", 1), ("profile", -1)])
def test_outputs_that_are_not_there_are_listed(output, x):
    message = r"'counts' with shape \(n, 1\), 'profile' with shape \(n, 3\)"
    with pytest.raises(ValueError, match=message) as error:
        km.attribution.saliency(two_outputs(), x, output=output)
    assert f"Received {output!r}" in str(error.value)


def test_a_score_before_sigmoid_and_cast(x):
    inputs = keras.Input((LENGTH, 4))
    y = layers.Dense(1, activation="sigmoid")(layers.Flatten()(inputs))
    model = keras.Model(inputs, layers.Activation("linear", dtype="float32")(y))
    kernel = model.layers[2].get_weights()[0].reshape(LENGTH, 4)
    np.testing.assert_allclose(
        km.attribution.saliency(model, x), np.broadcast_to(kernel, x.shape), rtol=1e-5
    )


def test_a_sigmoid_that_is_read_twice_stays(x):
    inputs = keras.Input((LENGTH, 4))
    gate = layers.Dense(1, activation="sigmoid", name="gate")(layers.Flatten()(inputs))
    model = keras.Model(inputs, [gate, layers.Dense(1, name="next")(gate)])
    weight = model.get_layer("next").get_weights()[0][0, 0]
    probability = model.predict(x, verbose=0)[0]
    logit = km.attribution.saliency(model, x, output="gate")
    behind = km.attribution.saliency(model, x, output="next")
    slope = weight * probability * (1 - probability)
    np.testing.assert_allclose(behind, logit * slope[:, :, None], rtol=1e-4, atol=1e-7)


class Branching(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(3), layers.Dense(1)

    def call(self, x):
        y = self.first(x)
        if float(ops.convert_to_numpy(ops.sum(y))) > 0:
            y = -y
        return self.second(ops.sum(y, axis=1))


def test_a_call_that_cannot_be_followed_is_refused(x):
    model = Branching()
    model(x.astype("float32"))
    with pytest.raises(ValueError, match="can't be followed to its outputs"):
        km.attribution.saliency(model, x)


def network_with(*middle):
    inputs = y = keras.Input((LENGTH, 4))
    for layer in middle:
        y = layer(y)
    return keras.Model(inputs, layers.Dense(1, name="last")(layers.Flatten()(y)))


def test_the_layer_that_makes_gradients_vanish_is_named(x):
    dead = layers.Dense(3, bias_initializer=keras.initializers.Constant(-9), name="low")
    model = network_with(dead, layers.ReLU(name="shut"))
    with pytest.raises(ValueError, match=r"0 everywhere.*'shut' is 0 for all"):
        km.attribution.saliency(model, x)
    model = network_with(layers.Dense(3))
    model.get_layer("last").set_weights([np.zeros((36, 1)), np.ones(1)])
    with pytest.raises(ValueError, match=r"'last' is the same for all"):
        km.attribution.deep_lift_shap(model, x)
    broken = layers.Dense(2, name="broken")
    model = network_with(layers.Dense(3), broken)
    broken.set_weights([np.full((3, 2), np.nan), np.zeros(2)])
    for method in ("saliency", "deep_lift_shap", "mutagenesis", "expected_gradients"):
        with pytest.raises(ValueError, match=r"not finite: first in .*'broken'"):
            getattr(km.attribution, method)(model, x)


def test_sites_alone_are_mutated(x):
    pd = pytest.importorskip("pandas")
    model = pooled()
    found = km.attribution.mutagenesis(model, x)
    sites = pd.DataFrame(
        {"sequence": [0, 0, 2], "start": [1, 2, 10], "end": [3, 5, 12]}
    )
    inside = np.zeros(x.shape[:2], bool)
    inside[0, 1:5] = inside[2, 10:12] = True
    expected = np.where(inside[:, :, None], found, 0)
    for only in (sites, inside):
        part = km.attribution.mutagenesis(model, x, only_sites=only)
        np.testing.assert_allclose(part, expected, atol=1e-6)
    both = km.attribution.mutagenesis(model, x, only_sites=inside, window=(0, 3))
    np.testing.assert_allclose(both[:, :3], expected[:, :3], atol=1e-6)
    assert not both[:, 3:].any()
    # None of them: nothing changes.
    assert not km.attribution.mutagenesis(model, x, only_sites=inside & False).any()
    for wrong, message in [
        (inside[:2], re.escape("booleans of shape (4, 12)")),
        (inside.astype(int), "Received int64"),
        (sites.drop(columns="end"), "lacks end"),
        (sites.assign(end=[3, 5, 13]), "Received sequence 2, 10 to 13, in row 2"),
    ]:
        with pytest.raises(ValueError, match=message):
            km.attribution.mutagenesis(model, x, only_sites=wrong)
