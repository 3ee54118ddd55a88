"""Which layer is read of which model, and what its windows are."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km
from keras_motif.extraction import activation_map
from support.networks import layer_map

pytestmark = pytest.mark.keras

LENGTH = 60


def model_of(*parts, shape=(LENGTH, 4)):
    x = inputs = keras.Input(shape)
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x)


def conv(name="conv", size=7, **options):
    return layers.Conv1D(3, size, **{"activation": "relu", "name": name, **options})


class Shift(layers.Layer):
    """An augmentation: it does nothing outside of training."""

    def call(self, x, training=False):
        return ops.roll(x, 3, axis=1) if training else x


class Block(layers.Layer):
    """A convolution that pads by itself, with its own activation."""

    def __init__(self, size, **options):
        super().__init__(**options)
        self.inner = layers.Conv1D(3, size)
        self.size = size

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        left = self.size - 1
        return ops.relu(self.inner(ops.pad(x, [[0, 0], [left, 0], [0, 0]])))


class BothStrands(layers.Conv1D):
    """Takes the larger of both strands' scores."""

    def call(self, x):
        other = ops.flip(super().call(ops.flip(x, axis=(1, 2))), axis=1)
        return ops.maximum(super().call(x), other)


class Padded(layers.Conv1D):
    """Says that it is valid, and pads by itself."""

    def call(self, x):
        return super().call(ops.pad(x, [[0, 0], [3, 3], [0, 0]]))


class Normalised(layers.Layer):
    """A norm over the whole length."""

    def call(self, x):
        mean = ops.mean(x, axis=1, keepdims=True)
        return (x - mean) / (ops.std(x, axis=1, keepdims=True) + 1e-3)


READ = {
    "separable": (
        [layers.SeparableConv1D(3, 7, activation="relu", name="first"), conv(size=3)],
        "first",
        (0, 7, 1, 54),
    ),
    "depthwise": (
        [layers.DepthwiseConv1D(5, activation="relu", name="first"), conv(size=3)],
        "first",
        (0, 5, 1, 56),
    ),
    "custom block": ([Block(6, name="first"), conv(size=3)], "first", (-5, 6, 1, 60)),
    "augmentation": ([Shift(), conv()], "conv", (0, 7, 1, 54)),
    "identity": ([layers.Identity(), conv()], "conv", (0, 7, 1, 54)),
    "padding in front": ([layers.ZeroPadding1D(3), conv()], "conv", (-3, 7, 1, 60)),
    "cropping in front": ([layers.Cropping1D((2, 1)), conv()], "conv", (2, 7, 1, 51)),
    "pointwise first": ([conv("one", 1), conv("two", 5)], "two", (0, 5, 1, 56)),
    "subclass that pads": (
        [Padded(3, 7, activation="relu", name="own")],
        "own",
        (-3, 7, 1, 60),
    ),
    "custom norm": (
        [conv(activation=None), Normalised(), layers.ReLU(name="act")],
        "act",
        (0, 7, 1, 54),
    ),
    "group norm": (
        [conv(activation=None), layers.GroupNormalization(1), layers.ReLU(name="act")],
        "act",
        (0, 7, 1, 54),
    ),
    "square": (
        [conv(activation=None), lambda x: ops.square(x)],
        "square",
        (0, 7, 1, 54),
    ),
}


@pytest.mark.parametrize("case", READ)
def test_the_first_layer_is_read_whatever_its_class(case):
    parts, name, field = READ[case]
    maps = layer_map(model_of(*parts), "act" if case == "custom norm" else None)
    assert maps.name.startswith(name)
    assert maps.receptive_field(LENGTH) == field


DEEPER = {
    "upsampling": ([layers.MaxPooling1D(2), layers.UpSampling1D(2)], (-1, 11, 1, 52)),
    "transposed": ([layers.Conv1DTranspose(3, 4, strides=2)], None),
    "time distributed": ([layers.TimeDistributed(layers.Dense(3))], (0, 9, 1, 52)),
    "own norm": ([Normalised()], (0, 9, 1, 52)),
}


