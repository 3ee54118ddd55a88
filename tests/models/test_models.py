import keras
import numpy as np
import pytest

import keras_motif as km
from keras_motif.extraction import activation_map

pytestmark = pytest.mark.keras

BUILDERS = [
    (km.models.cnn_2, 161_388, 100),
    (km.models.cnn_50, 161_388, 100),
    (km.models.cnn_deep, 429_132, 36),
]

# Parameters by hand, layer by layer: kernel (and 4 of batch norm per channel).
#   cnn_local, 200 -> 4 -> 2 positions: 4*19*24 (96), 24*3*48 (192),
#     2*48*96 (384), 96 + 1
#   cnn_dist, 200 -> 50 -> 44 -> 11 -> 9 -> 3: 4*19*24 (96), 24*7*32 (128),
#     32*7*48 (192), 48*3*64 (256), 3*64*96 (384), 96 + 1
#   basset, 600 -> 200 -> 190 -> 47 -> 41 -> 10: 4*19*300 (1200),
#     300*11*200 (800), 200*7*200 (800), 10*200*1000 (4000), 1000*1000 (4000),
#     1000*164 + 164
#   residual_bind, 400 -> 40 -> 8 -> 6 -> 1: 4*19*24 (96), twice 24*5*24 (96),
#     24*7*48 (192), 48*3*64 (256), 64*96 (384), 96 + 1
# Shortest inputs: backwards through the pools, 1, 3, 5, 20, 26, 104 for cnn_dist.
RELEASED = [
    (km.models.cnn_local, 15_265, 100, (200, 4), 24),
    (km.models.cnn_dist, 46_753, 104, (200, 4), 24),
    (km.models.basset, 4_137_764, 150, (600, 4), 300),
    (km.models.residual_bind, 32_225, 300, (400, 4), 24),
]
ALL = [build for build, *_ in BUILDERS + RELEASED] + [km.models.recommended]


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


@pytest.mark.parametrize(
    ("build", "num_params", "shortest", "shape", "num_filters"), RELEASED
)
def test_other_networks_are_those_of_the_released_code(
    build, num_params, shortest, shape, num_filters
):
    model = build()
    assert model.count_params() == num_params
    assert model.name == build.__name__
    assert model.input_shape == (None, *shape)
    convolution = model.get_layer("first_convolution")
    assert (convolution.filters, convolution.kernel_size) == (num_filters, (19,))
    assert isinstance(model.get_layer("first_activation"), km.Exponential)


def test_layers_of_the_residual_network_stand_in_order():
    model = km.models.residual_bind(activation="relu", num_filters=8)
    kinds = [type(layer).__name__ for layer in model.layers]
    hidden = ["Conv1D", "BatchNormalization", "Activation", "Dropout"]
    block = [*hidden[:3], *hidden[:2], "Add", "Activation", "MaxPooling1D"]
    pooled = [*hidden, "MaxPooling1D"]
    tail = ["Flatten", "Dense", "BatchNormalization", "Activation", "Dropout", "Dense"]
    assert kinds == ["InputLayer", *hidden, *block, *pooled * 2, *tail]
    assert [x.rate for x in model.layers if hasattr(x, "rate")] == [0.1, 0.3, 0.4, 0.5]
    addition = next(x for x in model.layers if isinstance(x, keras.layers.Add))
    assert [tuple(x.shape) for x in addition.input] == [(None, 400, 8)] * 2
    padding = [x.padding for x in model.layers if isinstance(x, keras.layers.Conv1D)]
    assert padding == ["same", "same", "same", "same", "valid"]


def test_the_residual_block_adds_its_input(sequences):
    model = km.models.residual_bind((300, 4), num_filters=3, activation="relu")
    addition = next(x for x in model.layers if isinstance(x, keras.layers.Add))
    parts = keras.Model(model.input, [*addition.input, addition.output])
    x = np.tile(sequences, (1, 5, 1))[:2].astype("float32")
    ours, theirs, total = map(keras.ops.convert_to_numpy, parts(x))
    np.testing.assert_allclose(total, ours + theirs, rtol=1e-6)
    assert (ours != 0).any()
    assert (theirs != 0).any()


