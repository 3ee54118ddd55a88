import gc
import weakref

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction import _map_batches as map_batches
from keras_motif.extraction._compiled import block_maxima, on_host, to_device
from keras_motif.extraction._forward import forward_of
from support.networks import layer_map, small_model

pytestmark = pytest.mark.keras


class Halved(layers.Layer):
    """Looks at its values, which no compiler can do."""

    def call(self, inputs):
        array = np.array(keras.ops.convert_to_numpy(inputs))
        return keras.ops.convert_to_tensor(array / 2)

    def compute_output_shape(self, shape):
        return shape


class Counted(layers.Layer):
    """Counts how often it is called from Python."""

    calls = 0

    def call(self, inputs):
        Counted.calls += 1
        return inputs * 1.0


@pytest.fixture
def large(monkeypatch):
    """Every batch is large enough for compiled functions."""
    monkeypatch.setattr(map_batches, "_SMALL", 0)


def forward(maps):
    return forward_of(maps.calls, 0)


def on_device(maps, x):
    return on_host(maps.on_device(x))


def test_compiled_maps_are_those_of_the_current_weights(sequences):
    model = small_model()
    maps = layer_map(model)
    for factor in (1.0, -2.0):
        model.set_weights([factor * weight for weight in model.get_weights()])
        found = on_device(maps, sequences)
        np.testing.assert_allclose(found, maps(sequences), rtol=1e-5, atol=1e-6)
        assert found.dtype == np.float32


def test_a_forward_pass_is_kept_until_a_layer_changes(sequences):
    model = small_model()
    kept = forward(layer_map(model))
    assert forward(layer_map(model)) is kept
    before = on_device(layer_map(model), sequences)
    model.layers[0].activation = keras.activations.exponential
    assert forward(layer_map(model)) is not kept
    after = on_device(layer_map(model), sequences)
    np.testing.assert_array_equal(before == 0, after <= 1)


def test_forward_passes_of_layers_that_may_hold_anything_are_not_kept():
    inputs = keras.Input((60, 4))
    x = layers.Conv1D(2, 7, name="conv")(inputs)
    model = keras.Model(inputs, layers.Lambda(lambda y: y + 1, name="maps")(x))
    maps = layer_map(model, "maps")
    assert forward(maps) is not forward(maps)
    model = small_model(activation=lambda y: y)
    maps = layer_map(model, "conv")
    assert forward(maps) is not forward(maps)


@pytest.mark.usefixtures("large")
def test_what_is_kept_holds_no_model(sequences):
    model = small_model("exponential")
    km.extract_motifs(model, sequences)
    layer = weakref.ref(model.layers[0])
    del model
    keras.utils.clear_session()
    gc.collect()
    assert layer() is None


@pytest.mark.usefixtures("large")
def test_layers_that_cannot_be_compiled_run_step_by_step(sequences):
    inputs = keras.Input((60, 4))
    conv = layers.Conv1D(3, 7, activation="relu", name="conv")
    model = keras.Model(inputs, Halved(name="maps")(conv(inputs)))
    whole = km.extract_motifs(keras.Model(inputs, conv.output), sequences)
    halved = km.extract_motifs(model, sequences, layer="maps")
    assert [x.num_sites for x in halved] == [x.num_sites for x in whole]
    assert sum(x.num_sites for x in whole) > 0


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="compiles nothing")
@pytest.mark.usefixtures("large")
def test_nothing_is_compiled_again_for_the_last_batch(sequences):
    inputs = keras.Input((60, 4))
    x = Counted()(layers.Conv1D(3, 7, activation="relu", name="conv")(inputs))
    model = keras.Model(inputs, layers.ReLU(name="maps")(x))
    maps = layer_map(model, "maps")
    maps.receptive_field(60)
    km.extract_motifs(model, sequences, layer="maps", batch_size=60)
    Counted.calls = 0
    for size in (10, 15, 63):
        km.extract_motifs(model, sequences, layer="maps", batch_size=size)
    per_reading = Counted.calls / 3
    Counted.calls = 0
    km.extract_motifs(model, sequences, layer="maps", batch_size=64)
    assert per_reading == Counted.calls


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("select", ["all", "best"])
def test_nan_and_inf_in_large_batches_are_found_out(value, select, sequences):
    model = small_model()
    kernel, bias = model.get_weights()
    kernel[2, 1, 3] = value
    model.set_weights([kernel, bias])
    with pytest.raises(ValueError, match=r"NaN or inf in filters \[3\]"):
        km.extract_motifs(model, sequences, select=select)


@pytest.mark.parametrize("positions", [1, 15, 16, 45, 61])
def test_runs_keep_the_largest_and_nan(positions, random):
    values = random.normal(size=(3, positions, 4)).astype("float32")
    values[1, positions // 2, 2] = np.nan
    values[2, -1, 1] = np.inf
    values[0, :, 0] = -np.inf
    size = min(16, positions)
    found = on_host(block_maxima(size)(to_device(values)))
    starts = np.arange(0, positions, size)
    np.testing.assert_array_equal(found, np.maximum.reduceat(values, starts, axis=1))