@pytest.mark.parametrize("case", DEEPER)
def test_single_bases_move_nothing_outside_of_the_windows(case, random):
    parts, field = DEEPER[case]
    model = model_of(conv(), *parts, conv("deep", 3))
    maps = layer_map(model, "deep")
    found = maps.receptive_field(LENGTH)
    if field is not None:
        assert found == field
    if case == "own norm":
        assert "statistics" in maps.field_source(LENGTH)
        return
    base = np.eye(4, dtype="float32")[random.integers(4, size=(1, LENGTH))]
    moved = np.repeat(base, LENGTH, axis=0)
    index = np.arange(LENGTH)
    moved[index, index] = np.roll(moved[index, index], 1, axis=1)
    changed = (np.abs(maps(moved) - maps(base)) > 1e-5).any(axis=2)
    starts = found.starts()
    outside = (index[:, None] < starts) | (index[:, None] >= starts + found.size)
    assert not (changed & outside).any()
    assert changed.any()


def inception(sizes=(3, 5)):
    inputs = keras.Input((LENGTH, 4))
    parts = [conv(f"k{size}", size, padding="same")(inputs) for size in sizes]
    return keras.Model(inputs, layers.Concatenate(name="cat")(parts))


def test_several_first_layers_are_listed_and_read_together(sequences):
    model = inception()
    with pytest.warns(UserWarning, match=r"2 first layers .* `layer=\['k3', 'k5'\]`"):
        motifs = km.extract_motifs(model, sequences)
    assert [(m.name, m.alt_name) for m in motifs[:1]] == [("filter0", "k3")]
    both = km.extract_motifs(model, sequences, layer=["k3", "k5"])
    assert [m.name for m in both] == [
        f"k{k}.filter{i}" for k in (3, 5) for i in range(3)
    ]
    assert both[:3] == [
        km.Motif(m.frequencies, f"k3.{m.name}", alt_name="k3", num_sites=m.num_sites)
        for m in motifs
    ]
    sites = km.activation_sites(model, iter([sequences]), layer=["k3", "k5"])
    assert len(sites) == sum(m.num_sites for m in both)
    assert sites.attrs["layers"].startswith("k3: 3 filters of 3 bases")


@pytest.mark.parametrize("order", [1, -1])
def test_a_frozen_network_beside_the_main_one_is_not_read(order):
    inputs = keras.Input((LENGTH, 4))
    bias = model_of(conv("bias_conv"))
    bias.trainable = False
    parts = [bias, conv("main")][::order]
    model = keras.Model(inputs, layers.Add()([part(inputs) for part in parts]))
    with pytest.warns(UserWarning, match="The filters of 'main' are read"):
        assert activation_map(model).names == ["main"]


@pytest.mark.parametrize("rc_first", [True, False])
def test_a_shared_layer_is_read_on_the_strand_that_is_given(rc_first, sequences):
    inputs = keras.Input((LENGTH, 4))
    shared = conv("shared")
    strands = [ops.flip(inputs, axis=(1, 2)), inputs]
    parts = [shared(x) for x in (strands if rc_first else strands[::-1])]
    model = keras.Model(inputs, layers.Maximum()(parts))
    alone = keras.Model(inputs, shared(inputs))
    expected = km.extract_motifs(alone, sequences)
    assert km.extract_motifs(model, sequences) == expected
    assert km.extract_motifs(model, sequences, layer="shared") == expected


def test_a_layer_of_the_other_strand_alone_is_read_on_it(sequences):
    model = model_of(lambda x: ops.flip(x, axis=(1, 2)), conv())
    motifs = km.extract_motifs(model, sequences)
    alone = model_of(model.get_layer("conv"))
    expected = km.extract_motifs(alone, sequences[:, ::-1, ::-1])
    assert motifs == expected
    assert set(km.activation_sites(model, sequences)["strand"]) == {"-"}