@pytest.mark.parametrize(
    ("build", "shortest"), [(row[0], row[2]) for row in BUILDERS + RELEASED]
)
def test_shortest_input_works_and_a_shorter_one_is_named(build, shortest):
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


@pytest.mark.parametrize("build", ALL)
def test_every_network_trains_saves_and_is_read(build, tmp_path, sequences):
    model = build((300, 4), 2, num_filters=5)
    x = np.tile(sequences, (1, 5, 1))[:8]
    model.compile("adam", "binary_crossentropy")
    model.fit(x.astype("float32"), np.eye(2)[[0, 1] * 4], batch_size=8, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [x.name for x in loaded.layers] == [x.name for x in model.layers]
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5
    )
    (maps,) = activation_map(loaded)
    assert (maps.name, maps.num_filters) == ("first_activation", 5)
    assert maps.receptive_field(300) == (-9, 19, 1, 300)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("build", ALL)
def test_half_precision_is_finite(build, policy, sequences):
    keras.config.set_dtype_policy(policy)
    model = build((300, 4), 2, num_filters=5)
    out = model(np.tile(sequences, (1, 5, 1))[:8].astype("float32"), training=True)
    assert keras.backend.standardize_dtype(out.dtype) == policy.removeprefix("mixed_")
    values = keras.ops.convert_to_numpy(keras.ops.cast(out, "float32"))
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("build", "shape", "options", "num_params"),
    [
        # CNN-2 at 200: 4*19*30 (120), 30*5*128 (512), 2*128*512 (2048), 12*513.
        (km.models.cnn_2, (200, 4), {"num_filters": 32}, 162_828),
        (km.models.cnn_2, (200, 4), {"kernel_size": 25}, 162_108),
        (km.models.cnn_2, (200, 4), {"batch_norm": False}, 161_268),
        (km.models.cnn_2, (200, 4), {"pools": (1, 100)}, 161_388),
        # 101 -> 50 -> 2 positions, as many as from 200 by default.
        (km.models.cnn_2, (101, 4), {"pools": (2, 25)}, 161_388),
        # 200 -> 50 -> 10 positions: 8 * 128 * 512 parameters more.
        (km.models.cnn_50, (200, 4), {"pools": (4, 5)}, 685_676),
        # 4*19*60 (240), 60*5*256 (1024), 10*256*1024 (4096), 12*1025.
        (km.models.cnn_2, (1000, 4), {"width_multiplier": 2}, 2_720_460),
        (km.models.cnn_50, (1000, 4), {"width_multiplier": 2}, 2_720_460),
        # 1000 -> 333 -> 83 -> 27 positions: 4*19*60 (240), 60*9*96 (384),
        # 96*6*192 (768), 192*4*256 (1024), 27*256*1024 (4096), 12*1025.
        (km.models.cnn_deep, (1000, 4), {"width_multiplier": 2}, 7_460_300),
        (km.models.cnn_deep, (200, 4), {"batch_norm": False}, 429_012),
    ],
)
def test_options_change_the_networks_as_worked_out(build, shape, options, num_params):
    assert build(shape, **options).count_params() == num_params


@pytest.mark.parametrize("build", [build for build, *_ in BUILDERS])
def test_a_random_strand_changes_training_alone(build, sequences):
    x = np.tile(sequences, (1, 4, 1)).astype("float32")[:16, :200]
    keras.utils.set_random_seed(1)
    plain = build(num_filters=4)
    keras.utils.set_random_seed(1)
    turned = build(num_filters=4, random_strand=True)
    turned.set_weights(plain.get_weights())
    np.testing.assert_array_equal(
        plain.predict(x, verbose=0), turned.predict(x, verbose=0)
    )
    for threshold_of in ("observed", "achievable"):
        read = [
            km.extract_motifs(model, x, threshold_of=threshold_of)
            for model in (plain, turned)
        ]
        assert read[0] == read[1]
    first = turned.get_layer("random_strand")
    assert not np.array_equal(x, np.asarray(first(x, training=True)))


def test_the_recommended_network_is_cnn_2_on_a_random_strand():
    model = km.models.recommended()
    # Without the four parameters per filter of the first batch norm.
    assert model.count_params() == 161_388 - 4 * 30
    kinds = [type(layer).__name__ for layer in model.layers]
    plain = [type(layer).__name__ for layer in km.models.cnn_2().layers]
    assert plain.pop(2) == "BatchNormalization"
    assert kinds == ["InputLayer", "RandomReverseComplement", *plain[1:]]
    assert isinstance(model.get_layer("first_activation"), km.Exponential)


