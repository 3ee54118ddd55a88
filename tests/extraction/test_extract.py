import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction import _site_counts as site_counts
from support.networks import KERNEL, small_model
from support.oracles import count_bases, find_sites

pytestmark = pytest.mark.keras


def planted_model(word, length=60):
    """A network whose one filter fires where the word stands, and nowhere else."""
    model = keras.Sequential(
        [
            keras.Input((length, 4)),
            layers.Conv1D(1, len(word), padding="same", activation="relu"),
        ]
    )
    kernel = km.one_hot(word)[0].astype("float32")[..., None]
    model.set_weights([kernel, np.array([0.5 - len(word)])])
    return model


def maps_of(model, x, layer="conv"):
    """Return a layer's maps, as anyone would compute them."""
    part = keras.Model(model.inputs[0], model.get_layer(layer).output)
    values = keras.ops.cast(part(np.asarray(x, "float32")), "float32")
    return np.asarray(keras.ops.convert_to_numpy(values))


def frequencies(counts):
    totals = counts.sum(axis=1, keepdims=True)
    uniform = np.full(counts.shape, 0.25)
    return np.divide(counts, totals, out=uniform, where=totals > 0)


def test_planted_motif_spells_its_word(random, sequences):
    word = "GATTACA"
    x = sequences.copy()
    for row, start in enumerate(random.integers(0, 53, size=len(x))):
        x[row, start : start + 7] = km.one_hot(word)[0]
    (motif,) = km.extract_motifs(planted_model(word), x)
    assert (motif.consensus, motif.name, motif.width) == (word, "filter0", 7)
    assert motif.num_sites >= len(x)
    np.testing.assert_array_equal(motif.information(), 2.0)
    sites = km.activation_sites(planted_model(word), x)
    assert len(sites) == motif.num_sites
    for row in sites.itertuples():
        window = x[row.sequence, row.start : row.end]
        assert km.from_one_hot(window[None]) == [word]
        assert row.activation == 0.5


CASES = {
    "same": {},
    "valid": {"padding": "valid"},
    "causal": {"padding": "causal"},
    "even": {"kernel_size": 6},
    "strided": {"strides": 3},
    "dilated": {"dilation_rate": 2},
}


def windows_of(case, length=60):
    """Return a case's layer options, and start, stride and width of its windows."""
    options = {"kernel_size": KERNEL, "padding": "same", **CASES[case]}
    taps, padding = options["kernel_size"], options["padding"]
    reach = (taps - 1) * options.get("dilation_rate", 1) + 1
    stride = options.get("strides", 1)
    before = {"valid": 0, "causal": reach - 1, "same": (reach - 1) // 2}[padding]
    if stride == 3:
        before = (19 * 3 + reach - length) // 2
    return options, -before, stride, reach


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("select", ["all", "best"])
@pytest.mark.parametrize("activation", ["relu", "exponential"])
@pytest.mark.parametrize("extra", [0, 1, 4])
def test_equals_the_obvious_loop(case, select, activation, extra, sequences):
    options, start, stride, reach = windows_of(case)
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, activation=activation, name="conv", **options),
        ]
    )
    width = reach + extra
    sites = find_sites(
        [maps_of(model, sequences)],
        length=60,
        start=start - (extra + 1) // 2,
        stride=stride,
        width=width,
        threshold=0.4,
        select=select,
    )
    counts, num_sites = count_bases(sites, [sequences], width=width, filters=5)
    motifs = km.extract_motifs(
        model,
        sequences,
        threshold=0.4,
        select=select,
        window=width if extra else None,
        batch_size=17,
    )
    assert [motif.num_sites for motif in motifs] == num_sites.tolist()
    assert num_sites.sum() > 0
    for motif, count in zip(motifs, counts, strict=True):
        np.testing.assert_array_equal(motif.frequencies, frequencies(count))