def test_windows_of_maps_that_no_strand_changes_are_turned_to_one(random):
    word = km.one_hot("GATTACA")[0]
    x = np.eye(4, dtype=np.int8)[random.integers(4, size=(80, LENGTH))]
    for row, start in enumerate(random.integers(0, 50, size=80)):
        x[row, start : start + 7] = word if row % 2 else word[::-1, ::-1]
    model = model_of(BothStrands(1, 7, activation="relu", name="both"))
    model.set_weights([word[..., None].astype("float32"), np.array([-6.5])])
    (motif,) = km.extract_motifs(model, x)
    assert motif.consensus in ("GATTACA", "TGTAATC")
    np.testing.assert_array_equal(motif.information(), 2.0)
    assert motif.num_sites >= 80
    assert set(km.activation_sites(model, x)["strand"]) == {"+", "-"}


LAYOUTS = {
    (LENGTH, 1, 4): ((7, 1), lambda x: x[:, :, None]),
    (1, LENGTH, 4): ((1, 7), lambda x: x[:, None]),
    (LENGTH, 4, 1): ((7, 4), lambda x: x[..., None]),
    (4, LENGTH, 1): ((4, 7), lambda x: x.transpose(0, 2, 1)[..., None]),
}


@pytest.mark.parametrize("shape", LAYOUTS)
def test_the_models_own_shape_says_how_it_takes_sequences(shape, sequences):
    kernel, own = LAYOUTS[shape]
    model = model_of(
        layers.Conv2D(3, kernel, activation="relu", name="conv"), shape=shape
    )
    plain = model_of(conv())
    weights = model.get_weights()
    axis = 0 if kernel[0] == 7 else 1
    moved = np.moveaxis(weights[0], axis, 0).reshape(7, 4, 3)
    plain.set_weights([moved, weights[1]])
    expected = km.extract_motifs(plain, sequences)
    assert km.extract_motifs(model, sequences) == expected
    assert km.extract_motifs(model, own(sequences)) == expected


def test_channels_behind_the_bases_are_given_or_zero(sequences):
    model = model_of(conv(), shape=(LENGTH, 5))
    more = np.concatenate([sequences, np.ones_like(sequences[..., :1])], axis=2)
    zero = np.concatenate([sequences, np.zeros_like(sequences[..., :1])], axis=2)
    assert km.extract_motifs(model, zero) == km.extract_motifs(model, sequences)
    maps = layer_map(model)
    assert (maps(more) != maps(zero)).any()


def test_recurrent_layers_are_refused_with_what_works():
    rnn = layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="rnn")
    model = model_of(rnn, conv())
    with pytest.raises(
        ValueError, match=r"each of its positions sees the whole .*`receptive_field="
    ):
        layer_map(model, "conv").receptive_field(LENGTH)
    by_hand = layer_map(model, "conv", receptive_field=(0, 7))
    assert by_hand.receptive_field(LENGTH) == (0, 7, 1, 54)
    with pytest.raises(ValueError, match="`receptive_field` must be"):
        layer_map(model, "conv", receptive_field=7)


def test_a_name_that_several_layers_have_is_refused():
    inputs = keras.Input((LENGTH, 4))
    parts = [keras.Sequential([keras.Input((LENGTH, 4)), conv()], name=n) for n in "ab"]
    model = keras.Model(inputs, layers.Add()([part(inputs) for part in parts]))
    with pytest.raises(ValueError, match="several of the name 'conv': a/conv, b/conv"):
        activation_map(model, "conv")
    assert activation_map(model, "b/conv").names == ["b/conv"]


def test_swaps_take_what_is_named():
    model = inception()
    copy = km.with_first_activation(model, layer=["k3", "k5"])
    for name in ("k3", "k5"):
        assert isinstance(copy.get_layer(name).activation, km.Exponential)
    relu = model_of(
        conv(activation=None), layers.LayerNormalization(), layers.PReLU(name="act")
    )
    relu.compile("adam", "mse", metrics=[lambda a, b: ops.mean(a * b)])
    swapped = km.with_first_activation(relu)
    assert isinstance(swapped.get_layer("act"), km.Exponential)
    assert not swapped.compiled
    np.testing.assert_array_equal(swapped.get_weights()[0], relu.get_weights()[0])
    with pytest.raises(ValueError, match="'act' .* no `activation`|must name a layer"):
        km.with_first_activation(model, layer="act")


