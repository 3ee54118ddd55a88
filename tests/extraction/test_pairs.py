"""Paired channels are read before the fold: one motif a pair."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction._achievable import achievable_activations
from keras_motif.layers import RevCompBatchNormalization, RevCompConv1D, RevCompFold
from support.networks import layer_map

pytestmark = pytest.mark.keras

WORDS = ["GATTACA", "CCAGCTG"]


def network(length=30, norm=RevCompBatchNormalization, nested=False):
    """Return a network whose two filters look for WORDS."""
    convolution = RevCompConv1D(2, 7, padding="same", use_bias=False, name="conv")
    stem = [convolution, norm(), layers.Activation("relu", name="act")]
    if nested:
        stem = [keras.Sequential([keras.Input((length, 4)), *stem])]
    tail = [RevCompFold(name="fold"), layers.Flatten(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((length, 4)), *stem, *tail])
    kernel = np.moveaxis(km.one_hot(WORDS), 0, 2) - 0.8
    convolution.set_weights([kernel.astype("float32")])
    return model


def planted(word, strand, num=20, at=9, length=30):
    """Return sequences of A with a word, or its reverse complement, at one place."""
    word = (
        word
        if strand == "+"
        else km.from_one_hot(km.reverse_complement(km.one_hot([word])))[0]
    )
    return ["A" * at + word + "A" * (length - at - len(word))] * num


@pytest.mark.parametrize("nested", [False, True])
def test_sites_on_both_strands_make_one_oriented_motif(nested):
    strings = [x for word in WORDS for strand in "+-" for x in planted(word, strand)]
    motifs = km.extract_motifs(network(nested=nested), km.one_hot(strings))
    assert [motif.name for motif in motifs] == ["filter0", "filter1"]
    assert [motif.consensus for motif in motifs] == WORDS
    assert [motif.num_sites for motif in motifs] == [40, 40]
    for motif in motifs:
        np.testing.assert_allclose(motif.information(), 2)


def test_sites_name_place_and_strand():
    strings = [*planted(WORDS[0], "+", 1), *planted(WORDS[0], "-", 1)]
    sites = km.activation_sites(network(), km.one_hot(strings), threshold=0.9)
    own = sites[sites["filter"] == "filter0"]
    assert own["start"].tolist() == [9, 9]
    assert own["strand"].tolist() == ["+", "-"]


@pytest.mark.parametrize(
    ("layer", "num_filters", "is_paired"),
    [("conv", 2, True), ("act", 2, True), ("fold", 2, False)],
)
def test_pairs_end_at_the_fold(layer, num_filters, is_paired):
    maps = layer_map(network(), layer)
    assert (maps.num_filters, maps.is_paired) == (num_filters, is_paired)


def test_plain_batch_norm_parts_the_pairs():
    inputs = keras.Input((40, 4))
    x = RevCompConv1D(2, 7)(inputs)
    x = layers.ReLU(name="act")(layers.BatchNormalization()(x))
    maps = layer_map(keras.Model(inputs, x), "act")
    assert (maps.num_filters, maps.is_paired) == (4, False)
    with pytest.raises(ValueError, match="must treat both channels of a pair alike"):
        RevCompFold()(x)


def test_residuals_and_pools_keep_the_pairs_plain_convolutions_do_not():
    x = inputs = keras.Input((40, 4))
    x = RevCompConv1D(3, 5, padding="same", activation="relu")(x)
    y = RevCompConv1D(3, 5, padding="same")(x)
    added = layers.MaxPooling1D(2, name="pool")(layers.Add()([x, y]))
    plain = layers.Conv1D(6, 3, padding="same", name="plain")(added)
    mixed = layers.Add(name="mixed")([added, plain])
    model = keras.Model(inputs, [added, mixed])
    found = [layer_map(model, name).is_paired for name in ("pool", "plain", "mixed")]
    assert found == [True, False, False]


def test_the_largest_achievable_activation_is_that_of_the_word():
    maps = layer_map(network(), "conv")
    # Seven bases, each 1 - 0.8.
    np.testing.assert_allclose(achievable_activations(maps), [1.4, 1.4], rtol=1e-5)
    both = km.one_hot(planted(WORDS[0], "+", 4))
    motifs = km.extract_motifs(network(), both, threshold_of="achievable")
    assert motifs[0].num_sites == 4


def test_the_models_networks_are_read_as_one_motif_a_filter(sequences):
    x = np.tile(sequences, (1, 4, 1))[:, :200]
    model = km.models.cnn_2(num_filters=5, strands="equivariant")
    assert len(km.extract_motifs(model, x)) == 5
