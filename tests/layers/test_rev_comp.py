"""Layers that treat both strands alike."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, ops

import keras_motif as km
from keras_motif.layers import RevCompBatchNormalization, RevCompConv1D, RevCompFold
from keras_motif.layers._mirrored_grid import Grid

pytestmark = pytest.mark.keras


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def one_hot(length, num=6, seed=0):
    codes = np.random.default_rng(seed).integers(0, 4, (num, length))
    return np.eye(4, dtype="float32")[codes]


def turned(x):
    return np.ascontiguousarray(x[:, ::-1, ::-1])


def randomise(model, seed=0):
    """Give every weight a value of its own, those of batch norm too."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        values = random.normal(0, 0.3, tuple(weight.shape))
        if "variance" in weight.path:
            values = np.abs(values) + 0.5
        weight.assign(values)


def strand_gap(model, x):
    """Return how far the strands are apart, as a share of the largest output."""
    ours, theirs = numpy(model(x)), numpy(model(turned(x)))
    assert np.ptp(ours) > 0
    return np.abs(ours - theirs).max() / np.abs(ours).max()


def network(length=60, norm=True, head=layers.Flatten, merge="max"):
    hidden = [
        RevCompConv1D(6, 7, padding="same"),
        *([RevCompBatchNormalization()] if norm else []),
        km.Exponential(),
        layers.Dropout(0.1),
        layers.MaxPooling1D(2),
        RevCompConv1D(5, 4, strides=2, activation="relu"),
        RevCompFold(merge),
        head(),
        layers.Dense(3, activation="sigmoid"),
    ]
    return keras.Sequential([keras.Input((length, 4)), *hidden])


def test_a_filter_finds_its_word_on_either_strand():
    layer = RevCompConv1D(2, 3, use_bias=True)
    layer.build((None, 6, 4))
    words = np.zeros((3, 4, 2), "float32")
    words[[0, 1, 2], [0, 1, 1], 0] = 1  # ACC
    words[[0, 1, 2], [3, 3, 3], 1] = 1  # TTT
    layer.set_weights([words, np.array([0.5, 10], "float32")])
    maps = numpy(layer(km.one_hot(["ACCGGT"]).astype("float32")))[0]
    assert maps.shape == (4, 4)
    # ACC lies at 0; its reverse complement GGT at 3, in the last channel.
    assert maps[:, 0].tolist() == [3.5, 1.5, 0.5, 0.5]
    assert maps[:, 3].tolist() == [0.5, 0.5, 1.5, 3.5]
    # TTT: one T at the end. AAA: one A at the start.
    assert maps[:, 1].tolist() == [10, 10, 10, 11]
    assert maps[:, 2].tolist() == [11, 10, 10, 10]


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("taps", "stride", "dilation"), [(5, 1, 1), (5, 1, 3)])
def test_equals_a_plain_convolution_with_both_kernels(padding, taps, stride, dilation):
    options = {"padding": padding, "strides": stride, "dilation_rate": dilation}
    ours = RevCompConv1D(3, taps, activation="tanh", **options)
    theirs = layers.Conv1D(6, taps, activation="tanh", **options)
    x = np.random.default_rng(1).normal(size=(2, 31, 8)).astype("float32")
    ours.build(x.shape)
    theirs.build(x.shape)
    randomise(ours)
    kernel, bias = ours.get_weights()
    other = kernel[::-1, ::-1]
    # Channel 3 + i belongs to the filter 2 - i.
    both = np.stack([*np.moveaxis(kernel, 2, 0), *np.moveaxis(other, 2, 0)[::-1]], 2)
    theirs.set_weights([both, np.array([*bias, *bias[::-1]])])
    np.testing.assert_allclose(numpy(ours(x)), numpy(theirs(x)), atol=1e-6)
    assert ours.count_params() * 2 == theirs.count_params()
    assert ours.compute_output_shape(x.shape) == tuple(theirs(x).shape)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    taps=st.integers(1, 9),
    stride=st.integers(1, 4),
    length=st.integers(20, 40),
    padding=st.sampled_from(["valid", "same"]),
    pool=st.integers(1, 3),
    merge=st.sampled_from(["max", "mean", "sum"]),
    seed=st.integers(0, 99),
)
def test_strands_agree_wherever_a_layer_can_be_built(
    taps, stride, length, padding, pool, merge, seed
):
    conv = RevCompConv1D(3, taps, strides=stride, padding=padding)
    if not Grid(length, taps, stride, 1, padding).is_mirrored():
        with pytest.raises(ValueError, match="What works"):
            conv.build((None, length, 4))
        return
    positions = conv.compute_output_shape((None, length, 4))[1]
    pool = pool if positions % pool == 0 else 1
    hidden = [conv, RevCompBatchNormalization(), layers.MaxPooling1D(pool)]
    tail = [RevCompConv1D(2, 3, padding="same"), RevCompFold(merge), layers.Flatten()]
    model = keras.Sequential([keras.Input((length, 4)), *hidden, *tail])
    model.add(layers.Dense(2))
    randomise(model, seed)
    assert strand_gap(model, one_hot(length, seed=seed)) <= 1e-5


