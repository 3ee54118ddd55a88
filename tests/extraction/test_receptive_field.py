import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from support.networks import layer_map

pytestmark = pytest.mark.keras


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
    found = layer_map(keras.Model(inputs, outputs), "maps")
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
        found = layer_map(model, layer)
        field = found.receptive_field(length)
        values = found(alone)
        moved = (values[:-1] != values[-1]).any(axis=2)
        starts = field.start + field.stride * np.arange(field.length)
        base = np.arange(length)[:, None]
        expected = (base >= starts) & (base < starts + field.size)
        np.testing.assert_array_equal(moved, expected, err_msg=layer)


@pytest.mark.parametrize("build", [km.models.cnn_2, km.models.cnn_50])
def test_receptive_field_of_the_first_layer(build):
    assert layer_map(build()).receptive_field(200) == (-9, 19, 1, 200)


def test_unknown_operation_on_the_way_is_named():
    model = keras.Sequential(
        [
            keras.Input((40, 4)),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="rnn"),
            layers.Conv1D(3, 5, activation="relu"),
        ]
    )
    with pytest.raises(ValueError, match="through the layer 'rnn'"):
        layer_map(model).receptive_field(40)


def test_branches_of_different_strides_are_refused():
    inputs = keras.Input((40, 4))
    fine = layers.Conv1D(3, 5, strides=2)(inputs)[:, :9]
    coarse = layers.Conv1D(3, 5, strides=4)(inputs)
    model = keras.Model(inputs, layers.Add(name="sum")([fine, coarse]))
    with pytest.raises(ValueError, match="'sum' .*have different strides"):
        layer_map(model, "sum").receptive_field(40)


def test_sequences_shorter_than_the_filter():
    model = keras.Sequential(
        [keras.Input((None, 4)), layers.Conv1D(3, 19, activation="relu")]
    )
    with pytest.raises(ValueError, match="length 10 are too short .* field is 19"):
        km.extract_motifs(model, np.eye(4)[None, [0] * 10])
