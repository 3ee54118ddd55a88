import h5py
import keras
import numpy as np
import pytest

import keras_motif as km
from support.networks import small_model

pytestmark = pytest.mark.keras


def maps_of(model, x):
    return keras.ops.convert_to_numpy(model(x.astype("float32")))


def test_activity_is_the_largest_of_each_map(sequences):
    model = small_model()
    maps = maps_of(model, sequences)
    found = km.filter_activity(model, sequences, batch_size=10)
    assert found.shape == (64, 5)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, maps.max(axis=1), rtol=1e-6)
    other = maps_of(model, sequences[:, ::-1, ::-1])
    both = km.filter_activity(model, sequences, reverse_complement=True)
    expected = np.maximum(maps.max(axis=1), other.max(axis=1))
    np.testing.assert_allclose(both, expected, rtol=1e-6)


def test_activity_comes_with_the_labels_of_its_rows(sequences):
    model = small_model()
    values = np.arange(64.0)
    expected = km.filter_activity(model, sequences)
    parts = [(sequences[i::8], values[i::8]) for i in range(8)]
    found = km.filter_activity(model, iter(parts), return_labels=True)
    np.testing.assert_array_equal(
        found.activity[np.argsort(found.labels[:, 0])], expected
    )
    with pytest.raises(ValueError, match="come without such labels"):
        km.filter_activity(model, sequences, return_labels=True)


def test_activity_is_written_batch_by_batch(sequences, tmp_path):
    model = small_model()
    path = tmp_path / "activity.h5"
    values = np.linspace(-1, 1, 64)
    parts = [
        (sequences[i : i + 8], {"dev": values[i : i + 8]}) for i in range(0, 64, 8)
    ]
    km.write_filter_activity(model, parts, path)
    with h5py.File(path) as file:
        expected = km.filter_activity(model, sequences)
        np.testing.assert_allclose(file["activity"][:], expected, rtol=1e-6)
        assert file["activity"].attrs["filters"].tolist() == [
            f"filter{i}" for i in range(5)
        ]
        np.testing.assert_array_equal(file["labels"][:, 0], values)
        assert file["labels"].attrs["label_names"].tolist() == ["dev"]
        table = km.target_correlation(file["activity"], values)
        assert len(table) == 5
    km.write_filter_activity(model, sequences, path)
    with h5py.File(path) as file:
        assert list(file) == ["activity"]


def test_a_file_that_fails_is_not_written(sequences, tmp_path):
    sequences[40, 7] = [1, 1, 0, 0]
    with pytest.raises(ValueError, match="at sequence 40"):
        km.write_filter_activity(
            small_model(), sequences, tmp_path / "a.h5", batch_size=16
        )
    assert list(tmp_path.iterdir()) == []


def test_activations_that_are_not_finite_are_refused(sequences):
    model = small_model("exponential")
    model.layers[0].set_weights([w + 500 for w in model.layers[0].get_weights()])
    with pytest.raises(ValueError, match="must be finite"):
        km.filter_activity(model, sequences)


def test_activity_of_a_named_layer(sequences):
    inputs = keras.Input((60, 4))
    x = keras.layers.Conv1D(2, 5, activation="relu")(inputs)
    x = keras.layers.Conv1D(3, 3, activation="relu", name="second")(x)
    model = keras.Model(inputs, x)
    assert km.filter_activity(model, sequences, layer="second").shape == (64, 3)
