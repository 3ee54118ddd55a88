"""Penalties on filters."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers, ops
from keras_motif.regularizers import FilterDiversity, InformationContent

from keras_motif.layers import PWMConv1D, RevCompConv1D

pytestmark = pytest.mark.keras

BOTH = [InformationContent(0.5), FilterDiversity(0.5)]


def kernel(filters=3, size=7, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(size, 4, filters)).astype("float32")


def value(penalty, x):
    return float(ops.convert_to_numpy(penalty(ops.convert_to_tensor(x))))


def slow_information(x):
    total = 0.0
    for filter_ in np.moveaxis(x.astype(float), 2, 0):
        for column in filter_:
            p = np.exp(column) / np.exp(column).sum()
            bits = 2 + (p * np.log2(p)).sum()
            total += bits * (2 - bits)
    return total / x.shape[2]


def slow_diversity(x, both_strands, most):
    x = x.astype(float) - x.mean(axis=1, keepdims=True)
    size, _, filters = x.shape
    total = 0.0
    for i in range(filters):
        for j in range(filters):
            if i == j:
                continue
            strands = [x[..., j]] + ([x[::-1, ::-1, j]] if both_strands else [])
            best = 0.0
            for other in strands:
                norms = np.linalg.norm(x[..., i]) * np.linalg.norm(other)
                for shift in range(-most, most + 1):
                    product = sum(
                        x[p, :, i] @ other[p - shift]
                        for p in range(size)
                        if 0 <= p - shift < size
                    )
                    best = max(best, product / norms)
            total += best**2
    return total / (filters * (filters - 1))


def test_penalties_are_those_of_the_definition():
    x = kernel(4, 6)
    ours = value(InformationContent(0.5), x)
    np.testing.assert_allclose(ours, 0.5 * slow_information(x), rtol=1e-5)
    for both_strands in (True, False):
        for most in (0, 2, 5):
            ours = value(FilterDiversity(2, both_strands, most), x)
            slow = 2 * slow_diversity(x, both_strands, most)
            np.testing.assert_allclose(ours, slow, rtol=1e-5)
    ours = value(FilterDiversity(1), x)
    np.testing.assert_allclose(ours, slow_diversity(x, True, 3), rtol=1e-5)


def test_flat_and_sharp_columns_cost_nothing():
    sharp = np.zeros((5, 4, 2), "float32")
    sharp[:, 1] = 40
    assert value(InformationContent(1), sharp) == pytest.approx(0, abs=1e-6)
    assert value(InformationContent(1), 0 * sharp) == pytest.approx(0, abs=1e-6)
    half = np.zeros((5, 4, 2), "float32")
    half[:, :2] = 40  # one bit at each of 5 positions
    assert value(InformationContent(1), half) == pytest.approx(5, abs=1e-4)


def test_twins_of_either_strand_cost_most():
    one = kernel(1)
    twins = np.concatenate([one, 3 * one], axis=-1)
    turned = np.concatenate([one, one[::-1, ::-1]], axis=-1)
    assert value(FilterDiversity(1), twins) == pytest.approx(1, rel=1e-5)
    assert value(FilterDiversity(1), turned) == pytest.approx(1, rel=1e-5)
    assert value(FilterDiversity(1, both_strands=False), turned) < 0.9
    long = np.zeros((9, 4, 2), "float32")
    long[:5, :, 0] = long[2:7, :, 1] = kernel(1, 5)[..., 0]
    assert value(FilterDiversity(1), long) == pytest.approx(1, rel=1e-5)
    assert value(FilterDiversity(1, max_shift=1), long) < 0.9
    assert value(FilterDiversity(1), one) == 0
    assert np.isfinite(value(FilterDiversity(1), 0 * twins))


@pytest.mark.parametrize("penalty", BOTH, ids=lambda x: type(x).__name__)
def test_training_brings_the_penalty_down(penalty):
    conv = layers.Conv1D(4, 7, kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input((30, 4)), conv])
    start = conv.kernel - ops.mean(conv.kernel, axis=1, keepdims=True)
    conv.kernel.assign(2 * start)
    before = value(penalty, conv.kernel)
    jit = keras.backend.backend() != "torch"
    optimizer = keras.optimizers.Adam(0.05)
    # Nothing but the penalty: the loss is of the output times 0.
    model.compile(optimizer, lambda y, z: 0 * ops.sum(z), jit_compile=jit)
    codes = np.random.default_rng(0).integers(0, 4, (20, 30))
    x = np.eye(4, dtype="float32")[codes]
    model.fit(x, np.zeros((20, 24, 4)), epochs=20, verbose=0)
    assert value(penalty, conv.kernel) < 0.7 * before
    assert np.isfinite(ops.convert_to_numpy(conv.kernel)).all()


@pytest.mark.parametrize("kind", [layers.Conv1D, RevCompConv1D, PWMConv1D])
@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_layers_of_every_kind_and_dtype(kind, dtype):
    for penalty in BOTH:
        layer = kind(4, 7, kernel_regularizer=penalty, dtype=dtype)
        layer.build((None, 31, 4))
        (loss,) = layer.losses
        assert np.isfinite(float(ops.convert_to_numpy(ops.cast(loss, "float32"))))


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    first = layers.Conv1D(3, 5, kernel_regularizer=InformationContent(0.25))
    penalty = FilterDiversity(0.5, False, 2)
    second = layers.Conv1D(4, 3, kernel_regularizer=penalty)
    model = keras.Sequential([keras.Input((30, 4)), first, layers.Dense(4), second])
    model.save(tmp_path / "model.keras")
    code = (
        "import keras, keras_motif\n"
        "first, _, second = keras.models.load_model('model.keras').layers\n"
        "one, other = first.kernel_regularizer, second.kernel_regularizer\n"
        "print(one.strength, *other.get_config().values())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["0.25", "0.5", "False", "2"]


@pytest.mark.parametrize("kind", [InformationContent, FilterDiversity])
def test_arguments_are_checked(kind):
    for strength in (-1, float("nan"), float("inf"), "1", True):
        with pytest.raises(ValueError, match="`strength` must be a number, 0 or more"):
            kind(strength)
    with pytest.raises(ValueError, match=r"Conv1D on one-hot.*\(5, 8, 3\)"):
        kind()(np.zeros((5, 8, 3), "float32"))
    for shift in (-1, 1.5, True):
        with pytest.raises(ValueError, match="`max_shift` must be a whole number"):
            FilterDiversity(max_shift=shift)
