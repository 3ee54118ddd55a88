"""What positions see through layers of every kind, against single bases changed."""

import keras
import pytest
from keras import layers, ops

import keras_motif as km
from support.networks import layer_map
from support.single_bases import assert_windows_are_exact

pytestmark = pytest.mark.keras

LENGTH = 48


def conv(name="conv", size=5, **options):
    return layers.Conv1D(3, size, **{"activation": "relu", "name": name, **options})


def model_of(*parts, shape=(LENGTH, 4)):
    x = inputs = keras.Input(shape)
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x)


class StrandSwitch(layers.Layer):
    """Reverses strands in training, and says whether it did."""

    def call(self, x):
        is_turned = ops.zeros((), dtype="bool")
        return ops.where(is_turned, ops.flip(x, axis=(1, 2)), x), is_turned


class SwitchBack(layers.Layer):
    """Turns what the switch has turned."""

    def call(self, both):
        x, is_turned = both
        return ops.where(is_turned, ops.flip(x, axis=1), x)


class Normalised(layers.Layer):
    """A norm over the whole length."""

    def call(self, x):
        mean = ops.mean(x, axis=1, keepdims=True)
        return (x - mean) / (ops.std(x, axis=1, keepdims=True) + 1e-3)


class Block(layers.Layer):
    """A convolution and its norm."""

    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.Conv1D(3, 5, padding="same")
        self.norm = layers.BatchNormalization()

    def call(self, x):
        return ops.relu(self.norm(self.inner(x)))


class Largest(layers.Layer):
    """A pool over all positions."""

    def call(self, x):
        return ops.max(x, axis=1)


def second_half(x):
    return ops.split(x, 2, axis=1)[1]


def wrapped_around(x):
    return ops.concatenate([x[:, -2:], x, x[:, :2]], axis=1)


def reflected(x):
    return ops.pad(x, [[0, 0], [2, 2], [0, 0]], mode="reflect")


SEEN = {
    "second of several outputs": ([second_half, conv()], (24, 5, 1, 20)),
    "ends joined": ([layers.Lambda(wrapped_around), conv()], (-2, 5, 1, 48)),
    "ends reflected": ([layers.Lambda(reflected), conv()], (-2, 5, 1, 48)),
    "rolled": ([lambda x: ops.roll(x, 3, axis=1), conv()], (-3, 5, 1, 44)),
}


@pytest.mark.parametrize("case", SEEN)
def test_windows_are_what_single_bases_move(case, random):
    parts, field = SEEN[case]
    maps = layer_map(model_of(*parts), "conv")
    assert maps.receptive_field(LENGTH) == field
    assert_windows_are_exact(maps, LENGTH, random)


def test_a_switch_has_the_value_that_it_has_outside_of_training(random):
    inputs = keras.Input((LENGTH, 4))
    x, is_turned = StrandSwitch(name="turn")(inputs)
    outputs = SwitchBack(name="back")([conv()(x), is_turned])
    maps = layer_map(keras.Model(inputs, outputs), "back")
    assert maps.receptive_field(LENGTH) == (0, 5, 1, 44)
    assert_windows_are_exact(maps, LENGTH, random)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_windows_are_the_same_in_every_precision(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        parts = [Block(), Normalised(), layers.MaxPooling1D(2), Block(name="deep")]
        model = model_of(*parts)
    finally:
        keras.config.set_dtype_policy(before)
    maps = layer_map(model, "deep")
    assert maps.receptive_field(LENGTH) == (-6, 14, 2, 24)
    layer = model.get_layer("deep")
    assert {layer.dtype_policy.name, layer.inner.dtype_policy.name} == {policy}


def test_a_softmax_along_the_sequence_is_a_statistic_of_it():
    model = model_of(conv(activation=None), layers.Softmax(axis=1, name="shares"))
    maps = layer_map(model, "shares")
    assert maps.receptive_field(LENGTH) == (0, 5, 1, 44)
    assert "statistics of the whole sequence that shares" in maps.field_source(LENGTH)


def test_a_gate_of_the_whole_sequence_is_a_statistic_of_it(sequences):
    inputs = keras.Input((60, 4))
    gate = layers.Dense(3)(Largest()(inputs))
    maps = conv()(inputs)
    model = keras.Model(inputs, layers.Multiply(name="gated")([maps, gate[:, None]]))
    read = layer_map(model, "gated")
    assert read.receptive_field(60) == (0, 5, 1, 56)
    assert "statistics of the whole sequence" in read.field_source(60)
    assert len(km.extract_motifs(model, sequences, layer="gated")) == 3


def test_sums_from_the_start_on_have_no_window():
    model = model_of(conv(), lambda x: ops.cumsum(x, axis=1), conv("deep", 3))
    with pytest.raises(
        ValueError, match=r"'cumsum\w*' .* whole sequence. Name .* `layer='conv'`"
    ):
        layer_map(model, "deep").receptive_field(LENGTH)
    assert layer_map(model, "conv").receptive_field(LENGTH) == (0, 5, 1, 44)
