"""Networks of independent units."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops

import keras_motif as km
from keras_motif.extraction import activation_map

pytestmark = pytest.mark.keras


def network(**options):
    return km.models.explainn(
        (70, 4), 3, **{"num_filters": 5, "unit_size": 6, "kernel_size": 9, **options}
    )


def one_hot(num=8, length=70, seed=0):
    codes = np.random.default_rng(seed).integers(0, 4, (num, length))
    return np.eye(4, dtype="float32")[codes]


def randomise(model):
    random = np.random.default_rng(1)
    for weight in model.weights:
        values = random.normal(0, 0.3, tuple(weight.shape))
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)


def test_a_unit_depends_on_its_own_filter_alone():
    model = network()
    randomise(model)
    units = keras.Model(model.inputs[0], model.get_layer("effects").input)
    before = ops.convert_to_numpy(units(one_hot()))
    kernel = model.get_layer("first_convolution").kernel
    changed = ops.convert_to_numpy(kernel).copy()
    changed[..., 2] += np.random.default_rng(2).normal(size=(9, 4))
    kernel.assign(changed)
    after = ops.convert_to_numpy(units(one_hot()))
    assert before.shape == (8, 5)
    moved = (np.abs(before - after) > 1e-6).any(axis=0)
    assert moved.tolist() == [False, False, True, False, False]


def test_effects_are_the_weights_of_the_sum():
    model = network()
    randomise(model)
    effects = km.models.model_effects(model, ["a", "b", "c"])
    assert list(effects.index) == [f"filter{i}" for i in range(5)]
    units = keras.Model(model.inputs[0], model.get_layer("effects").input)
    x = one_hot()
    bias = ops.convert_to_numpy(model.get_layer("effects").bias)
    logits = ops.convert_to_numpy(units(x)) @ effects.to_numpy() + bias
    expected = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(ops.convert_to_numpy(model(x)), expected, atol=1e-5)
    assert list(km.models.model_effects(model).columns) == [
        "output0",
        "output1",
        "output2",
    ]


@pytest.mark.parametrize("strands", ["given", "equivariant"])
def test_networks_train_are_saved_and_read(strands, tmp_path):
    model = network(strands=strands, activation="relu")
    jit = keras.backend.backend() != "torch"
    model.compile("adam", "binary_crossentropy", jit_compile=jit)
    x = one_hot(32)
    model.fit(x, np.random.default_rng(0).integers(0, 2, (32, 3)), verbose=0)
    ours = ops.convert_to_numpy(model(x))
    if strands == "equivariant":
        turned = ops.convert_to_numpy(model(x[:, ::-1, ::-1].copy()))
        assert np.abs(ours - turned).max() <= 1e-5 * np.abs(ours).max()
    assert activation_map(model).names == ["first_activation"]
    assert len(km.extract_motifs(model, x)) == 5
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(ops.convert_to_numpy(loaded(x)), ours, atol=1e-6)
    pd.testing.assert_frame_equal(
        km.models.model_effects(loaded), km.models.model_effects(model)
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_finite(policy):
    keras.config.set_dtype_policy(policy)
    out = network()(one_hot())
    assert np.isfinite(ops.convert_to_numpy(ops.cast(out, "float32"))).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_filters": 0}, "`num_filters` must be"),
        ({"unit_size": 0}, "`unit_size` must be a whole number"),
        ({"pool": 0}, "`pool` must be a whole number"),
        ({"pool": 71}, "length of 71 or more"),
        ({"dropout": 1}, "`dropout` must be a rate, 0 <= rate < 1"),
        ({"strands": "both"}, "`strands` must be"),
        ({"strands": "equivariant", "pool": 8}, "a length of 64 or 72"),
        ({"activation": "rel"}, "no name that Keras knows"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        network(**options)


def test_effects_of_other_networks_are_refused():
    with pytest.raises(ValueError, match="`model` must be a network of"):
        km.models.model_effects(km.models.cnn_2())
    with pytest.raises(ValueError, match="`label_names` must hold 3 names"):
        km.models.model_effects(network(), ["a"])