@pytest.mark.parametrize("case", ["same", "causal", "even"])
@pytest.mark.parametrize("select", ["all", "best"])
@pytest.mark.parametrize("weighted", [False, True])
def test_both_strands_equal_the_obvious_loop(case, select, weighted, sequences):
    options, start, stride, reach = windows_of(case)
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, activation="exponential", name="conv", **options),
        ]
    )
    strands = [sequences, sequences[:, ::-1, ::-1]]
    sites = find_sites(
        [maps_of(model, x) for x in strands],
        length=60,
        start=start,
        stride=stride,
        width=reach,
        threshold=0.4,
        select=select,
    )
    counts, num_sites = count_bases(
        sites, strands, width=reach, filters=5, weighted=weighted
    )
    options = {"threshold": 0.4, "select": select, "reverse_complement": True}
    motifs = km.extract_motifs(
        model, sequences, weighted=weighted, batch_size=17, **options
    )
    assert [motif.num_sites for motif in motifs] == num_sites.tolist()
    for motif, count in zip(motifs, counts, strict=True):
        # Sums of weights depend on their order.
        np.testing.assert_allclose(
            motif.frequencies, frequencies(count), rtol=1e-12 if weighted else 0
        )
    table = km.activation_sites(model, sequences, batch_size=17, **options)
    expected = [
        (i, 60 - first - reach if s else first, "+-"[s], f"filter{f}", value)
        for f, i, s, first, value in sites
    ]
    columns = ["sequence", "start", "strand", "filter", "activation"]
    found = list(table[columns].itertuples(index=False, name=None))
    assert found == sorted(expected, key=lambda row: (*row[:3], int(row[3][6:])))
    assert (table["end"] - table["start"] == reach).all()
    assert set(table["strand"]) == {"+", "-"}


@pytest.mark.parametrize(
    "policy", ["float32", "float64", "float16", "mixed_bfloat16", "mixed_float16"]
)
def test_every_precision_equals_the_obvious_loop(policy, sequences):
    if keras.backend.backend() == "jax" and policy == "float64":
        pytest.skip("JAX computes in 32 bits unless told otherwise")
    keras.config.set_dtype_policy(policy)
    model = small_model(km.Exponential())
    sites = find_sites(
        [maps_of(model, sequences)],
        length=60,
        start=-3,
        stride=1,
        width=KERNEL,
        threshold=0.5,
        select="all",
    )
    counts, num_sites = count_bases(sites, [sequences], width=KERNEL, filters=5)
    motifs = km.extract_motifs(model, sequences, batch_size=64)
    assert [motif.num_sites for motif in motifs] == num_sites.tolist()
    for motif, count in zip(motifs, counts, strict=True):
        np.testing.assert_array_equal(motif.frequencies, frequencies(count))


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("num_bytes", [0, 3000])
def test_counting_before_the_largest_is_known_gives_the_same(
    weighted, num_bytes, sequences, monkeypatch
):
    model = small_model("exponential")
    best = maps_of(model, sequences).max(axis=(1, 2))
    rising = sequences[np.argsort(best)]  # the largest activations come last
    expected = km.extract_motifs(model, rising, weighted=weighted)
    monkeypatch.setattr(site_counts, "_PENDING_BYTES", num_bytes)
    for data in (rising, rising[::-1]):
        found = km.extract_motifs(model, data, weighted=weighted, batch_size=5)
        assert [m.num_sites for m in found] == [m.num_sites for m in expected]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one.frequencies, other.frequencies, rtol=1e-12)


def conv_norm_exponential():
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, 7, padding="same", use_bias=False),
            layers.BatchNormalization(),
            km.Exponential(name="maps"),
            layers.Dropout(0.5),
        ]
    )
    random = np.random.default_rng(1)
    model.layers[1].set_weights([random.uniform(0.5, 2, size=5) for _ in range(4)])
    return model, model


def two_dimensional():
    model = keras.Sequential(
        [
            keras.Input((60, 4, 1)),
            layers.Conv2D(5, (7, 4), activation="relu", name="maps"),
            layers.Flatten(),
        ]
    )
    return model, model


def nested():
    inputs = keras.Input((60, 4))
    maps = layers.Conv1D(5, 7, activation="relu", name="maps")(inputs)
    inner = keras.Model(inputs, layers.GlobalMaxPooling1D()(maps))
    outer = keras.Sequential([keras.Input((60, 4)), inner, layers.Dense(1)])
    return outer, inner


def second_layer():
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(3, 7, padding="same", activation="exponential"),
            layers.MaxPooling1D(2),
            layers.Conv1D(5, 3, activation="relu", name="maps"),
        ]
    )
    return model, model


def residual():
    inputs = keras.Input((60, 4))
    x = layers.Conv1D(5, 1)(inputs)
    y = layers.Conv1D(5, 5, padding="same")(x)
    maps = layers.ReLU(name="maps")(layers.Add()([x, y]))
    model = keras.Model(inputs, layers.Flatten()(maps))
    return model, model