@pytest.mark.parametrize("length", range(8, 22))
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_grids_are_mirrored_just_where_the_strands_agree(length, padding):
    for taps in (3, 4, 7):
        for stride in (1, 2, 3):
            x = np.random.default_rng(0).normal(size=(1, length, 1)).astype("float32")
            kernel = np.random.default_rng(1).normal(size=(taps, 1, 1))
            kernel = kernel.astype("float32")
            given = ops.conv(x, kernel, stride, padding, data_format="channels_last")
            other = ops.conv(
                x[:, ::-1].copy(),
                kernel[::-1].copy(),
                stride,
                padding,
                data_format="channels_last",
            )
            agree = np.allclose(numpy(given), numpy(other)[:, ::-1], atol=1e-5)
            assert Grid(length, taps, stride, 1, padding).is_mirrored() == agree


@pytest.mark.parametrize(
    ("merge", "head"), [("max", layers.Flatten), ("sum", layers.GlobalMaxPooling1D)]
)
def test_networks_give_the_same_for_both_strands_before_and_after_training(merge, head):
    model = network(merge=merge, head=head)
    x = one_hot(60, 32)
    assert strand_gap(model, x) <= 1e-5
    labels = np.random.default_rng(1).integers(0, 2, (32, 3))
    jit = keras.backend.backend() != "torch"
    model.compile("adam", "binary_crossentropy", jit_compile=jit)
    before = model.get_weights()
    model.fit(x, labels, epochs=2, verbose=0)
    moved = zip(before, model.get_weights(), strict=True)
    assert all((a != b).any() for a, b in moved)
    assert strand_gap(model, x) <= 1e-5


def test_functional_networks_with_residuals_and_any_length():
    x = inputs = keras.Input((None, 4))
    x = RevCompConv1D(4, 5, padding="same")(x)
    y = RevCompBatchNormalization()(RevCompConv1D(4, 3, padding="same")(x))
    x = layers.Add()([x, y])
    x = RevCompFold("mean")(layers.GlobalAveragePooling1D()(x))
    model = keras.Model(inputs, layers.Dense(2)(x))
    randomise(model)
    for length in (20, 33):
        assert strand_gap(model, one_hot(length)) <= 1e-5


def test_batch_norm_takes_the_moments_of_a_pair():
    layer = RevCompBatchNormalization(momentum=0, epsilon=0)
    y = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
    out = numpy(layer(y, training=True))
    for c in range(4):
        pair = y[..., [c, 3 - c]]
        expected = (y[..., c] - pair.mean()) / pair.std()
        np.testing.assert_allclose(out[..., c], expected, atol=1e-5)
    pairs = [y[..., [c, 3 - c]] for c in range(2)]
    mean = numpy(layer.moving_mean)
    np.testing.assert_allclose(mean, [pair.mean() for pair in pairs], atol=1e-6)
    assert layer.gamma.shape == (2,)


def test_batch_norm_leaves_out_masked_positions():
    layer = RevCompBatchNormalization(momentum=0, epsilon=0)
    y = np.random.default_rng(0).normal(size=(2, 5, 2)).astype("float32")
    mask = np.array([[1, 1, 1, 0, 0], [1, 1, 0, 0, 0]], bool)
    layer(y, training=True, mask=ops.convert_to_tensor(mask))
    np.testing.assert_allclose(numpy(layer.moving_mean)[0], y[mask].mean(), atol=1e-6)


