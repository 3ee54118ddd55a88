"""First layers of unusual networks, and refusals whose advice is followed."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_motif as km
from keras_motif.extraction import activation_map
from support.networks import layer_map
from support.single_bases import assert_windows_are_exact

pytestmark = pytest.mark.keras

LENGTH = 60


def conv(name="conv", size=7, **options):
    return layers.Conv1D(3, size, **{"activation": "relu", "name": name, **options})


def model_of(*parts, shape=(LENGTH, 4)):
    x = inputs = keras.Input(shape)
    for part in parts:
        x = part(x)
    return keras.Model(inputs, x)


def windows_of_5(x):
    """Return each window of 5 bases as one row of features."""
    return ops.concatenate([x[:, i : LENGTH - 4 + i] for i in range(5)], axis=2)


class Scaled(layers.Layer):
    """A norm over the length."""

    def call(self, x):
        return x / (1e-3 + ops.std(x, axis=1, keepdims=True))


def dense(name="dense"):
    return layers.Dense(3, activation="relu", name=name)


FIRST = {
    "codons": ([layers.Reshape((20, 12)), dense(), conv()], "dense", (0, 3, 3, 20)),
    "unfolded": (
        [layers.Lambda(windows_of_5), dense(), conv()],
        "dense",
        (0, 5, 1, 56),
    ),
    "pooled bases": (
        [layers.AveragePooling1D(2), conv(size=1)],
        "conv",
        (0, 2, 2, 30),
    ),
    "norm before the activation": (
        [conv("linear", activation=None), Scaled(), layers.ReLU(name="act")],
        "act",
        (0, 7, 1, 54),
    ),
    "wrapped": ([layers.SpectralNormalization(conv(), name="sn")], "sn", (0, 7, 1, 54)),
    "pipeline": (
        [layers.Pipeline([layers.Conv1D(3, 7), layers.ReLU()], name="stem")],
        "stem",
        (0, 7, 1, 54),
    ),
}


@pytest.mark.parametrize("case", FIRST)
def test_the_first_layer_with_weights_that_sees_several_bases(case, random):
    parts, name, field = FIRST[case]
    maps = layer_map(model_of(*parts))
    assert maps.name == name
    assert maps.receptive_field(LENGTH) == field
    if not case.startswith("norm"):
        assert_windows_are_exact(maps, LENGTH, random)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", ["recurrent", "attention"])
def test_a_branch_that_sees_the_whole_sequence_is_passed_over(order, other):
    inputs = keras.Input((LENGTH, 4))
    makers = [
        lambda x: (
            layers.LSTM(2, return_sequences=True)(x)
            if other == "recurrent"
            else layers.MultiHeadAttention(1, 2)(x, x)
        ),
        conv(padding="same"),
    ]
    parts = [make(inputs) for make in makers[::order]]
    model = keras.Model(inputs, layers.Concatenate()(parts))
    assert activation_map(model).names == ["conv"]


def test_tracks_beside_the_sequences_are_no_sequences():
    dna, marks = keras.Input((LENGTH, 4), name="dna"), keras.Input((LENGTH, 6))
    parts = [conv("marks_conv")(marks), conv("dna_conv")(dna)]
    model = keras.Model([marks, dna], layers.Add()(parts))
    assert activation_map(model).names == ["dna_conv"]


def test_layers_of_several_inputs_are_not_said_to_be_read_together():
    inputs = [keras.Input((LENGTH, 4), name=name) for name in ("left", "right")]
    parts = [conv(f"{x.name}_conv")(x) for x in inputs]
    model = keras.Model(inputs, layers.Add()(parts))
    with pytest.warns(
        UserWarning, match=r"others: right_conv\. Name one with `layer=`\.$"
    ):
        assert activation_map(model).names == ["left_conv"]


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_kernel_over_some_of_the_bases_has_a_filter_for_each_row(padding, sequences):
    inner = layers.Conv2D(3, (7, 2), padding=padding, name="conv", use_bias=False)
    model = model_of(inner, shape=(LENGTH, 4, 1))
    motifs = km.extract_motifs(model, sequences, layer="conv")
    rows = 4 if padding == "same" else 3
    assert len(motifs) == 3 * rows
    # The second row is a Conv1D that sees the second and the third base alone.
    kernel = np.zeros((7, 4, 3), "float32")
    kernel[:, 1:3] = inner.get_weights()[0][:, :, 0]
    alone = model_of(conv(padding=padding, activation=None, use_bias=False))
    alone.set_weights([kernel])
    expected = km.extract_motifs(alone, sequences, layer="conv")
    for one, other in zip(motifs[3:6], expected, strict=True):
        np.testing.assert_allclose(one.frequencies, other.frequencies, atol=1e-6)
    with pytest.raises(ValueError, match="known for a first convolution"):
        km.extract_motifs(model, sequences, layer="conv", threshold_of="achievable")


def both_strands_in_a_row(x):
    return ops.concatenate([x, ops.flip(x, axis=(1, 2))], axis=1)


def lstm():
    return layers.LSTM(2, return_sequences=True, name="lstm")


@pytest.mark.parametrize(
    ("parts", "advised"),
    [
        ([lstm(), conv()], (-10, 21, 1)),
        ([layers.Lambda(both_strands_in_a_row, name="both"), conv()], (0, 7, 1)),
    ],
)
def test_a_window_by_hand_works_as_the_message_says(parts, advised, sequences):
    model = model_of(*parts)
    with pytest.raises(ValueError, match="No layer before it sees more") as error:
        km.extract_motifs(model, sequences)
    assert f"`receptive_field={advised}`" in str(error.value)
    motifs = km.extract_motifs(model, sequences, receptive_field=advised)
    assert {motif.width for motif in motifs} == {advised[1]}


def test_a_wrapped_model_can_be_passed_as_the_message_says():
    inner = model_of(conv(), layers.GlobalMaxPooling1D(), shape=(20, 4))
    model = model_of(
        layers.Reshape((3, 20, 4)), layers.TimeDistributed(inner, name="td")
    )
    with pytest.raises(ValueError, match="'td' .* wraps a model: pass that one"):
        layer_map(model, "td").receptive_field(LENGTH)
    assert activation_map(model.get_layer("td").layer).names == ["conv"]


def test_what_follows_a_linear_layer_is_named(sequences):
    inputs = keras.Input((LENGTH, 4))
    maps = conv(activation=None)(inputs)
    model = keras.Model(inputs, layers.Add(name="sum")([maps, maps]))
    with pytest.raises(ValueError, match=r"each filter: 'sum' \(Add\).*`layer='conv'`"):
        activation_map(model)
    assert len(km.extract_motifs(model, sequences, layer="conv")) == 3


def test_positions_taken_for_channels_are_told():
    model = model_of(conv(size=3), shape=(8, 16))
    with pytest.raises(ValueError, match="'channels_last', and takes axis 2"):
        layer_map(model, "conv").receptive_field(16)


class Encoder(keras.Model):
    """A subclassed model, to lie inside of another one."""

    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.deep = conv("first"), conv("deep", 3)

    def call(self, x, training=False):
        return self.deep(self.first(x))


class Whole(keras.Model):
    """A subclassed model around a subclassed one."""

    def __init__(self):
        super().__init__()
        self.encoder, self.head = Encoder(name="encoder"), layers.Dense(1)

    def call(self, x):
        return self.head(ops.max(self.encoder(x), axis=1))


@pytest.mark.parametrize("around", ["functional", "subclassed"])
def test_subclassed_models_inside_are_followed(around, sequences):
    if around == "functional":
        model = model_of(Encoder(name="encoder"), layers.GlobalMaxPooling1D())
        encoder = model.get_layer("encoder")
    else:
        model = Whole()
        model(sequences[:1].astype("float32"))
        encoder = model.encoder
    counts = [len(x._inbound_nodes) for x in (encoder, encoder.first, encoder.deep)]
    plain = model_of(conv("first"), conv("deep", 3))
    plain.set_weights(encoder.get_weights())
    assert km.extract_motifs(model, sequences) == km.extract_motifs(plain, sequences)
    deep = km.extract_motifs(plain, sequences, layer="deep")
    for name in ("deep", "encoder/deep", "encoder"):
        assert [
            (x.num_sites, x.consensus)
            for x in km.extract_motifs(model, sequences, layer=name)
        ] == [(x.num_sites, x.consensus) for x in deep]
    after = [len(x._inbound_nodes) for x in (encoder, encoder.first, encoder.deep)]
    assert after == counts


def test_a_model_inside_that_cannot_be_traced_is_one_layer(random):
    class Guarded(Encoder):
        is_shut = False

        def call(self, x, training=False):
            if self.is_shut and isinstance(x, keras.KerasTensor):
                raise TypeError("needs values")
            return super().call(x)

    guarded = Guarded(name="guarded")
    model = model_of(guarded)
    guarded.is_shut = True
    maps = layer_map(model)
    assert maps.name == "guarded"
    assert maps.receptive_field(LENGTH) == (0, 9, 1, 52)
    assert_windows_are_exact(maps, LENGTH, random)


def test_a_functional_model_is_read_as_its_own_call_runs_it(sequences):
    inputs = keras.Input((LENGTH, 4))
    functional = keras.Model(inputs, conv()(inputs))

    class OtherStrand(type(functional)):
        def call(self, x, training=None, mask=None):
            return super().call(ops.flip(x, axis=(1, 2)))

    model = OtherStrand(inputs, functional.outputs)
    other = sequences[:, ::-1, ::-1]
    expected = km.extract_motifs(functional, other)
    assert km.extract_motifs(model, sequences) == expected
    with pytest.raises(ValueError, match="subclassed"):
        km.with_first_activation(model)


class Pooled(keras.Model):
    """Its own function over the maps needs values."""

    def __init__(self):
        super().__init__()
        self.stem, self.other, self.head = conv("stem"), conv("other"), layers.Dense(1)

    def call(self, x, training=False):
        maps = self.stem(x)
        if isinstance(maps, keras.KerasTensor):
            raise TypeError("needs values")
        return self.head(ops.max(maps + self.other(x), axis=1))


def test_layers_before_the_call_fails_are_read_with_a_warning(sequences):
    model = Pooled()
    model(sequences[:1].astype("float32"))
    plain = model_of(conv())
    plain.set_weights(model.stem.get_weights())
    expected = km.extract_motifs(plain, sequences)
    with pytest.warns(UserWarning, match=r"before it fails .*TypeError: needs values"):
        motifs = km.extract_motifs(model, sequences)
    assert [(x.num_sites, x.consensus) for x in motifs] == [
        (x.num_sites, x.consensus) for x in expected
    ]
    assert len(model.stem._inbound_nodes) == 0


class Guarded(keras.Model):
    """Looks at its input's values before anything else."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = conv("stem"), layers.Dense(1)

    def call(self, x):
        if isinstance(x, keras.KerasTensor):
            raise TypeError("needs values")
        return self.head(ops.max(self.stem(x), axis=1))