@pytest.mark.parametrize(
    ("build", "start", "stride", "width"),
    [
        (conv_norm_exponential, -3, 1, 7),
        (two_dimensional, 0, 1, 7),
        (nested, 0, 1, 7),
        # A position of the pool sees bases 2 q - 3 to 2 q + 4; three of them do.
        (second_layer, -3, 2, 12),
        (residual, -2, 1, 5),
    ],
)
@pytest.mark.parametrize("select", ["all", "best"])
def test_every_kind_of_model_equals_the_obvious_loop(
    build, start, stride, width, select, sequences
):
    model, holder = build()
    x = sequences[..., None] if build is two_dimensional else sequences
    values = maps_of(holder, x, "maps")
    sites = find_sites(
        [values.reshape(64, -1, 5)],
        length=60,
        start=start,
        stride=stride,
        width=width,
        threshold=0.5,
        select=select,
    )
    counts, num_sites = count_bases(sites, [sequences], width=width, filters=5)
    motifs = km.extract_motifs(
        model, sequences, layer="maps", select=select, batch_size=64
    )
    assert num_sites.sum() > 0
    assert [motif.num_sites for motif in motifs] == num_sites.tolist()
    for motif, count in zip(motifs, counts, strict=True):
        np.testing.assert_array_equal(motif.frequencies, frequencies(count))


def test_released_rules_lose_the_windows_at_the_ends(sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, 19, padding="same", activation="relu", name="conv"),
        ]
    )
    sites = find_sites(
        [maps_of(model, sequences)],
        length=60,
        start=-10,
        stride=1,
        width=20,
        threshold=0.5,
        select="all",
        margin=1,
    )
    counts, num_sites = count_bases(sites, [sequences], width=20, filters=5)
    motifs = km.extract_motifs(model, sequences, compat="released")
    kept = np.where(num_sites < 2, 0, num_sites)
    assert [motif.num_sites for motif in motifs] == kept.tolist()
    assert {motif.width for motif in motifs} == {20}
    for index in np.flatnonzero(kept):
        np.testing.assert_array_equal(
            motifs[index].frequencies, frequencies(counts[index])
        )


def test_released_rules_want_two_windows():
    x = km.one_hot(["A" * 20 + "GATTACAGATTACAGATTA" + "A" * 21])
    model = planted_model("GATTACAGATTACAGATTA")
    (ours,) = km.extract_motifs(model, x)
    (released,) = km.extract_motifs(model, x, compat="released")
    assert (ours.num_sites, ours.consensus) == (1, "GATTACAGATTACAGATTA")
    assert released.num_sites == 0
    np.testing.assert_array_equal(released.frequencies, 0.25)


def test_threshold_is_strict_and_of_the_largest_activation():
    x = km.one_hot(["AAAAACAAAA"])
    model = keras.Sequential(
        [keras.Input((10, 4)), layers.Conv1D(1, 1, activation="relu")]
    )
    model.set_weights([np.array([[[1.0], [2.0], [0], [0]]]), np.zeros(1)])
    (half,) = km.extract_motifs(model, x, threshold=0.5)
    assert half.num_sites == 1
    (below,) = km.extract_motifs(model, x, threshold=0.499)
    assert below.num_sites == 10


def test_best_takes_the_first_of_equals():
    x = km.one_hot(["CCACCCACCC"])
    sites = km.activation_sites(planted_model("A", 10), x, select="best")
    assert sites[["sequence", "start", "end"]].to_numpy().tolist() == [[0, 2, 3]]


def test_best_at_the_edge_gives_nothing():
    # The maximum, at the very start, has no whole window.
    model = planted_model("CAC", 12)
    model.set_weights([model.get_weights()[0], np.array([-0.5])])
    x = km.one_hot(["ACTTTTTTTTTT"])
    assert len(km.activation_sites(model, x, select="best")) == 0
    (motif,) = km.extract_motifs(model, x, select="best")
    assert motif.num_sites == 0


def test_dead_filters_are_uniform(sequences):
    model = small_model()
    kernel, bias = model.get_weights()
    bias[:] = -100.0
    model.set_weights([kernel, bias])
    motifs = km.extract_motifs(model, sequences)
    assert [motif.name for motif in motifs] == [f"filter{i}" for i in range(5)]
    for motif in motifs:
        assert motif.num_sites == 0
        np.testing.assert_array_equal(motif.frequencies, 0.25)
    assert km.activation_sites(model, sequences).empty


