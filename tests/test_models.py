import keras
import numpy as np
import pytest

import keras_motif as km

pytestmark = pytest.mark.keras

BUILDERS = [
    (km.models.cnn_2, 161_388, 100),
    (km.models.cnn_50, 161_388, 100),
    (km.models.cnn_deep, 429_132, 36),
]


@pytest.mark.parametrize(("build", "num_params", "shortest"), BUILDERS)
def test_networks_are_the_studys(build, num_params, shortest):
    model = build()
    assert model.count_params() == num_params
    assert not model.compiled
    convolution = model.get_layer("first_convolution")
    assert (convolution.filters, convolution.kernel_size) == (30, (19,))
    assert isinstance(model.get_layer("first_activation"), km.Exponential)
    others = [x for x in model.layers if isinstance(x, keras.layers.Activation)]
    assert {x.activation.__name__ for x in others} == {"relu"}


def test_layers_stand_in_the_studys_order():
    kinds = [type(layer).__name__ for layer in km.models.cnn_deep().layers]
    hidden = ["Conv1D", "BatchNormalization", "Activation", "Dropout"]
    pooled = [*hidden, "MaxPooling1D"]
    first = ["Conv1D", "BatchNormalization", "Exponential", "Dropout"]
    tail = ["Flatten", "Dense", "BatchNormalization", "Activation", "Dropout", "Dense"]
    assert kinds == ["InputLayer", *first, *pooled * 3, *tail]
    rates = [x.rate for x in km.models.cnn_deep().layers if hasattr(x, "rate")]
    assert rates == [0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.mark.parametrize(("build", "num_params", "shortest"), BUILDERS)
def test_shortest_input_works_and_a_shorter_one_is_named(build, num_params, shortest):
    model = build((shortest, 4), 3)
    x = np.zeros((2, shortest, 4), "float32")
    assert model.predict(x, verbose=0).shape == (2, 3)
    with pytest.raises(ValueError, match=f"length of {shortest} or more"):
        build((shortest - 1, 4))


def test_input_must_have_four_channels():
    with pytest.raises(ValueError, match=r"must be \(length, 4\)"):
        km.models.cnn_2((200, 5))
    with pytest.raises(ValueError, match="length of 100 or more"):
        km.models.cnn_2((None, 4))


@pytest.mark.parametrize(
    "activation", ["relu", "tanh", keras.ops.sigmoid, km.Exponential(0.5)]
)
def test_first_activation_is_a_string_a_callable_or_a_layer(activation):
    model = km.models.cnn_2(activation=activation)
    layer = model.get_layer("first_activation")
    assert layer is not activation
    if isinstance(activation, km.Exponential):
        assert layer.scale == 0.5


def test_unknown_activations_are_refused():
    with pytest.raises(ValueError, match="'expnential' is no name that Keras knows"):
        km.models.cnn_2(activation="expnential")
    with pytest.raises(TypeError, match="must be a string, a callable or a layer"):
        km.models.cnn_2(activation=3)


def own_activation_model():
    return keras.Sequential(
        [
            keras.Input((60, 4)),
            keras.layers.Conv1D(5, 7, activation="relu", name="conv"),
            keras.layers.Conv1D(5, 3, activation="relu", name="second"),
        ]
    )


def test_with_first_activation_replaces_a_convolutions_own(sequences):
    model = own_activation_model()
    before = model.get_config()
    copy = km.with_first_activation(model)
    assert model.get_config() == before
    assert isinstance(copy.get_layer("conv").activation, km.Exponential)
    assert copy.get_layer("second").activation is keras.activations.relu
    for ours, theirs in zip(copy.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    x = sequences.astype("float32")
    linear = keras.layers.Conv1D(5, 7)
    linear.build(x.shape)
    linear.set_weights(model.get_layer("conv").get_weights())
    expected = np.exp(keras.ops.convert_to_numpy(linear(x)))
    maps = keras.Model(copy.inputs, copy.get_layer("conv").output)
    np.testing.assert_allclose(maps.predict(x, verbose=0), expected, rtol=1e-4)


def test_with_first_activation_replaces_the_layer_that_follows():
    model = km.models.cnn_deep(activation="relu")
    copy = km.with_first_activation(model, km.Exponential(0.5))
    assert copy.get_layer("first_activation").scale == 0.5
    assert not copy.compiled
    assert copy.count_params() == model.count_params()
    back = km.with_first_activation(copy, "relu")
    assert back.get_layer("first_activation").activation is keras.activations.relu


def test_with_first_activation_reaches_into_nested_models():
    model = keras.Sequential([keras.Input((60, 4)), own_activation_model()])
    copy = km.with_first_activation(model)
    inner = copy.layers[0].get_layer("conv")
    assert isinstance(inner.activation, km.Exponential)


def test_with_first_activation_survives_saving(tmp_path):
    copy = km.with_first_activation(own_activation_model())
    copy.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.get_layer("conv").activation, km.Exponential)


def test_with_first_activation_says_what_it_cannot_do():
    with pytest.raises(TypeError, match="must be a Keras model"):
        km.with_first_activation("model")
    inputs = keras.Input((60, 4))
    maps = keras.ops.relu(keras.layers.Conv1D(3, 5)(inputs))
    with pytest.raises(ValueError, match="is a Keras operation and not a layer"):
        km.with_first_activation(keras.Model(inputs, maps))
    with pytest.raises(ValueError, match="subclassed or has not been built"):
        km.with_first_activation(keras.Sequential([keras.layers.Conv1D(3, 5)]))
