import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from support.networks import layer_map

pytestmark = pytest.mark.keras


def conv_model(*tail, **conv):
    first = layers.Conv1D(3, 5, name="conv", **conv)
    return keras.Sequential([keras.Input((40, 4)), first, *tail])


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (lambda: conv_model(activation="relu"), "conv"),
        (lambda: conv_model(activation="exponential"), "conv"),
        (lambda: conv_model(activation=km.Exponential()), "conv"),
        (lambda: conv_model(layers.Activation("relu", name="act")), "act"),
        (lambda: conv_model(layers.ReLU(name="act")), "act"),
        (lambda: conv_model(layers.LeakyReLU(name="act")), "act"),
        (
            lambda: conv_model(
                layers.BatchNormalization(),
                layers.Dropout(0.1),
                layers.Activation("linear"),
                km.Exponential(name="act"),
            ),
            "act",
        ),
        (km.models.cnn_2, "first_activation"),
        (km.models.cnn_50, "first_activation"),
        (km.models.cnn_deep, "first_activation"),
    ],
)
def test_first_activation_is_found(model, name):
    assert layer_map(model()).name == name


@pytest.mark.parametrize(
    "function",
    [
        keras.ops.relu,
        keras.ops.exp,
        keras.activations.relu,
        keras.activations.exponential,
        keras.activations.softplus,
        keras.activations.leaky_relu,
    ],
)
def test_operations_count_as_activations(function, sequences):
    inputs = keras.Input((60, 4))
    linear = layers.BatchNormalization()(layers.Conv1D(3, 5)(inputs))
    active = function(linear)
    model = keras.Model(inputs, layers.Dense(1)(layers.Flatten()(active)))
    expected = keras.Model(inputs, active).predict(sequences, verbose=0)
    np.testing.assert_allclose(
        layer_map(model)(sequences), expected, rtol=1e-4, atol=1e-6
    )


def test_activation_is_sought_beyond_a_pool_but_not_a_layer_of_its_own():
    model = conv_model(layers.MaxPooling1D(2, name="pool"), layers.ReLU(name="act"))
    assert layer_map(model).name == "act"
    model = conv_model(layers.Dense(3, name="mix"), layers.ReLU(name="act"))
    with pytest.raises(ValueError, match=r"Layers to choose from: conv, mix, act\."):
        layer_map(model)
    assert layer_map(model, "conv").name == "conv"


def test_convolution_with_two_followers_is_ambiguous():
    inputs = keras.Input((40, 4))
    maps = layers.Conv1D(3, 5)(inputs)
    model = keras.Model(inputs, [layers.ReLU()(maps), layers.ReLU()(maps)])
    with pytest.raises(ValueError, match="cannot be told"):
        layer_map(model)


def test_model_without_convolution_says_so():
    model = keras.Sequential([keras.Input((40, 4)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(
        ValueError, match=r"no layer with filters along .* gives one row"
    ):
        layer_map(model)


@pytest.mark.parametrize("layer", ["missing", 9, layers.ReLU(name="foreign")])
def test_missing_layer_lists_the_candidates(layer):
    with pytest.raises(ValueError, match="`layer` must .* choose from: conv"):
        layer_map(conv_model(activation="relu"), layer)


@pytest.mark.parametrize("layer", [1.5, True])
def test_layer_of_a_wrong_kind(layer):
    with pytest.raises(TypeError, match="`layer` must be a layer's name"):
        layer_map(conv_model(activation="relu"), layer)


def test_layer_by_name_index_and_object_is_the_same():
    model = conv_model(layers.ReLU(name="act"))
    for layer in ("act", 1, -1, model.layers[1]):
        assert layer_map(model, layer).name == "act"


def test_layer_without_positions_is_refused():
    model = conv_model(layers.Flatten(name="flat"))
    with pytest.raises(ValueError, match="'flat' must give maps of shape"):
        layer_map(model, "flat")


def test_input_layer_is_refused():
    inputs = keras.Input((40, 4), name="dna")
    model = keras.Model(inputs, layers.Conv1D(3, 5, activation="relu")(inputs))
    with pytest.raises(ValueError, match="'dna' is an input"):
        layer_map(model, "dna")


def test_unbuilt_and_subclassed_models_say_what_to_do():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    for model in (keras.Sequential([layers.Conv1D(3, 5)]), Subclassed()):
        with pytest.raises(ValueError, match=r"model\.build\(\(None, length, 4\)\)"):
            layer_map(model)
    with pytest.raises(TypeError, match="`model` must be a Keras model"):
        layer_map(None)


def test_layers_shared_with_another_model_give_this_models_maps(sequences):
    conv = layers.Conv1D(3, 5, activation="relu")
    keras.Sequential([keras.Input((30, 4)), conv])
    model = keras.Sequential([keras.Input((60, 4)), conv])
    np.testing.assert_allclose(
        layer_map(model)(sequences),
        model.predict(sequences, verbose=0),
        rtol=1e-4,
        atol=1e-6,
    )


def test_maps_that_need_one_of_two_inputs_take_only_that(sequences):
    dna, extra = keras.Input((60, 4)), keras.Input((2,))
    maps = layers.Conv1D(3, 5, activation="relu")(dna)
    joined = layers.Concatenate()([layers.Flatten()(maps), extra])
    model = keras.Model([extra, dna], layers.Dense(1)(joined))
    assert layer_map(model)(sequences).shape == (64, 56, 3)


def test_maps_that_depend_on_two_inputs_are_refused():
    first, second = keras.Input((60, 4), name="a"), keras.Input((60, 4), name="b")
    maps = layers.Conv1D(3, 5, activation="relu")(layers.Add()([first, second]))
    with pytest.raises(ValueError, match="depend on 2: a, b"):
        layer_map(keras.Model([first, second], maps))


def test_nested_model_gives_its_maps(sequences):
    inner_input = keras.Input((60, 4))
    maps = layers.ReLU()(layers.Conv1D(3, 5)(inner_input))
    inner = keras.Model(inner_input, layers.GlobalMaxPooling1D()(maps))
    outer = keras.Sequential(
        [keras.Input((60, 4)), layers.Dropout(0.5), inner, layers.Dense(1)]
    )
    expected = keras.Model(inner_input, maps).predict(sequences, verbose=0)
    found = layer_map(outer)
    np.testing.assert_allclose(found(sequences), expected, rtol=1e-4, atol=1e-6)
    assert found.receptive_field(60) == (0, 5, 1, 56)


def test_conv2d_over_a_fourth_axis(sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4, 1)),
            layers.Conv2D(3, (5, 4), activation="relu"),
        ]
    )
    found = layer_map(model)
    assert found(sequences).shape == (64, 56, 3)
    assert found.receptive_field(60) == (0, 5, 1, 56)


def test_model_is_left_as_it_was(sequences):
    model = km.models.cnn_2((100, 4), 2)
    model.compile("adam", "binary_crossentropy")
    weights, config = model.get_weights(), model.get_config()
    trainable = [w.path for w in model.trainable_weights]
    nodes = [len(layer._inbound_nodes) for layer in model.layers]
    x = np.tile(sequences, (1, 2, 1))[:, :100]
    km.extract_motifs(model, x)
    assert model.get_config() == config
    assert model.compiled
    assert [w.path for w in model.trainable_weights] == trainable
    assert [len(layer._inbound_nodes) for layer in model.layers] == nodes
    for now, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)