class Doubled(layers.Conv1D):
    """Gives each channel twice, for what is above 0 and what is below."""

    def call(self, x):
        y = super().call(x)
        return ops.concatenate([ops.relu(y), ops.relu(-y)], axis=-1)

    def compute_output_shape(self, shape):
        *first, channels = super().compute_output_shape(shape)
        return (*first, 2 * channels)


def test_doubled_channels_are_read_and_have_no_known_largest(sequences):
    model = model_of(Doubled(3, 7, name="doubled"))
    assert len(km.extract_motifs(model, sequences)) == 6
    with pytest.raises(ValueError, match=r"known for a first convolution.*'doubled'"):
        km.extract_motifs(model, sequences, threshold_of="achievable")


class Wrapped(keras.Model):
    """Augments what its inner model is trained on."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x, training=False):
        return self.inner(ops.roll(x, 3, axis=1) if training else x)


@pytest.mark.parametrize("layer", [None, "conv", ["conv", "deeper"]])
def test_a_wrapped_model_is_read_as_the_one_inside(layer, sequences):
    inner = model_of(conv(), conv("deeper"))
    model = Wrapped(inner)
    model(sequences.astype("float32"))
    found = km.extract_motifs(model, sequences, layer=layer)
    expected = km.extract_motifs(inner, sequences, layer=layer)
    assert len(found) == (6 if isinstance(layer, list) else 3)
    for one, other in zip(found, expected, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.frequencies, other.frequencies)


def test_activity_of_several_layers_lies_side_by_side(sequences):
    model = model_of(conv("a"), conv("b"))
    both = km.filter_activity(model, sequences, layer=["a", "b"])
    parts = [km.filter_activity(model, sequences, layer=name) for name in "ab"]
    np.testing.assert_array_equal(both, np.concatenate(parts, axis=1))


class Shuffled:
    """Batches with labels, in another order at each reading."""

    def __init__(self, sequences):
        self.sequences = sequences
        self.random = np.random.default_rng(0)

    def __iter__(self):
        order = self.random.permutation(len(self.sequences))
        for rows in np.array_split(order, 4):
            yield self.sequences[rows], rows.astype("float32")


def test_sites_of_several_layers_are_of_one_order(sequences):
    model = model_of(conv("a"), conv("b"))
    options = {"layer": ["a", "b"]}
    columns = ["sequence", "filter", "start"]
    fixed = km.activation_sites(model, sequences, **options)
    assert [part.split(":")[0] for part in fixed.attrs["layers"].split("; ")] == [
        "a",
        "b",
    ]
    found = km.activation_sites(
        model, Shuffled(sequences), return_labels=True, **options
    )
    sites = found.sites
    rows = np.asarray(found.labels)[:, 0].astype(int)
    sites["sequence"] = rows[sites["sequence"]]
    one, other = (x[columns].sort_values(columns).to_numpy() for x in (fixed, sites))
    np.testing.assert_array_equal(one, other)
    plain = km.activation_sites(model, Shuffled(sequences), **options)
    assert plain.attrs["order"] == "changes"


@pytest.mark.parametrize("given", [0, 0.25])
@pytest.mark.parametrize("unknown", [None, 0, 0.25])
def test_an_unknown_base_is_what_the_model_was_trained_with(unknown, given):
    model = model_of(conv(size=3, use_bias=False), shape=(9, 4))
    kernel = np.arange(36.0).reshape(3, 4, 3)
    model.set_weights([kernel])
    x = km.one_hot(["ACGNNNACG"], dtype="float32", unknown=given)
    activity = km.filter_activity(model, x, unknown=unknown)
    seen = km.one_hot(["ACGNNNACG"], dtype="float32", unknown=unknown or 0)
    if unknown is None:
        seen = x
    windows = np.stack([seen[0, place : place + 3] for place in range(7)])
    expected = np.einsum("nkb,kbf->nf", windows, kernel).max(axis=0)
    np.testing.assert_allclose(activity[0], expected)
    # Whatever the model is given, an N is counted as a quarter of each base.
    (site, *_) = km.extract_motifs(model, x, unknown=unknown, select="best")
    assert site.num_sites == 1


def test_another_unknown_is_refused(sequences):
    with pytest.raises(ValueError, match=r"`unknown` must be 0, 0.25, or None.*0.5"):
        km.extract_motifs(model_of(conv()), sequences, unknown=0.5)
    codes = model_of(layers.Embedding(5, 4), conv(), shape=(LENGTH,))
    with pytest.raises(
        ValueError, match=r"takes the codes \[0, 1, 2, 3, 4\].*leave it"
    ):
        km.extract_motifs(codes, sequences, unknown=0)


@pytest.mark.filterwarnings("ignore:Layer 'conv' .* does not support masking")
@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ({"input_dim": 5}, (0, 1, 2, 3, 4)),
        ({"input_dim": 5, "mask_zero": True}, (1, 2, 3, 4, 0)),
        ({"input_dim": 4}, (0, 1, 2, 3)),
    ],
)
def test_codes_of_an_embedding_are_those_of_its_vocabulary(options, codes, random):
    strings = ["".join(random.choice(list("ACGT"), LENGTH)) for _ in range(20)]
    if len(codes) == 5:
        strings[3] = strings[3][:30] + "NNN" + strings[3][33:]
    rows = np.zeros((options["input_dim"], 4), "float32")
    rows[list(codes[:4])] = np.eye(4)  # each code becomes its base's one-hot row
    embedding = layers.Embedding(output_dim=4, **options)
    model = model_of(embedding, conv(), shape=(LENGTH,))
    embedding.set_weights([rows])
    plain = model_of(conv())
    plain.set_weights(model.get_layer("conv").get_weights())
    expected = km.extract_motifs(plain, km.one_hot(strings))
    table = str.maketrans(dict(zip("ACGTN", map(chr, codes), strict=False)))
    own = np.array([[ord(c) for c in text.translate(table)] for text in strings])
    quarters = km.one_hot(strings, dtype="float32", unknown=0.25)
    for given in (km.one_hot(strings), own, quarters):
        assert km.extract_motifs(model, given) == expected


def test_a_model_without_a_code_for_n_says_so(sequences):
    model = model_of(layers.Embedding(4, 4), conv(), shape=(LENGTH,))
    with_n = sequences.astype("float32")
    with_n[2, 5] = 0.25
    with pytest.raises(ValueError, match=r"must not hold N.*none for N. Leave those"):
        km.extract_motifs(model, with_n)


def test_a_compiled_call_is_read_as_the_model_inside(sequences):
    inner = model_of(conv(), conv("deeper"))
    backend = keras.backend.backend()
    if backend == "tensorflow":
        compiled = pytest.importorskip("tensorflow").function
    elif backend == "jax":
        compiled = pytest.importorskip("jax").jit
    else:
        pytest.skip("its models are compiled from outside")

    class Compiled(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = inner
            self.run = compiled(lambda x: inner(x))

        def call(self, x):
            return self.run(ops.convert_to_tensor(x))

    model = Compiled()
    model(sequences.astype("float32"))
    for layer in (None, "deeper"):
        found = km.extract_motifs(model, sequences, layer=layer)
        assert found == km.extract_motifs(inner, sequences, layer=layer)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_model_that_torch_compiled_is_read(sequences):
    if keras.backend.backend() != "torch":
        pytest.skip("needs PyTorch")
    import torch

    model = model_of(conv(), conv("deeper"))
    compiled = torch.compile(model)  # nothing is compiled before it is called
    assert km.extract_motifs(compiled, sequences) == km.extract_motifs(model, sequences)


def test_of_two_inputs_in_one_layer_one_can_be_fixed(sequences):
    dna, access = keras.Input((LENGTH, 4), name="dna"), keras.Input((LENGTH, 1))
    x = conv()(layers.Concatenate()([dna, access]))
    model = keras.Model([dna, access], x)
    with pytest.raises(ValueError, match=r"depend on 2: dna, .* `keras.Model\(x, mod"):
        km.extract_motifs(model, sequences)
    x = keras.Input((LENGTH, 4))
    fixed = keras.Model(x, model([x, ops.zeros_like(x[..., :1])]))
    plain = model_of(conv())
    kernel, bias = model.get_layer("conv").get_weights()
    plain.set_weights([kernel[:, :4], bias])
    assert km.extract_motifs(fixed, sequences) == km.extract_motifs(plain, sequences)