def test_fold_merges_partners_at_mirrored_positions():
    y = np.arange(1, 13, dtype="float32").reshape(1, 3, 4)
    expected = {
        "max": [[12, 11], [8, 7], [9, 10]],
        "sum": [[13, 13], [13, 13], [13, 13]],
        "mean": [[6.5, 6.5], [6.5, 6.5], [6.5, 6.5]],
    }
    for merge, values in expected.items():
        assert numpy(RevCompFold(merge)(y))[0].tolist() == values
    pooled = numpy(RevCompFold("sum")(np.array([[1.0, 2, 30, 4]], "float32")))
    assert pooled.tolist() == [[5, 32]]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_finite(policy):
    keras.config.set_dtype_policy(policy)
    model = network()
    x = one_hot(60)
    out = model(x)
    assert keras.backend.standardize_dtype(out.dtype) == policy.removeprefix("mixed_")
    assert np.isfinite(numpy(out)).all()


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    model = network()
    randomise(model)
    x = one_hot(60)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    code = (
        "import keras, keras_motif, numpy as np\n"
        "model = keras.models.load_model('model.keras')\n"
        "np.save('y.npy', keras.ops.convert_to_numpy(model(np.load('x.npy'))))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True
    )
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), numpy(model(x)), atol=1e-6)
    model.save_weights(tmp_path / "model.weights.h5")
    copy = network()
    copy.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(numpy(copy(x)), numpy(model(x)))


def test_configs_are_complete():
    conv = RevCompConv1D(
        4, 5, strides=2, padding="same", activation="relu", kernel_regularizer="l2"
    )
    copy = RevCompConv1D.from_config(conv.get_config())
    assert copy.get_config() == conv.get_config()
    assert (copy.filters, copy.strides, copy.padding) == (4, (2,), "same")
    norm = RevCompBatchNormalization(momentum=0.5, scale=False)
    assert RevCompBatchNormalization.from_config(norm.get_config()).momentum == 0.5
    fold = RevCompFold("sum")
    assert RevCompFold.from_config(fold.get_config()).merge == "sum"


@pytest.mark.parametrize(
    ("options", "length", "works"),
    [
        ({"kernel_size": 8, "padding": "same"}, 100, "kernel_size 7 or 9"),
        ({"kernel_size": 8, "padding": "same"}, 100, "padding='valid'"),
        ({"kernel_size": 7, "strides": 4}, 100, "input length 99 or 103"),
        ({"kernel_size": 7, "strides": 4}, 100, "kernel_size 4 or 8"),
        ({"kernel_size": 7, "strides": 4, "padding": "same"}, 100, "length 99 or 101"),
        ({"kernel_size": 9}, 5, "input length 9, or kernel_size 5"),
        ({"kernel_size": 3, "strides": 2}, None, "an input of known length"),
        ({"kernel_size": 4, "padding": "same"}, None, "kernel_size 3 or 5"),
    ],
)
def test_windows_that_lie_otherwise_on_the_other_strand(options, length, works):
    layer = RevCompConv1D(3, **options)
    with pytest.raises(ValueError, match=f"What works: .*{works}"):
        layer.build((None, length, 4))


def test_another_length_than_built_is_looked_at_too():
    layer = RevCompConv1D(3, 3, strides=2)
    layer.build((None, 9, 4))
    layer(one_hot(11))
    with pytest.raises(ValueError, match="input length 10"):
        layer(one_hot(10))


