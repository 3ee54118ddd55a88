import h5py
import keras
import numpy as np
import pytest
from keras import layers
from oracles import extract_counts

import keras_motif as km

pytestmark = pytest.mark.keras

KERNEL = 7


def small_model(activation="relu", length=60, **conv):
    conv = {"padding": "same", **conv}
    return keras.Sequential(
        [
            keras.Input((length, 4)),
            layers.Conv1D(5, KERNEL, activation=activation, name="conv", **conv),
        ]
    )


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


def maps_of(model, x):
    return keras.Model(model.inputs, model.get_layer("conv").output).predict(
        x, verbose=0
    )


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


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("select", ["all", "best"])
@pytest.mark.parametrize("activation", ["relu", "exponential"])
@pytest.mark.parametrize("extra", [0, 1, 4])
def test_equals_the_obvious_loop(case, select, activation, extra, sequences):
    options = {"kernel_size": KERNEL, "padding": "same", **CASES[case]}
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, activation=activation, name="conv", **options),
        ]
    )
    taps, padding = options["kernel_size"], options["padding"]
    reach = (taps - 1) * options.get("dilation_rate", 1) + 1
    stride = options.get("strides", 1)
    before = {"valid": 0, "causal": reach - 1, "same": (reach - 1) // 2}[padding]
    if stride == 3:
        before = (19 * 3 + reach - 60) // 2
    counts, sites = extract_counts(
        maps_of(model, sequences),
        sequences,
        start=-before - (extra + 1) // 2,
        stride=stride,
        width=reach + extra,
        threshold=0.4,
        select=select,
    )
    motifs = km.extract_motifs(
        model,
        sequences,
        threshold=0.4,
        select=select,
        window=reach + extra if extra else None,
        batch_size=17,
    )
    assert [motif.num_sites for motif in motifs] == sites.tolist()
    assert sites.sum() > 0
    for motif, count in zip(motifs, counts, strict=True):
        totals = count.sum(axis=1, keepdims=True)
        uniform = np.full(count.shape, 0.25)
        expected = np.divide(count, totals, out=uniform, where=totals > 0)
        np.testing.assert_array_equal(motif.frequencies, expected)


def test_released_rules_lose_the_windows_at_the_ends(sequences):
    model = keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(5, 19, padding="same", activation="relu", name="conv"),
        ]
    )
    counts, sites = extract_counts(
        maps_of(model, sequences),
        sequences,
        start=-10,
        stride=1,
        width=20,
        threshold=0.5,
        select="all",
        margin=1,
    )
    motifs = km.extract_motifs(model, sequences, compat="released")
    kept = np.where(sites < 2, 0, sites)
    assert [motif.num_sites for motif in motifs] == kept.tolist()
    assert {motif.width for motif in motifs} == {20}
    totals = counts.sum(axis=2, keepdims=True)
    for index in np.flatnonzero(kept):
        np.testing.assert_array_equal(
            motifs[index].frequencies, counts[index] / totals[index]
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


def test_unknown_bases_count_for_nothing():
    model = keras.Sequential(
        [keras.Input((9, 4)), layers.Conv1D(1, 3, activation="relu")]
    )
    kernel = np.zeros((3, 4, 1))
    kernel[1, 2] = 1.0
    model.set_weights([kernel, np.zeros(1)])
    (motif,) = km.extract_motifs(model, km.one_hot(["NGNNNNAGN"]))
    assert motif.num_sites == 2
    np.testing.assert_array_equal(
        motif.frequencies, [[1, 0, 0, 0], [0, 0, 1, 0], [0.25] * 4]
    )


def test_trim_option_trims(sequences):
    model = small_model()
    whole = km.extract_motifs(model, sequences)
    trimmed = km.extract_motifs(model, sequences, trim=True)
    assert trimmed == [motif.trim() for motif in whole]


class Batches(keras.utils.PyDataset):
    def __init__(self, x):
        super().__init__()
        self.x = x

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.x[index * 16 : index * 16 + 16], np.zeros(16)


def test_every_kind_of_input_gives_the_same(sequences, tmp_path):
    model = small_model()
    expected = km.extract_motifs(model, sequences)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        length_first = file.create_dataset("a", data=sequences)
        channels_first = file.create_dataset("b", data=sequences.transpose(0, 2, 1))
        for stored in (length_first, channels_first):
            assert km.extract_motifs(model, stored, batch_size=10) == expected
    for dtype in (bool, np.uint8, np.float16, np.float64):
        assert km.extract_motifs(model, sequences.astype(dtype)) == expected
    tensor = keras.ops.convert_to_tensor(sequences)
    assert km.extract_motifs(model, tensor) == expected
    assert km.extract_motifs(model, Batches(sequences)) == expected
    parts = np.split(sequences, [10, 30])
    assert km.extract_motifs(model, parts) == expected
    assert km.extract_motifs(model, [(x, np.zeros(len(x))) for x in parts]) == expected


def test_tf_datasets_are_read(sequences):
    tf = pytest.importorskip("tensorflow")
    model = small_model()
    data = tf.data.Dataset.from_tensor_slices((sequences, np.zeros(64))).batch(10)
    assert km.extract_motifs(model, data) == km.extract_motifs(model, sequences)


def test_torch_loaders_are_read(sequences):
    torch = pytest.importorskip("torch")
    model = small_model()
    data = torch.utils.data.DataLoader(torch.tensor(sequences), batch_size=10)
    assert km.extract_motifs(model, data) == km.extract_motifs(model, sequences)


def test_mixed_precision_models_are_read(sequences):
    keras.config.set_dtype_policy("mixed_bfloat16")
    motifs = km.extract_motifs(small_model(km.Exponential()), sequences)
    assert all(motif.num_sites for motif in motifs)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.transpose(0, 2, 1), r"pass `sequences\.transpose\(0, 2, 1\)`"),
        (lambda x: x[0], r"pass `sequences\[None\]`"),
        (lambda x: x[..., :3], r"must be one-hot with shape \(n, length, 4\)"),
        (lambda x: x[:0], "which holds no base"),
        (lambda x: [], "or nothing; encode them"),
        (lambda x: ["ACGT"], r"encode them with `keras_motif\.one_hot"),
        (lambda x: "ACGT", r"encode them with `keras_motif\.one_hot"),
        (lambda x: x * 2, "at sequence 0, position 0"),
        (lambda x: np.maximum(x, 0.25), "probabilities cannot be used"),
        (lambda x: iter([x]), "must be readable twice"),
        (lambda x: [x, x[:, :50]], "batch of length 50 after one of length 60"),
        (lambda x: [{"x": x}], r"must be an array of shape .* Received dict"),
        (lambda x: (y for y in []), "readable twice"),
    ],
)
def test_bad_sequences_are_refused(change, message, sequences):
    sequences[0, 0] = [1, 0, 0, 0]
    with pytest.raises(ValueError, match=message):
        km.extract_motifs(small_model(length=None), change(sequences))


def test_bad_value_is_located(sequences):
    sequences[40, 7] = [1, 1, 0, 0]
    with pytest.raises(ValueError, match="at sequence 40, position 7"):
        km.extract_motifs(small_model(), sequences, batch_size=16)


def test_sequences_of_a_wrong_kind():
    with pytest.raises(TypeError, match="Received int"):
        km.extract_motifs(small_model(), 3)


def test_hdf5_of_another_layout_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset("x", data=np.zeros((5, 60, 3)))
        with pytest.raises(ValueError, match="must be one-hot with shape"):
            km.extract_motifs(small_model(), data)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": 1.0}, "`threshold` must be a share"),
        ({"threshold": -0.1}, "`threshold` must be a share"),
        ({"threshold": float("nan")}, "`threshold` must be a share"),
        ({"select": "first"}, '`select` must be "all" or "best"'),
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
