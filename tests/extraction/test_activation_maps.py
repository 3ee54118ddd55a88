import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction.activation_maps import activation_map

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
    assert activation_map(model()).name == name


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
        activation_map(model)(sequences), expected, rtol=1e-4, atol=1e-6
    )


def test_activation_is_not_sought_beyond_a_pool_and_candidates_are_listed():
    model = conv_model(layers.MaxPooling1D(2, name="pool"), layers.ReLU(name="act"))
    with pytest.raises(ValueError, match=r"Layers to choose from: conv, pool, act\."):
        activation_map(model)
    assert activation_map(model, "conv").name == "conv"


def test_convolution_with_two_followers_is_ambiguous():
    inputs = keras.Input((40, 4))
    maps = layers.Conv1D(3, 5)(inputs)
    model = keras.Model(inputs, [layers.ReLU()(maps), layers.ReLU()(maps)])
    with pytest.raises(ValueError, match="cannot be told"):
        activation_map(model)


def test_model_without_convolution_says_so():
    model = keras.Sequential([keras.Input((40, 4)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"no Conv1D or Conv2D .* gives one row"):
        activation_map(model)


@pytest.mark.parametrize("layer", ["missing", 9, layers.ReLU(name="foreign")])
def test_missing_layer_lists_the_candidates(layer):
    with pytest.raises(ValueError, match="`layer` must .* choose from: conv"):
        activation_map(conv_model(activation="relu"), layer)


@pytest.mark.parametrize("layer", [1.5, True])
def test_layer_of_a_wrong_kind(layer):
    with pytest.raises(TypeError, match="`layer` must be a layer's name"):
        activation_map(conv_model(activation="relu"), layer)


def test_layer_by_name_index_and_object_is_the_same():
    model = conv_model(layers.ReLU(name="act"))
    for layer in ("act", 1, -1, model.layers[1]):
        assert activation_map(model, layer).name == "act"


def test_layer_without_positions_is_refused():
    model = conv_model(layers.Flatten(name="flat"))
    with pytest.raises(ValueError, match="'flat' must give maps of shape"):
        activation_map(model, "flat")


def test_input_layer_is_refused():
    inputs = keras.Input((40, 4), name="dna")
    model = keras.Model(inputs, layers.Conv1D(3, 5, activation="relu")(inputs))
    with pytest.raises(ValueError, match="'dna' is an input"):
        activation_map(model, "dna")


def test_unbuilt_and_subclassed_models_say_what_to_do():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    for model in (keras.Sequential([layers.Conv1D(3, 5)]), Subclassed()):
        with pytest.raises(ValueError, match=r"model\.build\(\(None, length, 4\)\)"):
            activation_map(model)
    with pytest.raises(TypeError, match="`model` must be a Keras model"):
        activation_map(None)


def test_layers_shared_with_another_model_give_this_models_maps(sequences):
    conv = layers.Conv1D(3, 5, activation="relu")
    keras.Sequential([keras.Input((30, 4)), conv])
    model = keras.Sequential([keras.Input((60, 4)), conv])
    np.testing.assert_allclose(
        activation_map(model)(sequences),
        model.predict(sequences, verbose=0),
        rtol=1e-4,
        atol=1e-6,
    )


def test_maps_that_need_one_of_two_inputs_take_only_that(sequences):
    dna, extra = keras.Input((60, 4)), keras.Input((2,))
    maps = layers.Conv1D(3, 5, activation="relu")(dna)
    joined = layers.Concatenate()([layers.Flatten()(maps), extra])
    model = keras.Model([extra, dna], layers.Dense(1)(joined))
    assert activation_map(model)(sequences).shape == (64, 56, 3)


def test_maps_that_depend_on_two_inputs_are_refused():
    first, second = keras.Input((60, 4), name="a"), keras.Input((60, 4), name="b")
    maps = layers.Conv1D(3, 5, activation="relu")(layers.Add()([first, second]))
    with pytest.raises(ValueError, match="depend on 2: a, b"):
        activation_map(keras.Model([first, second], maps))


def test_nested_model_gives_its_maps(sequences):
    inner_input = keras.Input((60, 4))
    maps = layers.ReLU()(layers.Conv1D(3, 5)(inner_input))
    inner = keras.Model(inner_input, layers.GlobalMaxPooling1D()(maps))
    outer = keras.Sequential(
        [keras.Input((60, 4)), layers.Dropout(0.5), inner, layers.Dense(1)]
    )
    expected = keras.Model(inner_input, maps).predict(sequences, verbose=0)
    found = activation_map(outer)
    np.testing.assert_allclose(found(sequences), expected, rtol=1e-4, atol=1e-6)
    assert found.receptive_field(60) == (0, 5, 1, 56)


def test_conv2d_over_a_fourth_axis(sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4, 1)),
            layers.Conv2D(3, (5, 4), activation="relu"),
        ]
    )
    found = activation_map(model)
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


def residual(x):
    y = layers.Conv1D(4, 5, padding="same", dilation_rate=2)(x)
    return layers.Add()([x, layers.Conv1D(4, 3, padding="same")(y)])