def test_arguments_that_part_the_strands():
    with pytest.raises(ValueError, match='`padding` must be "valid" or "same"'):
        RevCompConv1D(3, 5, padding="causal")
    with pytest.raises(ValueError, match="`groups` must be 1.*Received 2"):
        RevCompConv1D(4, 5, groups=2)
    with pytest.raises(ValueError, match="`data_format` must be"):
        RevCompConv1D(3, 5, data_format="channels_first")
    with pytest.raises(ValueError, match='`merge` must be "max", "mean" or "sum"'):
        RevCompFold("min")
    with pytest.raises(ValueError, match="`axis` must be -1"):
        RevCompBatchNormalization(axis=1)
    for option in ("renorm", "synchronized"):
        with pytest.raises(ValueError, match=f"`{option}` must be False"):
            RevCompBatchNormalization(**{option: True})


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (RevCompConv1D(3, 5), (None, 20, 5), "an even number.*20, 5"),
        (RevCompConv1D(3, 5), (None, 20, 4, 1), r"takes \(n, length, channels\)"),
        (RevCompBatchNormalization(), (None, 20, 5), "takes paired channels"),
        (RevCompBatchNormalization(), (None, 6), "plain BatchNormalization does"),
        (RevCompFold(), (None, 20, 5), "takes paired channels"),
        (RevCompFold(), (None, 20, 1, 4), "before `Flatten`"),
    ],
)
def test_inputs_without_pairs_are_refused_when_built(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer.build(shape)


@pytest.mark.parametrize(
    ("between", "message"),
    [
        (layers.MaxPooling1D(24), "60 positions for pool_size 24.*length 48 or 72"),
        (layers.AveragePooling1D(7, padding="same"), "60 positions for pool_size 7"),
        (layers.MaxPooling1D(4, strides=3), "pool_size 3 or 6"),
        (layers.BatchNormalization(), "Received BatchNormalization"),
        (layers.PReLU(shared_axes=[1]), "Received PReLU"),
        (layers.Conv1D(4, 3), "Received Conv1D"),
        (layers.LSTM(4, return_sequences=True), "Received LSTM"),
        (layers.ZeroPadding1D((0, 1)), "0 positions at the start and 1 at the end"),
        (layers.Cropping1D((2, 1)), "2 positions at the start and 1 at the end"),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
@pytest.mark.parametrize("last", [RevCompFold, lambda: RevCompConv1D(2, 3)])
def test_layers_that_part_the_strands_are_refused(between, message, last):
    hidden = [RevCompConv1D(2, 5, padding="same"), layers.Dropout(0.1)]
    between = between.__class__.from_config(between.get_config())
    with pytest.raises(ValueError, match=message):
        keras.Sequential([keras.Input((60, 4)), *hidden, between, last()])
    x = inputs = keras.Input((60, 4))
    for layer in [*hidden, between.__class__.from_config(between.get_config())]:
        x = layer(x)
    inner = keras.Model(inputs, x)
    with pytest.raises(ValueError, match=message):
        last()(layers.ReLU()(inner(keras.Input((60, 4)))))


def test_layers_that_keep_the_strands_are_not_refused():
    x = inputs = keras.Input((60, 4))
    x = RevCompConv1D(2, 5, padding="same")(x)
    x = layers.PReLU(shared_axes=[1, 2], alpha_initializer="ones")(x)
    x = layers.LayerNormalization(center=False, scale=False)(x)
    x = layers.ZeroPadding1D(2)(x)
    x = layers.MaxPooling1D(4)(x)
    x = layers.MaxPooling1D(2, padding="same")(layers.AveragePooling1D(4, 4)(x))
    x = layers.Concatenate()([layers.Flatten()(RevCompFold()(x))] * 2)
    model = keras.Model(inputs, layers.Dense(2)(x))
    randomise(model)
    assert strand_gap(model, one_hot(60)) <= 1e-5


def test_channels_joined_end_to_end_are_refused():
    x = RevCompConv1D(2, 5)(keras.Input((60, 4)))
    with pytest.raises(ValueError, match="joins paired channels end to end"):
        RevCompFold()(layers.Concatenate()([x, x]))


def test_activations_with_weights_for_each_channel_are_refused():
    for axes in ([1], None):
        layer = RevCompConv1D(2, 5, activation=layers.PReLU(shared_axes=axes))
        with pytest.raises(ValueError, match="Received PReLU with weights for each"):
            layer.build((None, 60, 4))
    shared = layers.PReLU(shared_axes=[1, 2])
    conv = RevCompConv1D(2, 5, padding="same", activation=shared)
    model = keras.Sequential(
        [keras.Input((60, 4)), conv, RevCompFold(), layers.Flatten(), layers.Dense(1)]
    )
    randomise(model)
    assert strand_gap(model, one_hot(60)) <= 1e-5