@pytest.mark.parametrize(
    ("length", "pools"), [(20, (2, 5)), (101, (2, 25)), (200, (2, 50)), (1000, (2, 50))]
)
def test_the_recommended_pools_leave_two_positions_of_short_inputs(length, pools):
    layers = km.models.recommended((length, 4), 1).layers
    sizes = [x.pool_size[0] for x in layers if isinstance(x, keras.layers.MaxPooling1D)]
    assert tuple(sizes) == pools
    given = km.models.recommended((length, 4), 1, pools=(1, 4)).layers
    assert [
        x.pool_size[0] for x in given if isinstance(x, keras.layers.MaxPooling1D)
    ] == [4]


def test_pools_decide_about_the_shortest_input():
    assert km.models.cnn_2((50, 4), 3, pools=(2, 25)).output_shape == (None, 3)
    with pytest.raises(ValueError, match="length of 50 or more, .* pools of cnn_2"):
        km.models.cnn_2((49, 4), pools=(2, 25))
    assert km.models.cnn_deep((8, 4), pools=(1, 2, 2, 2)).output_shape == (None, 12)


def test_a_pool_of_1_and_a_dropout_of_0_are_left_out():
    model = km.models.cnn_2(pools=(1, 100), dropouts=(0, 0.2, 0))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("MaxPooling1D") == kinds.count("Dropout") == 1
    assert [x.rate for x in model.layers if hasattr(x, "rate")] == [0.2]
    pool = next(x for x in model.layers if isinstance(x, keras.layers.MaxPooling1D))
    assert pool.pool_size == (100,)


def test_without_batch_norm_the_first_activation_follows_the_convolution():
    model = km.models.cnn_deep(batch_norm=False)
    first = model.get_layer("first_convolution")
    assert not first.use_bias
    assert model.get_layer("first_activation").input is first.output
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("BatchNormalization") == 4