FIELD_MODELS = {
    "valid": [lambda: layers.Conv1D(4, 7)],
    "same even": [lambda: layers.Conv1D(4, 6, padding="same")],
    "causal": [lambda: layers.Conv1D(4, 7, padding="causal")],
    "causal dilated": [lambda: layers.Conv1D(4, 3, padding="causal", dilation_rate=4)],
    "strided same": [lambda: layers.Conv1D(4, 7, strides=3, padding="same")],
    "strided valid": [lambda: layers.Conv1D(4, 8, strides=2)],
    "pooled": [
        lambda: layers.Conv1D(4, 7, padding="same"),
        lambda: layers.AveragePooling1D(3),
        lambda: layers.Conv1D(4, 3, padding="same"),
    ],
    "pooled same": [
        lambda: layers.Conv1D(4, 4, padding="same"),
        lambda: layers.AveragePooling1D(4, padding="same"),
    ],
    "residual": [
        lambda: layers.Conv1D(4, 7, padding="same"),
        lambda: residual,
        lambda: layers.AveragePooling1D(2),
    ],
}


@pytest.mark.parametrize("case", FIELD_MODELS)
def test_receptive_field_is_what_perturbing_a_base_moves(case, random):
    length = 41
    inputs = x = keras.Input((length, 4))
    for make in FIELD_MODELS[case]:
        x = make()(x)
    outputs = layers.Activation("softplus", name="maps")(x)
    found = activation_map(keras.Model(inputs, outputs), "maps")
    field = found.receptive_field(length)
    base = np.eye(4)[random.integers(4, size=(1, length))].astype("float32")
    moved = np.repeat(base, length, axis=0)
    moved[np.arange(length), np.arange(length)] = np.roll(
        moved[np.arange(length), np.arange(length)], 1, axis=1
    )
    # A batch and a single sequence may round differently; a base moves far more.
    changed = (np.abs(found(moved) - found(base)) > 1e-5).any(axis=2)
    assert changed.shape == (length, field.length)
    for position in range(field.length):
        start = field.start + position * field.stride
        seen = np.flatnonzero(changed[:, position])
        whole = start >= 0 and start + field.size <= length
        assert seen.min() >= start
        assert seen.max() < start + field.size
        if whole:
            assert (seen.min(), seen.max()) == (start, start + field.size - 1)


REFERENCES = {
    "cnn_2": 200,
    "cnn_50": 200,
    "cnn_deep": 200,
    "cnn_local": 200,
    "cnn_dist": 208,
    "basset": 300,
    "residual_bind": 300,
}


@pytest.mark.parametrize("name", REFERENCES)
def test_every_layer_of_the_reference_networks_sees_what_moves_it(name):
    length = REFERENCES[name]
    model = getattr(km.models, name)((length, 4), num_filters=3, activation="relu")
    # With no negative weight, a base alone moves exactly what sees it.
    model.set_weights([np.abs(weight) for weight in model.get_weights()])
    alone = np.zeros((length + 1, length, 4), dtype=np.int8)  # the last is all N
    alone[np.arange(length), np.arange(length), 2] = 1
    named = [x.name for x in model.layers[1:] if len(x.output.shape) == 3]
    assert len(named) >= 8
    for layer in named:
        found = activation_map(model, layer)
        field = found.receptive_field(length)
        values = found(alone)
        moved = (values[:-1] != values[-1]).any(axis=2)
        starts = field.start + field.stride * np.arange(field.length)
        base = np.arange(length)[:, None]
        expected = (base >= starts) & (base < starts + field.size)
        np.testing.assert_array_equal(moved, expected, err_msg=layer)


@pytest.mark.parametrize("build", [km.models.cnn_2, km.models.cnn_50])
def test_receptive_field_of_the_first_layer(build):
    assert activation_map(build()).receptive_field(200) == (-9, 19, 1, 200)


def test_unknown_operation_on_the_way_is_named():
    model = keras.Sequential(
        [
            keras.Input((40, 4)),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="rnn"),
            layers.Conv1D(3, 5, activation="relu"),
        ]
    )
    with pytest.raises(ValueError, match="through the layer 'rnn'"):
        activation_map(model).receptive_field(40)


def test_branches_of_different_strides_are_refused():
    inputs = keras.Input((40, 4))
    fine = layers.Conv1D(3, 5, padding="same", strides=2)(inputs)
    coarse = layers.UpSampling1D(2)(layers.Conv1D(3, 5, strides=4)(inputs))
    model = keras.Model(inputs, [fine, coarse])
    with pytest.raises(ValueError, match="isn't known which bases"):
        activation_map(model, model.layers[-1].name).receptive_field(40)


def test_sequences_shorter_than_the_filter():
    model = keras.Sequential(
        [keras.Input((None, 4)), layers.Conv1D(3, 19, activation="relu")]
    )
    with pytest.raises(ValueError, match="length 10 are too short .* field is 19"):
        km.extract_motifs(model, np.eye(4)[None, [0] * 10])