def middle_g(length=9, first_a=0.0):
    """A network that fires where G stands, more so behind an A; windows of three."""
    model = keras.Sequential(
        [keras.Input((length, 4)), layers.Conv1D(1, 3, activation="relu")]
    )
    kernel = np.zeros((3, 4, 1))
    kernel[1, 2] = 1.0
    kernel[0, 0] = first_a
    model.set_weights([kernel, np.zeros(1)])
    return model


def test_an_unknown_base_is_a_quarter_of_each():
    (motif,) = km.extract_motifs(middle_g(), km.one_hot(["NGNNNNAGN"]))
    assert motif.num_sites == 2
    np.testing.assert_array_equal(
        motif.frequencies, [[0.625, 0.125, 0.125, 0.125], [0, 0, 1, 0], [0.25] * 4]
    )


def test_a_position_that_one_of_a_hundred_windows_knows_is_nearly_uniform():
    x = km.one_hot(["AGN"] * 99 + ["AGT"])
    (motif,) = km.extract_motifs(middle_g(3), x)
    assert motif.num_sites == 100
    np.testing.assert_array_equal(
        motif.frequencies[2], np.array([24.75, 24.75, 24.75, 25.75]) / 100
    )
    assert motif.information()[2] < 0.001


def test_an_unknown_base_shares_the_weight_of_its_window():
    # The windows NGN and AGN weigh 1 and 2.
    (motif,) = km.extract_motifs(
        middle_g(first_a=1.0),
        km.one_hot(["NGNNNNAGN"]),
        weighted=True,
        threshold=0.4,
    )
    assert motif.num_sites == 2
    np.testing.assert_allclose(
        motif.frequencies[0], np.array([2.25, 0.25, 0.25, 0.25]) / 3, rtol=1e-15
    )
    np.testing.assert_array_equal(motif.frequencies[1:], [[0, 0, 1, 0], [0.25] * 4])


def test_unknown_bases_count_alike_on_both_strands():
    # AGT as it stands, GGN as the reverse complement of NCC.
    x = km.one_hot(["AGT", "NCC"])
    (motif,) = km.extract_motifs(middle_g(3), x, reverse_complement=True)
    assert motif.num_sites == 2
    np.testing.assert_array_equal(
        motif.frequencies,
        [[0.5, 0, 0.5, 0], [0, 0, 1, 0], [0.125, 0.125, 0.125, 0.625]],
    )


def test_unknown_bases_count_under_the_released_rules():
    # Windows of 20 about the two G: in each, the other G is the one other known base.
    word = "N" * 30 + "GNNNNG" + "N" * 24
    (motif,) = km.extract_motifs(middle_g(60), km.one_hot([word]), compat="released")
    assert motif.num_sites == 2
    expected = np.full((20, 4), 0.25)
    expected[10] = [0, 0, 1, 0]
    expected[[5, 15]] = [0.125, 0.125, 0.625, 0.125]
    np.testing.assert_array_equal(motif.frequencies, expected)


def test_trim_option_trims(sequences):
    model = small_model()
    whole = km.extract_motifs(model, sequences)
    trimmed = km.extract_motifs(model, sequences, trim=True)
    assert trimmed == [motif.trim() for motif in whole]


