from itertools import product

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction._achievable import achievable_activations
from support.networks import layer_map

pytestmark = pytest.mark.keras


def log_size(x):
    return keras.ops.log(keras.ops.abs(x))


def first_layer(activation, length=12, dilation=1, strides=1):
    model = keras.Sequential(
        [
            keras.Input((length, 4)),
            layers.Conv1D(
                6, 3, padding="same", dilation_rate=dilation, strides=strides
            ),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Activation(activation, name="act"),
            layers.GlobalMaxPooling1D(),
        ]
    )
    random = np.random.default_rng(3)
    norm = model.layers[1]
    # Scales of either sign: the largest activation may be at the lowest sum.
    norm.set_weights([random.normal(size=6) for _ in range(3)] + [np.full(6, 2.0)])
    return model


@pytest.mark.parametrize(
    "activation", ["relu", "exponential", "tanh", "linear", log_size]
)
@pytest.mark.parametrize("options", [{}, {"dilation": 2}, {"strides": 2}])
def test_equals_the_best_of_all_sequences(activation, options):
    model = first_layer(activation, **options)
    maps = layer_map(model, "act")
    field = maps.receptive_field(12)
    step = options.get("dilation", 1)
    # Position 2 sees a whole window in each case.
    start = field.start + 2 * field.stride
    strings = []
    for word in product("ACGT", repeat=3):
        letters = ["A"] * 12
        for place, letter in enumerate(word):
            letters[start + step * place] = letter
        strings.append("".join(letters))
    expected = maps(km.one_hot(strings))[:, 2].max(axis=0)
    # Batches of other sizes may round differently.
    np.testing.assert_allclose(achievable_activations(maps), expected, rtol=1e-5)


def test_models_of_any_length_and_two_dimensions():
    inputs = keras.Input((None, 4, 1))
    x = layers.Conv2D(5, (3, 4), activation="relu")(inputs)
    maps = layer_map(keras.Model(inputs, x))
    kernel, bias = maps.weights()
    expected = kernel[..., 0, :].max(axis=1).sum(axis=0) + bias
    np.testing.assert_allclose(achievable_activations(maps), expected, rtol=1e-5)


@pytest.mark.parametrize(
    "tail",
    [
        [layers.MaxPooling1D(2, name="last")],
        [layers.Conv1D(3, 2, name="last")],
        [layers.Dense(3, name="last")],
        [layers.LayerNormalization(name="last")],
        [layers.Activation("softmax", name="last")],
    ],
)
def test_layers_behind_the_first_are_refused(tail):
    model = keras.Sequential(
        [keras.Input((12, 4)), layers.Conv1D(6, 3, activation="relu"), *tail]
    )
    with pytest.raises(ValueError, match="known for a first convolution.*last"):
        achievable_activations(layer_map(model, "last"))


def test_sequences_too_short_for_a_whole_window_are_refused():
    model = keras.Sequential(
        [keras.Input((4, 4)), layers.Conv1D(2, 7, padding="same", activation="relu")]
    )
    with pytest.raises(ValueError, match=r"too short for a whole window of 7"):
        achievable_activations(layer_map(model))
