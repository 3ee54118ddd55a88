import numpy as np
import pytest

import keras_motif as km
from keras_motif.datasets import SYNTHETIC_FACTORS
from keras_motif.datasets.simulation import _motif_pool
from support.oracles import synthetic_sequence


def test_synthetic_is_the_studys(small_data):
    sizes = [len(split.x) for split in small_data]
    assert sizes == [420, 60, 120]
    for split in small_data:
        assert (split.x.dtype, split.y.dtype) == (np.int8, np.int8)
        assert split.model.dtype == np.float32
        assert split.x.shape == split.model.shape == (len(split.y), 200, 4)
        assert (split.x.sum(axis=2) == 1).all()
        np.testing.assert_allclose(split.model.sum(axis=2), 1, atol=1e-5)
        assert split.y.shape == (len(split.x), 12)
        assert (split.y.sum(axis=1) >= 1).all()


def test_synthetic_is_deterministic_by_seed():
    first, again, other = (km.datasets.synthetic(50, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.train.x, again.train.x)
    np.testing.assert_array_equal(first.test.y, again.test.y)
    assert (first.train.x != other.train.x).any()


def test_labels_say_which_motifs_the_model_holds(small_data):
    pool = _motif_pool()
    for model, labels in zip(small_data.test.model, small_data.test.y, strict=True):
        found = np.zeros(12, dtype=int)
        for index, matrix in enumerate(pool):
            matrix = matrix.astype(np.float32)
            width = len(matrix)
            places = range(200 - width + 1)
            if any(np.array_equal(model[p : p + width], matrix) for p in places):
                found[index % 12] = 1
        np.testing.assert_array_equal(found, labels)


def test_distribution_equals_the_step_by_step_one():
    random = np.random.default_rng(3)
    pool = _motif_pool()
    singles = [synthetic_sequence(random, pool, 200) for _ in range(3000)]
    data = km.datasets.synthetic(6000, seed=4)
    labels = np.concatenate([split.y for split in data])
    slow = np.zeros((3000, 12))
    for row, (chosen, _) in enumerate(singles):
        slow[row, chosen % 12] = 1
    # Five standard errors of a share of about 0.145 among 3000.
    assert np.abs(labels.mean(axis=0) - slow.mean(axis=0)).max() < 5 * 0.0079
    assert abs(labels.mean() - 0.145) < 0.003
    # Where motifs lie: the share of informative positions along the sequence.
    models = np.concatenate([split.model for split in data])
    fast = (models.max(axis=2) > 0.9).mean(axis=0)
    one_by_one = np.mean([m.max(axis=1) > 0.9 for _, m in singles], axis=0)
    assert np.abs(fast - one_by_one).max() < 5 * 0.009


def test_sequences_are_drawn_from_the_model():
    data = km.datasets.synthetic(2000, seed=9)
    x, model = data.train.x, data.train.model
    for base in range(4):
        expected = model[..., base].mean()
        assert abs(x[..., base].mean() - expected) < 0.005
    assert (model[x == 1] > 0).all()


def test_factors_are_the_twelve_labels():
    assert len(SYNTHETIC_FACTORS) == 12
    names = {motif.name.split(".")[0] for motif in km.load_jaspar("JASPAR2016")}
    for ids in SYNTHETIC_FACTORS.values():
        assert set(ids) <= names


def test_synthetic_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="`num_sequences` must be 10 or more"):
        km.datasets.synthetic(9)
    with pytest.raises(ValueError, match="`length` must be 100 or more"):
        km.datasets.synthetic(10, length=99)


def test_the_repr_of_a_data_set_shows_shapes():
    data = km.datasets.synthetic(60, seed=1)
    text = repr(data)
    assert text.startswith(
        "Splits(\n  train=Split(x=(42, 200, 4) int8, y=(42, 12) int8,"
    )
    assert "model=(12, 200, 4) float32, label_names=(Arid3a, CEBPB, " in text
    assert len(text) < 800
    bare = km.datasets.Split(data.test.x, data.test.y)
    assert repr(bare) == (
        "Split(x=(12, 200, 4) int8, y=(12, 12) int8, model=None, label_names=())"
    )
    together = km.datasets.LabelledSequences(
        data.test.x, data.test.y, ("a",), np.arange(12)
    )
    assert repr(together) == (
        "LabelledSequences(x=(12, 200, 4) int8, y=(12, 12) int8, label_names=(a), "
        "groups=(12,) int64)"
    )
