import h5py
import numpy as np
import pytest

import keras_motif as km
from keras_motif.datasets import SYNTHETIC_FACTORS, Split, Splits


def write(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def full(**changes):
    x, y = np.eye(4)[None, [0, 1, 2]].transpose(0, 2, 1), np.ones((1, 2))
    arrays = {
        f"{k}_{p}": v
        for p in ("train", "valid", "test")
        for k, v in (("X", x), ("Y", y))
    }
    return {**arrays, **changes}


def test_hdf5_round_trip(small_data, tmp_path):
    path = tmp_path / "data.h5"
    km.datasets.write_hdf5(small_data, path)
    with h5py.File(path) as file:
        assert file["X_train"].shape == (420, 4, 200)
        assert file["Y_valid"].shape == (60, 12)
        assert file["model_test"].shape == (120, 4, 200)
    loaded = km.datasets.load_hdf5(path)
    for ours, theirs in zip(loaded, small_data, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)
        assert [array.dtype for array in ours[:3]] == [np.int8, np.int8, np.float32]
        assert ours.label_names == tuple(SYNTHETIC_FACTORS)


def test_hdf5_without_model_and_with_flat_labels(tmp_path):
    x = km.one_hot(["ACGTACG", "NNNNACG"])
    split = Split(x, np.array([[1], [0]], dtype=np.int8), None)
    km.datasets.write_hdf5(Splits(split, split, split), tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        for part in ("train", "valid", "test"):
            file[f"x_{part}"] = x.transpose(0, 2, 1).astype("f4")
            file[f"y_{part}"] = [1.0, 0.0]
    for name in ("a.h5", "b.h5"):
        loaded = km.datasets.load_hdf5(tmp_path / name)
        np.testing.assert_array_equal(loaded.test.x, x)
        assert loaded.test.y.tolist() == [[1], [0]]
        assert loaded.test.model is None
        assert loaded.test.label_names == ()


def test_hdf5_chunks_are_whole_sequences(small_data, tmp_path):
    path = tmp_path / "data.h5"
    km.datasets.write_hdf5(small_data, path)
    with h5py.File(path) as file:
        assert file["X_train"].chunks == (2**18 // 800, 4, 200)
        assert file["model_train"].chunks == (2**18 // 3200, 4, 200)


@pytest.mark.parametrize("chunks", [None, (7, 2, 33), (400, 1, 1)])
def test_hdf5_of_any_chunks_is_read_part_by_part(
    small_data, tmp_path, monkeypatch, chunks
):
    monkeypatch.setattr(km.datasets.files, "_READ_BYTES", 10_000)
    x = small_data.train.x
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for part in ("train", "valid", "test"):
            stored = x.transpose(0, 2, 1).astype("f4")
            file.create_dataset(f"X_{part}", data=stored, chunks=chunks)
            file[f"Y_{part}"] = small_data.train.y
    np.testing.assert_array_equal(km.datasets.load_hdf5(tmp_path / "a.h5").test.x, x)


def test_labels_without_positives_are_named_on_loading(small_data, tmp_path):
    y = small_data.valid.y.copy()
    y[:, [1, 11]] = 0
    splits = small_data._replace(valid=small_data.valid._replace(y=y))
    km.datasets.write_hdf5(splits, tmp_path / "a.h5")
    with pytest.warns(UserWarning, match=r"a\.h5: no .* 'CEBPB', 'YY1' in the valid"):
        km.datasets.load_hdf5(tmp_path / "a.h5")
    write(tmp_path / "b.h5", **full(Y_test=np.zeros((1, 2))))
    with pytest.warns(UserWarning, match="of the labels 0, 1 in the test part"):
        km.datasets.load_hdf5(tmp_path / "b.h5")


def test_foreign_hdf5_files_are_explained(tmp_path):
    path = tmp_path / "x.h5"
    path.write_text("not HDF5")
    with pytest.raises(ValueError, match=r"x\.h5: expected an HDF5 file"):
        km.datasets.load_hdf5(path)
    with pytest.raises(FileNotFoundError):
        km.datasets.load_hdf5(tmp_path / "missing.h5")
    write(path, other=[1])
    with pytest.raises(ValueError, match="X_train and Y_train missing; .* holds other"):
        km.datasets.load_hdf5(path)
    write(path, **full(Y_valid=np.ones((2, 2))))
    with pytest.raises(ValueError, match="as many rows in Y_valid as sequences"):
        km.datasets.load_hdf5(path)
    write(path, **full(X_test=np.ones((1, 4, 3))))
    with pytest.raises(ValueError, match="X_test` must be one-hot"):
        km.datasets.load_hdf5(path)
    write(path, **full(Y_test=np.ones((1, 3))))
    with pytest.raises(ValueError, match="2 in Y_train, 2 in Y_valid, 3 in Y_test"):
        km.datasets.load_hdf5(path)
    write(path, **full(Y_test=np.array([[1, 2]])))
    with pytest.raises(ValueError, match=r"labels 0 or 1.* 2 in row 0"):
        km.datasets.load_hdf5(path)
    write(path, **full(Y_test=np.array([[1, np.inf]])))
    with pytest.raises(ValueError, match="Received inf in row 0, column 1"):
        km.datasets.load_hdf5(path)
    write(path, **full(X_test=np.array([b"ACGT"])))
    with pytest.raises(ValueError, match=r"X_test: expected a data set of numbers.*S4"):
        km.datasets.load_hdf5(path)
    arrays = full()
    arrays["X_test/values"] = arrays.pop("X_test")
    write(path, **arrays)
    with pytest.raises(ValueError, match=r"X_test: expected a data set.*Group"):
        km.datasets.load_hdf5(path)


def test_incomplete_hdf5_files_are_explained(small_data, tmp_path):
    path = tmp_path / "x.h5"
    km.datasets.write_hdf5(small_data, path)
    whole = path.read_bytes()
    half = len(whole) // 2
    for content in (b"", whole[:half], whole[:half] + b"\1" * 50 + whole[half + 50 :]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"x\.h5.*: expected .*complete\?"):
            km.datasets.load_hdf5(path)


def test_write_hdf5_refuses_and_leaves_the_old_file(tmp_path, small_data):
    path = tmp_path / "x.h5"
    path.write_text("old")
    bad = small_data.test._replace(y=small_data.test.y[:5])
    with pytest.raises(ValueError, match=r"`splits\.test` must have one row"):
        km.datasets.write_hdf5(small_data._replace(test=bad), path)
    graded = small_data.test._replace(y=small_data.test.y * 2)
    with pytest.raises(ValueError, match=r"`splits\.test\.y` must hold labels 0 or 1"):
        km.datasets.write_hdf5(small_data._replace(test=graded), path)
    named = small_data.test._replace(label_names=("a",))
    with pytest.raises(ValueError, match=r"`splits\.test\.label_names` must .* column"):
        km.datasets.write_hdf5(small_data._replace(test=named), path)
    other = small_data.test._replace(label_names=tuple("abcdefghijkl"))
    with pytest.raises(ValueError, match="must have the same `label_names` in each"):
        km.datasets.write_hdf5(small_data._replace(test=other), path)
    soft = small_data.test._replace(x=small_data.test.model)
    with pytest.raises(ValueError, match=r"`splits\.test\.x` must be one-hot"):
        km.datasets.write_hdf5(small_data._replace(test=soft), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