@pytest.mark.parametrize("kind", [str, keras.initializers.Initializer])
def test_every_kernel_has_an_initialiser_of_its_own(kind):
    given = keras.initializers.GlorotUniform()
    model = km.models.cnn_2(
        (100, 4),
        1024,
        pools=(1, 25),
        width_multiplier=2,
        kernel_initializer="glorot_uniform" if kind is str else given,
    )
    layers = [x for x in model.layers if hasattr(x, "kernel_initializer")]
    assert len(layers) == 4
    for layer in layers:
        assert isinstance(layer.kernel_initializer, keras.initializers.GlorotUniform)
    # Both dense kernels are 1024 x 1024: one initialiser would draw the same twice.
    hidden, output = (keras.ops.convert_to_numpy(x.kernel) for x in layers[2:])
    assert hidden.shape == output.shape
    assert (hidden != output).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pools": (2, 50, 2)}, "`pools` must hold 2 whole numbers, .* of cnn_2"),
        ({"pools": 25}, "`pools` must hold 2 whole numbers, .* Received 25"),
        ({"pools": (2, 0)}, "`pools` must hold 2 whole numbers, 1 or more"),
        ({"dropouts": (0.1, 0.1)}, "`dropouts` must hold 3 rates, .* of cnn_2"),
        ({"dropouts": (0.1, 0.1, 1)}, "`dropouts` must hold 3 rates, 0 <= rate < 1"),
        ({"dropouts": 0.1}, "`dropouts` must hold 3 rates, .* Received 0.1"),
        ({"kernel_size": 0}, "`kernel_size` must be a whole number, 1 or more"),
        ({"num_filters": 2.5}, "`num_filters` must be a whole number, .* 2.5"),
        ({"num_outputs": 0}, "`num_outputs` must be a whole number, 1 or more"),
        ({"width_multiplier": True}, "`width_multiplier` must be a whole number"),
        ({"kernel_initializer": "he"}, "`kernel_initializer` 'he' is no name that"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        km.models.cnn_2(**options)


def test_an_initialiser_of_a_wrong_kind_is_refused():
    with pytest.raises(TypeError, match="`kernel_initializer` must be a string or"):
        km.models.cnn_deep(kernel_initializer=np.zeros(3))


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
    model = keras.Model(inputs, maps)
    with pytest.raises(ValueError, match="must name a layer"):
        km.with_first_activation(model, layer="missing")
    with pytest.raises(ValueError, match="subclassed or has not been built"):
        km.with_first_activation(keras.Sequential([keras.layers.Conv1D(3, 5)]))


def kinds_of_swaps():
    """What stands between a convolution and its activation, or is the activation."""
    layers, ops = keras.layers, keras.ops
    bare = layers.Conv1D(3, 7, name="conv")

    def fork(x):
        x = layers.ReLU()(bare(x))
        return layers.Concatenate()([x, layers.MaxPooling1D(3, 1, "same")(x)])

    def later_prelu(x):
        x = layers.Conv1D(3, 7, activation="relu", name="conv")(x)
        return layers.Conv1D(3, 3, activation=layers.PReLU(shared_axes=[1]))(x)

    def joined(*parts):
        def through(x):
            for part in parts:
                x = part(x)
            return x

        return through

    relu = layers.ReLU
    return {
        "layer norm": joined(bare, layers.LayerNormalization(), relu()),
        "group norm": joined(bare, layers.GroupNormalization(1), relu()),
        "lambda between": joined(bare, layers.Lambda(lambda x: 2 * x), relu()),
        "lambda": joined(bare, layers.Lambda(lambda x: ops.relu(x))),
        "operation": joined(bare, ops.relu),
        "pool between": joined(bare, layers.MaxPooling1D(2), relu()),
        "fork behind": fork,
        "prelu in another layer": later_prelu,
        "separable": layers.SeparableConv1D(3, 7, activation="relu"),
    }


def model_through(function, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((60, 4))
    model = keras.Model(inputs, keras.layers.Flatten()(function(inputs)))
    model(np.zeros((1, 60, 4), dtype="float32"))  # builds activations as well
    for variable in model.weights:
        shape = tuple(variable.shape)
        variable.assign(np.random.default_rng(len(shape)).uniform(-1, 1, shape))
    return model


def outputs(model, x):
    return keras.ops.convert_to_numpy(model(x.astype("float32")))


@pytest.mark.parametrize("kind", kinds_of_swaps())
def test_a_swap_for_the_same_activation_changes_nothing(kind, sequences):
    model = model_through(kinds_of_swaps()[kind])
    before = outputs(model, sequences)
    same = km.with_first_activation(model, "relu")
    np.testing.assert_allclose(outputs(same, sequences), before, rtol=1e-4, atol=1e-5)
    other = km.with_first_activation(model, "tanh")
    assert not np.allclose(outputs(other, sequences), before, atol=1e-3)
    np.testing.assert_array_equal(outputs(model, sequences), before)


@pytest.mark.parametrize("own", [True, False])
def test_prelu_is_replaced_and_its_convolution_keeps_its_weights(own, sequences):
    prelu = keras.layers.PReLU(shared_axes=[1])

    def parts(x):
        if own:
            return keras.layers.Conv1D(3, 7, activation=prelu)(x)
        return prelu(keras.layers.Conv1D(3, 7)(x))

    model = model_through(parts)
    kernel, bias = (keras.ops.convert_to_numpy(w) for w in model.weights[:2])
    expected = model_through(keras.layers.Conv1D(3, 7, activation="tanh"))
    expected.set_weights([kernel, bias])
    copy = km.with_first_activation(model, "tanh")
    np.testing.assert_allclose(
        outputs(copy, sequences), outputs(expected, sequences), rtol=1e-5, atol=1e-6
    )


def test_a_swap_forgets_losses_and_metrics_of_ones_own(sequences):
    model = keras.Sequential(
        [own_activation_model(), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    x = sequences.astype("float32")
    model.compile(
        "adam",
        lambda y, z: keras.ops.mean((y - z) ** 2),
        metrics=[lambda y, z: keras.ops.mean(z)],
    )
    model.fit(x, np.zeros(len(x)), verbose=0)
    copy = km.with_first_activation(model, "relu")
    assert not copy.compiled
    np.testing.assert_allclose(outputs(copy, x), outputs(model, x), rtol=1e-5)


class Unsaid(keras.layers.Layer):
    """Has a weight that its settings don't tell the size of."""

    def __init__(self, size=2, **options):
        super().__init__(**options)
        self.size = size

    def build(self, shape):
        self.kernel = self.add_weight(shape=(self.size, 1))

    def call(self, x):
        return x * keras.ops.sum(self.kernel)

    def get_config(self):
        return {"name": self.name}


def test_weights_that_a_copy_has_no_place_for_are_an_error():
    inputs = keras.Input((60, 4))
    x = keras.layers.Conv1D(3, 7, activation="relu")(inputs)
    model = keras.Model(inputs, Unsaid(5, name="unsaid")(x))
    with pytest.raises(ValueError, match=r"weights of the layer 'unsaid' .*get_config"):
        km.with_first_activation(model)


EQUIVARIANT = [
    (km.models.cnn_2, 200),
    (km.models.cnn_50, 200),
    (km.models.cnn_deep, 180),
    (km.models.cnn_local, 200),
    (km.models.cnn_dist, 200),
    (km.models.basset, 582),
    (km.models.residual_bind, 300),
    (km.models.recommended, 200),
]


@pytest.mark.parametrize(("build", "length"), EQUIVARIANT)
def test_equivariant_networks_give_the_same_for_both_strands(build, length):
    model = build((length, 4), 3, num_filters=5, strands="equivariant")
    random = np.random.default_rng(0)
    for weight in model.weights:
        values = random.normal(0, 0.1, tuple(weight.shape))
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)
    x = np.eye(4, dtype="float32")[random.integers(0, 4, (4, length))]
    given = keras.ops.convert_to_numpy(model(x))
    other = keras.ops.convert_to_numpy(model(np.ascontiguousarray(x[:, ::-1, ::-1])))
    assert np.ptp(given) > 1e-3
    assert np.abs(given - other).max() <= 1e-5 * np.abs(given).max()


def test_equivariant_networks_have_the_studys_channels():
    model = km.models.cnn_deep((180, 4), strands="equivariant")
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv1D)]
    assert [x.output.shape[-1] for x in convolutions] == [60, 48, 96, 128]
    # Padded convolutions of even width are one wider.
    assert [x.kernel_size for x in convolutions] == [(19,), (9,), (7,), (5,)]
    # Half the parameters of 60 plain channels.
    assert convolutions[0].count_params() == 19 * 4 * 30
    assert model.get_layer("fold").output.shape == (None, 5, 64)
    assert not any(
        isinstance(x, km.layers.RandomReverseComplement)
        for x in km.models.recommended(strands="equivariant").layers
    )


@pytest.mark.parametrize(
    ("build", "length", "nearest"),
    [
        (km.models.cnn_2, 250, "200 or 300"),
        (km.models.cnn_deep, 200, "180 or 216"),
        (km.models.basset, 600, "582 or 630"),
        (km.models.residual_bind, 400, "300 or 500"),
        (km.models.cnn_dist, 105, "104 or 152"),
    ],
)
def test_lengths_whose_pools_leave_a_rest_name_the_nearest_that_work(
    build, length, nearest
):
    with pytest.raises(ValueError, match=f"without a rest.*a length of {nearest},"):
        build((length, 4), strands="equivariant")
    for works in map(int, nearest.split(" or ")):
        build((works, 4), strands="equivariant")


def test_options_that_do_not_go_with_equivariant_networks():
    with pytest.raises(ValueError, match='`strands` must be "given" or "equivariant"'):
        km.models.cnn_2(strands="both")
    with pytest.raises(ValueError, match="`random_strand` must be False"):
        km.models.cnn_2(strands="equivariant", random_strand=True)
    with pytest.raises(ValueError, match="kernel_size 19 or 21"):
        km.models.cnn_2(strands="equivariant", kernel_size=20)
    for activation in (keras.layers.PReLU(), keras.layers.PReLU(shared_axes=[1])):
        with pytest.raises(ValueError, match="must treat all channels alike"):
            km.models.cnn_2(strands="equivariant", activation=activation)
    assert km.models.cnn_deep(pools=(1, 4, 5, 2), strands="equivariant")
