import numpy as np
import pytest
from keras import ops

import keras_motif as km

pytestmark = pytest.mark.keras


def test_turned_sequences_are_reverse_complements(sequences):
    layer = km.layers.RandomReverseComplement(rate=1)
    expected = km.reverse_complement(sequences)
    for x, y in [
        (sequences.astype("float32"), expected),
        (sequences, expected),
        (sequences[..., None], expected[..., None]),
    ]:
        turned = ops.convert_to_numpy(layer(x, training=True))
        np.testing.assert_array_equal(turned, y)


def test_each_sequence_is_turned_by_itself_and_anew():
    # All A, whose reverse complement is all T.
    x = np.tile(np.eye(4, dtype="float32")[0], (600, 5, 1))
    layer = km.layers.RandomReverseComplement(0.25, seed=3)
    draws = []
    for _ in range(2):
        seen = ops.convert_to_numpy(layer(x, training=True))
        assert set(km.from_one_hot(seen)) == {"AAAAA", "TTTTT"}
        draws.append(seen[:, 0, 3] == 1)
    # 150 expected; the bounds are five standard deviations away.
    assert all(97 < draw.sum() < 203 for draw in draws)
    assert (draws[0] != draws[1]).any()


def test_outside_of_training_no_sequence_is_turned(sequences):
    x = sequences.astype("float32")
    layer = km.layers.RandomReverseComplement(1)
    for kept in (layer(x), layer(x, training=False)):
        np.testing.assert_array_equal(ops.convert_to_numpy(kept), x)
    kept = km.layers.RandomReverseComplement(0)(x, training=True)
    np.testing.assert_array_equal(ops.convert_to_numpy(kept), x)


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan"), "half", True])
def test_the_rate_must_be_a_share(rate):
    with pytest.raises(ValueError, match="`rate` must be"):
        km.layers.RandomReverseComplement(rate)


def test_random_strands_need_four_bases():
    layer = km.layers.RandomReverseComplement()
    with pytest.raises(ValueError, match=r"shape \(n, length, 4\) or .*\(2, 4, 60\)"):
        layer(np.zeros((2, 4, 60), "float32"))


def test_random_strand_layers_keep_their_config():
    layer = km.layers.RandomReverseComplement(0.3, seed=7, name="strand")
    copy = km.layers.RandomReverseComplement.from_config(layer.get_config())
    assert (copy.rate, copy.seed, copy.name) == (0.3, 7, "strand")