def test_what_holds_no_model_is_read_as_the_message_says(sequences):
    model = Guarded()
    model(sequences[:1].astype("float32"))
    with pytest.raises(ValueError, match=r"`keras.Model\(x, model.stem\(x\)\)`"):
        km.extract_motifs(model, sequences)
    x = keras.Input((LENGTH, 4))
    assert len(km.extract_motifs(keras.Model(x, model.stem(x)), sequences)) == 3


class Ensemble(keras.Model):
    """Averages models, which may have one name."""

    def __init__(self, members):
        super().__init__()
        self.members = members

    def call(self, x):
        return ops.mean(ops.stack([part(x) for part in self.members]), axis=0)


def test_members_of_one_name_are_listed(sequences):
    parts = [
        keras.Sequential(
            [keras.Input((LENGTH, 4)), conv(), layers.GlobalMaxPooling1D()], name="net"
        )
        for _ in range(2)
    ]
    model = Ensemble(parts)
    model(sequences[:1].astype("float32"))
    with pytest.raises(ValueError, match=r"model.members\[0\], model.members\[1\]"):
        km.extract_motifs(model, sequences)
    assert len(km.extract_motifs(model.members[1], sequences)) == 3


def test_codes_made_one_hot_in_a_subclassed_model(sequences):
    class Coded(keras.Model):
        def __init__(self):
            super().__init__()
            self.stem = conv()

        def call(self, codes):
            return self.stem(ops.one_hot(codes, 5)[..., :4])

    codes = np.where(sequences.any(axis=2), sequences.argmax(axis=2), 4)
    model = Coded()
    model(codes[:1])
    plain = model_of(conv())
    plain.set_weights(model.get_weights())
    expected = km.extract_motifs(plain, sequences)
    assert km.extract_motifs(model, codes) == expected
    assert km.extract_motifs(model, sequences) == expected


def test_codes_in_another_order_are_read_through_a_model_of_bases(random):
    strings = ["".join(random.choice(list("ACGT"), LENGTH)) for _ in range(20)]
    strings[2] = strings[2][:20] + "NNN" + strings[2][23:]
    order = np.array([3, 1, 4, 2], "int32")  # of A C G T, and 0 of N
    coded = model_of(layers.Embedding(5, 4), conv(), shape=(LENGTH,))
    rows = np.zeros((5, 4), "float32")
    rows[order] = np.eye(4)
    coded.get_layer(index=1).set_weights([rows])
    bases = keras.Input((LENGTH, 4))
    codes = ops.take(order, ops.argmax(bases, axis=2)) * ops.cast(
        ops.any(bases > 0, axis=2), "int32"
    )
    model = keras.Model(bases, coded(codes))
    plain = model_of(conv())
    plain.set_weights(coded.get_layer("conv").get_weights())
    x = km.one_hot(strings)
    assert km.extract_motifs(model, x) == km.extract_motifs(plain, x)