def test_mixed_precision_models_are_read(sequences):
    keras.config.set_dtype_policy("mixed_bfloat16")
    motifs = km.extract_motifs(small_model(km.Exponential()), sequences)
    assert all(motif.num_sites for motif in motifs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, "`threshold` must be a share"),
        ({"threshold": -0.1}, "`threshold` must be a share"),
        ({"threshold": float("nan")}, "`threshold` must be a share"),
        ({"select": "first"}, '`select` must be "all" or "best"'),
        ({"threshold_of": "seen"}, '`threshold_of` must be "observed" or'),
        ({"compat": "old"}, '`compat` must be None or "released"'),
        ({"compat": "released", "window": 19}, "means a window of 20"),
        ({"window": 0}, "`window` must be a whole number"),
        ({"window": 5}, "at least the receptive field, 7 bases"),
        ({"window": 61}, "long enough for windows of 61 bases"),
        ({"batch_size": 0}, "`batch_size` must be 1 or more"),
    ],
)
def test_bad_options_are_refused(options, message, sequences):
    with pytest.raises(ValueError, match=message):
        km.extract_motifs(small_model(), sequences, **options)
    with pytest.raises(TypeError, match="`batch_size` must be an integer"):
        km.extract_motifs(small_model(), sequences, batch_size=2.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_activations_that_are_not_finite_name_the_filters(value, sequences):
    model = small_model()
    kernel, bias = model.get_weights()
    bias[3] = value
    model.set_weights([kernel, bias])
    with pytest.raises(ValueError, match=r"'conv' must be finite.*filters \[3\]"):
        km.extract_motifs(model, sequences)


def test_deeper_layers_have_wider_motifs(sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(3, 7, activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(4, 3, activation="relu", name="second"),
        ]
    )
    motifs = km.extract_motifs(model, sequences, layer="second")
    assert [motif.width for motif in motifs] == [7 + 1 + 2 * 2] * 4


@keras.saving.register_keras_serializable(package="tests")
class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv1D(5, KERNEL, padding="same", name="conv")
        self.norm = layers.BatchNormalization()
        self.act = layers.Activation("exponential", name="act")
        self.dense = layers.Dense(1)

    def call(self, x, training=False):
        x = self.act(self.norm(self.conv(x), training=training))
        return self.dense(keras.ops.max(x, axis=1))


def test_subclassed_models_are_read(sequences):
    model = Subclassed()
    model.compile("adam", "mse")
    model.fit(sequences.astype("float32"), np.zeros((64, 1)), verbose=0)
    inputs = keras.Input((60, 4))
    part = keras.Model(inputs, model.act(model.norm(model.conv(inputs))))
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    expected = km.extract_motifs(part, sequences)
    assert any(motif.num_sites for motif in expected)
    for layer in (None, "act", 2, model.act):
        assert km.extract_motifs(model, sequences, layer=layer) == expected
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls


def test_subclassed_models_are_read_as_far_as_they_can_be(sequences):
    with pytest.raises(ValueError, match="has not been built"):
        km.extract_motifs(Subclassed(), sequences)

    class Odd(Subclassed):
        looks_at_values = False

        def call(self, x):
            x = super().call(x)
            return -x if self.looks_at_values and float(keras.ops.sum(x)) else x

    model = Odd()
    model(sequences.astype("float32"))
    expected = km.extract_motifs(model, sequences)
    model.looks_at_values = True
    with pytest.warns(UserWarning, match="fails on symbolic inputs .*ValueError"):
        motifs = km.extract_motifs(model, sequences)
    assert motifs == expected


def test_the_model_is_left_as_it_was(sequences):
    model = km.models.cnn_2((120, 4), num_outputs=1)
    model.compile("adam", "mse")
    model.layers[1].trainable = False
    x = np.concatenate([sequences, sequences], axis=1)
    weights = [weight.copy() for weight in model.get_weights()]
    state = (
        model.get_config(),
        [layer.trainable for layer in model.layers],
        [len(layer._inbound_nodes) for layer in model.layers],
    )
    optimizer, compiled = model.optimizer, model.get_compile_config()
    km.extract_motifs(model, x, reverse_complement=True)
    km.extract_motifs(model, x, threshold_of="achievable")
    assert state == (
        model.get_config(),
        [layer.trainable for layer in model.layers],
        [len(layer._inbound_nodes) for layer in model.layers],
    )
    assert (model.optimizer, model.get_compile_config()) == (optimizer, compiled)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_distributed_models_are_read(sequences):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("tf.distribute is of TensorFlow")
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = small_model("exponential")
        model.compile("adam", "mse")
    model.fit(sequences, np.zeros((64, 60, 5)), verbose=0)
    plain = small_model("exponential")
    plain.set_weights(model.get_weights())
    expected = km.extract_motifs(plain, sequences)
    assert km.extract_motifs(model, sequences) == expected
    with strategy.scope():
        assert km.extract_motifs(model, sequences) == expected


def test_achievable_threshold_counts_against_the_best_sequence():
    # The best sequence, GAT, gives 3; the data hold GAC with 2 at most.
    model = planted_model("GAT", 10)
    model.set_weights([model.get_weights()[0], np.zeros(1)])
    x = km.one_hot(["CCCGACCCCC"])
    options = {"layer": 0, "threshold": 0.7}
    (observed,) = km.extract_motifs(model, x, **options)
    assert (observed.num_sites, observed.consensus) == (1, "GAC")
    (achievable,) = km.extract_motifs(model, x, threshold_of="achievable", **options)
    assert achievable.num_sites == 0
    (lower,) = km.extract_motifs(
        model, x, threshold_of="achievable", layer=0, threshold=0.6
    )
    assert (lower.num_sites, lower.consensus) == (1, "GAC")
