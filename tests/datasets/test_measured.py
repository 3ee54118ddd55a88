"""Measured values in the place of classes: tables and HDF5."""

import h5py
import numpy as np
import pytest

import keras_motif as km
from keras_motif.datasets import Split, Splits, load_hdf5, load_table, write_hdf5


def table(tmp_path, *rows, names="sequence\tDev\tHk"):
    path = tmp_path / "activity.tsv"
    path.write_text("\n".join([names, *rows]) + "\n")
    return path


def test_a_table_of_activities_is_read(tmp_path):
    path = table(tmp_path, "ACGT\t1.25\t-.3", "ACGA\t\t2", "ACGC\t-1e-2\tNA")
    data = load_table(path, labels=["Dev", "Hk"])
    assert data.y.dtype == np.float32
    expected = [[1.25, -0.3], [np.nan, 2], [-0.01, np.nan]]
    np.testing.assert_allclose(data.y, expected)
    assert data.label_names == ("Dev", "Hk")
    numbered = load_table(
        table(tmp_path, "ACGA\t0.5", names="ACGT\t1.5"), sequence=0, labels=[1]
    )
    assert numbered.y.tolist() == [[1.5], [0.5]]


def test_classes_with_some_unknown_are_floats(tmp_path):
    data = load_table(
        table(tmp_path, "ACGT\t1\t0", "ACGA\tnan\ttrue"), labels=["Dev", "Hk"]
    )
    np.testing.assert_array_equal(data.y, [[1, 0], [np.nan, 1]])
    plain = load_table(table(tmp_path, "ACGT\t1\t0"), labels=["Dev", "Hk"])
    assert plain.y.dtype == np.int8


def test_whole_numbers_are_measured_only_where_that_is_said(tmp_path):
    path = table(tmp_path, "ACGT\t1\t0", "ACGA\t0\t7")
    with pytest.raises(ValueError, match="line 3.*each 0 or 1.*pass `measured=True`"):
        load_table(path, labels=["Dev", "Hk"])
    data = load_table(path, labels=["Dev", "Hk"], measured=True)
    assert data.y.tolist() == [[1, 0], [0, 7]]
    with pytest.raises(ValueError, match="`measured=True` needs a column for each"):
        load_table(path, labels="Dev", measured=True)


@pytest.mark.parametrize("cell", ["high", "inf", "1e99", "1,5", "1_0", "--1", "0x1p3"])
def test_what_is_no_finite_number_is_named_by_line(cell, tmp_path):
    path = table(tmp_path, "ACGT\t0.5\t1", f"ACGA\t1\t{cell}")
    with pytest.raises(ValueError, match="activity.tsv, line 3: expected a number for"):
        load_table(path, labels=["Dev", "Hk"])
    with pytest.raises(ValueError, match="line 2: expected one column 'Hk2'"):
        load_table(table(tmp_path, names="\nsequence\tDev"), labels=["Hk2"])


def test_a_column_of_numbers_is_not_taken_for_names(tmp_path):
    path = table(tmp_path, "ACGT\t1.25\t1", "ACGA\t0.5\t1")
    with pytest.raises(ValueError, match=r"expected names.*labels=\[\.\.\.\]"):
        load_table(path, labels="Dev")


def test_measured_values_go_through_splits_and_files(tmp_path):
    random = np.random.default_rng(2)
    x = np.eye(4, dtype=np.int8)[random.integers(4, size=(100, 12))]
    y = random.normal(size=(100, 2)).astype(np.float32)
    y[::7, 0] = np.nan
    data = km.datasets.LabelledSequences(x, y, ("Dev", "Hk"))
    splits = km.datasets.split_data(data)  # no warning of positives
    path = tmp_path / "activity.h5"
    write_hdf5(splits, path)
    back = load_hdf5(path)
    for written, read in zip(splits, back, strict=True):
        np.testing.assert_array_equal(written.x, read.x)
        np.testing.assert_array_equal(written.y, read.y)
        assert read.y.dtype == np.float32
        assert read.label_names == ("Dev", "Hk")
    with pytest.raises(ValueError, match="must hold labels 0 or 1"):
        km.datasets.thin_label(data, "Dev", 0.5)
    with pytest.raises(ValueError, match="0 or 1 to be merged"):
        km.datasets.merge_labels(data, {"both": ["Dev", "Hk"]})
    renamed = km.datasets.merge_labels(data, {"dev": ["Dev"]})
    assert renamed.label_names == ("dev", "Hk")
    np.testing.assert_array_equal(renamed.y, y)


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [(np.inf, "f4", "finite values.*inf in row 3"), (2, "i1", "0 or 1. Received 2")],
)
def test_labels_that_cannot_be_meant_are_refused(value, dtype, message, tmp_path):
    x = np.eye(4, dtype=np.int8)[np.zeros((5, 6), dtype=int)]
    y = np.ones((5, 1), dtype=dtype)
    y[3] = value
    good = Split(x, np.ones((5, 1), dtype=np.int8))
    with pytest.raises(ValueError, match=message):
        write_hdf5(Splits(good, good, Split(x, y)), tmp_path / "bad.h5")
    write_hdf5(Splits(good, good, good), tmp_path / "good.h5")
    with h5py.File(tmp_path / "good.h5", "a") as file:
        del file["Y_valid"]
        file["Y_valid"] = y
    with pytest.raises(ValueError, match=f"Y_valid.*{message}"):
        load_hdf5(tmp_path / "good.h5")


def test_parts_have_one_dtype(tmp_path):
    x = np.eye(4, dtype=np.int8)[np.zeros((5, 6), dtype=int)]
    half = Split(x, np.full((5, 1), 0.5, dtype=np.float32))
    ones = Split(x, np.ones((5, 1), dtype=np.float32))
    write_hdf5(Splits(half, ones, half), tmp_path / "a.h5")
    assert {split.y.dtype for split in load_hdf5(tmp_path / "a.h5")} == {
        np.dtype(np.float32)
    }
