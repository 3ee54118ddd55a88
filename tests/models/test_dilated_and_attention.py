"""The dilated residual network, and the hybrid of convolutions and attention."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

import keras_motif as km
from keras_motif.extraction import activation_map

pytestmark = pytest.mark.keras

BUILDERS = {
    "dilated": (km.models.dilated, {"num_blocks": 2}),
    "cnn_attention": (km.models.cnn_attention, {"num_heads": 2, "key_size": 4}),
}


def network(kind, length=72, **options):
    build, small = BUILDERS[kind]
    return build((length, 4), 3, **{"num_filters": 5, **small, **options})


def one_hot(num=6, length=72, seed=0):
    codes = np.random.default_rng(seed).integers(0, 4, (num, length))
    return np.eye(4, dtype="float32")[codes]


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def randomise(model):
    random = np.random.default_rng(1)
    for weight in model.weights:
        values = random.normal(0, 0.2, tuple(weight.shape))
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)


def strand_gap(model, x):
    """Return how far the strands are apart, as a share of the largest output."""
    ours, theirs = numpy(model(x)), numpy(model(x[:, ::-1, ::-1].copy()))
    return np.abs(ours - theirs).max() / np.abs(ours).max()


# Kernel (and 4 of batch norm per channel):
#   dilated: 4*19*30 (120), 30*5*64 (256), each block 64*3*64 (256) and 64*64 (256),
#     64*12 + 12
#   cnn_attention, 200 -> 8 positions: 4*19*30 (120), 30*5*128 (512), queries, keys,
#     values and their projection 4*(128*128 + 128), norm 256, 8*128*512 (2048), 12*513
@pytest.mark.parametrize(
    ("build", "options", "num_params"),
    [
        (km.models.dilated, {}, 97_516),
        (km.models.dilated, {"num_blocks": 1}, 97_516 - 4 * 16_896),
        (km.models.dilated, {"input_shape": (500, 4)}, 97_516),
        (km.models.cnn_attention, {}, 620_908),
        (km.models.cnn_attention, {"pools": (24, 1)}, 620_908),
        (km.models.cnn_attention, {"num_heads": 1}, 620_908 - 7 * 16 * (4 * 128 + 3)),
    ],
)
def test_parameters_are_as_worked_out(build, options, num_params):
    model = build(**options)
    assert model.count_params() == num_params
    assert not model.compiled
    convolution = model.get_layer("first_convolution")
    assert (convolution.filters, convolution.kernel_size) == (30, (19,))
    assert isinstance(model.get_layer("first_activation"), km.Exponential)


def test_a_position_of_the_last_block_sees_as_far_as_the_taps_add_up():
    model = km.models.dilated((200, 4), 1, num_filters=3, pool=1, num_blocks=4)
    # 19 bases, 2 further on either side, then 1, 2, 4 and 8.
    (maps,) = activation_map(model, layer="block4")
    assert maps.receptive_field(200) == (-9 - 2 - 15, 19 + 4 + 30, 1, 200)
    pooled = km.models.dilated((200, 4), 1, num_filters=3, num_blocks=4)
    (maps,) = activation_map(pooled, layer="block4")
    assert maps.receptive_field(200) == (-9 - 2 * 17, 20 + 4 * 17, 2, 100)


def test_blocks_add_to_what_comes_in():
    model = network("dilated")
    randomise(model)
    adding = model.get_layer("block2")
    parts = keras.Model(model.inputs[0], [*adding.input, adding.output])
    given, added, total = map(numpy, parts(one_hot()))
    np.testing.assert_allclose(total, given + added, rtol=1e-5, atol=1e-6)
    assert (added != 0).any()
    assert adding.input[0] is model.get_layer("block1").output


def test_attention_is_that_of_the_definition():
    model = network("cnn_attention", activation="relu")
    randomise(model)
    layer = model.get_layer("attention")
    parts = keras.Model(model.inputs[0], [layer.output, layer.input[0]])
    ours, x = map(numpy, parts(one_hot()))
    weights = [numpy(w).astype(float) for w in layer.weights]
    (wq, bq), (wk, bk), (wv, bv), (wo, bo) = zip(*[iter(weights)] * 2, strict=True)
    query, key, value = (
        np.einsum("npc,chk->nhpk", x, w) + b[:, None]
        for w, b in ((wq, bq), (wk, bk), (wv, bv))
    )
    scores = np.exp(np.einsum("nhpk,nhqk->nhpq", query, key) / np.sqrt(4))
    shares = scores / scores.sum(axis=-1, keepdims=True)
    found = np.einsum("nhpq,nhqk->nphk", shares, value)
    expected = np.einsum("nphk,hkc->npc", found, wo) + bo
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)
    assert x.shape == (6, 3, 128)


@pytest.mark.parametrize("pools", [(2, 12), (24, 1)])
def test_the_first_pool_of_the_hybrid_is_an_option(pools):
    model = km.models.cnn_attention(pools=pools)
    sizes = [
        x.pool_size[0] for x in model.layers if isinstance(x, keras.layers.MaxPooling1D)
    ]
    assert sizes == [size for size in pools if size > 1]
    assert model.get_layer("attention").output.shape == (None, 8, 128)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BUILDERS)
def test_networks_train_compiled_and_keep_the_strands_alike(kind):
    model = network(kind, strands="equivariant")
    jit = keras.backend.backend() != "torch"
    model.compile("adam", "binary_crossentropy", jit_compile=jit)
    x = one_hot(32)
    before = model.get_weights()
    model.fit(x, np.random.default_rng(0).integers(0, 2, (32, 3)), verbose=0)
    moved = zip(before, model.get_weights(), strict=True)
    assert sum((a != b).any() for a, b in moved) > 0.9 * len(before)
    assert strand_gap(model, x) <= 1e-5


@pytest.mark.parametrize("kind", BUILDERS)
@pytest.mark.parametrize(
    "options", [{}, {"random_strand": True}, {"strands": "equivariant"}], ids=str
)
def test_networks_are_saved_and_read(kind, options, tmp_path):
    model = network(kind, **options)
    randomise(model)
    x = one_hot(12)
    ours = numpy(model(x))
    assert np.ptp(ours) > 1e-3
    assert (strand_gap(model, x) <= 1e-5) == ("strands" in options)
    (maps,) = activation_map(model)
    assert maps.name == "first_activation"
    assert maps.receptive_field(72) == (-9, 19, 1, 72)
    motifs = km.extract_motifs(model, x)
    assert len(motifs) == 5
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(numpy(loaded(x)), ours, atol=1e-6)
    assert km.extract_motifs(loaded, x) == motifs


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", BUILDERS)
def test_half_precision_is_finite(kind, policy):
    keras.config.set_dtype_policy(policy)
    for strands in ("given", "equivariant"):
        model = network(kind, strands=strands)
        for training in (False, True):
            out = model(one_hot(), training=training)
            name = keras.backend.standardize_dtype(out.dtype)
            assert name == policy.removeprefix("mixed_")
            assert np.isfinite(numpy(out)).all()


@pytest.mark.parametrize("kind", BUILDERS)
def test_a_planted_filter_is_read_as_its_word(kind):
    model = network(kind, kernel_size=7)
    x = one_hot(60)
    word = km.one_hot(["TGACTCA"])[0]
    for row in range(40):
        x[row, row % 60 : row % 60 + 7] = word
    kernel = numpy(model.get_layer("first_convolution").kernel).copy()
    kernel[..., 2] = word * 2 - 0.5
    model.get_layer("first_convolution").kernel.assign(kernel)
    motif = km.extract_motifs(model, x, threshold=0.9)[2]
    assert motif.consensus == "TGACTCA"


@pytest.mark.parametrize("kind", BUILDERS)
def test_another_activation_is_put_in_with_the_weights_kept(kind):
    model = network(kind, activation="relu")
    randomise(model)
    copy = km.with_first_activation(model, "exponential")
    assert isinstance(copy.get_layer("first_activation"), km.Exponential)
    back = km.with_first_activation(copy, "relu")
    x = one_hot()
    np.testing.assert_allclose(numpy(back(x)), numpy(model(x)), atol=1e-6)
    assert np.abs(numpy(copy(x)) - numpy(model(x))).max() > 1e-4


def test_saved_networks_load_in_a_fresh_process(tmp_path):
    x = one_hot()
    np.save(tmp_path / "x.npy", x)
    for kind in BUILDERS:
        model = network(kind, strands="equivariant")
        randomise(model)
        model.save(tmp_path / f"{kind}.keras")
        np.save(tmp_path / f"{kind}_expected.npy", numpy(model(x)))
    code = (
        "import sys, keras, keras_motif, numpy as np\n"
        "x = np.load('x.npy')\n"
        "for kind in sys.argv[1:]:\n"
        "    y = keras.models.load_model(f'{kind}.keras').predict(x, verbose=0)\n"
        "    expected = np.load(f'{kind}_expected.npy')\n"
        "    np.testing.assert_allclose(y, expected, atol=1e-5)\n"
    )
    command = [sys.executable, "-c", code, *BUILDERS]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("dilated", {"num_filters": 0}, "`num_filters` must be a whole number"),
        ("dilated", {"num_blocks": 0}, "`num_blocks` must be a whole number, 1 or"),
        ("dilated", {"pool": 0}, "`pool` must be a whole number, 1 or more"),
        ("dilated", {"pool": 73}, "length of 73 or more, .* pools of dilated"),
        ("dilated", {"dropout": 1}, "`dropout` must be a rate, 0 <= rate < 1"),
        ("dilated", {"dropout": "a"}, "`dropout` must be a rate.*Received 'a'"),
        ("dilated", {"strands": "equivariant", "pool": 5}, "a length of 70 or 75"),
        ("cnn_attention", {"num_heads": 0}, "`num_heads` must be a whole number"),
        ("cnn_attention", {"key_size": 1.5}, "`key_size` must be a whole.* 1.5"),
        ("cnn_attention", {"pools": 24}, "`pools` must hold 2 whole .* Received 24"),
        ("cnn_attention", {"pools": (2, 37)}, "length of 74 or more"),
        ("cnn_attention", {"dropouts": (0.1,)}, "`dropouts` must hold 4 rates"),
        (
            "cnn_attention",
            {"strands": "equivariant", "pools": (2, 10)},
            "a length of 60 or 80",
        ),
        *[
            (kind, {"strands": "both"}, '`strands` must be "given" or "equivariant"')
            for kind in BUILDERS
        ],
        *[
            (
                kind,
                {"strands": "equivariant", "random_strand": True},
                "`random_strand` must be False",
            )
            for kind in BUILDERS
        ],
        *[(kind, {"activation": "rel"}, "no name that Keras") for kind in BUILDERS],
    ],
)
def test_options_out_of_range(kind, options, message):
    with pytest.raises(ValueError, match=message):
        network(kind, **options)


@pytest.mark.parametrize("kind", BUILDERS)
def test_sequences_are_of_the_shape_that_is_said(kind):
    with pytest.raises(ValueError, match=r"must be \(length, 4\)"):
        BUILDERS[kind][0]((200, 5))
    with pytest.raises(ValueError, match="must have a length of"):
        BUILDERS[kind][0]((None, 4))
