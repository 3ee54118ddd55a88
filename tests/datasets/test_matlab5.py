import struct
import zlib

import numpy as np
import pytest
import scipy.io

from keras_motif.datasets._matlab5 import Matlab5File

TYPES = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "?"]
SHAPES = [(3, 4, 5), (1, 1), (0, 3), (300, 4, 100), (2, 2, 2, 2)]


@pytest.mark.parametrize("is_packed", [True, False])
def test_arrays_are_those_that_scipy_reads(tmp_path, random, is_packed):
    path = tmp_path / "x.mat"
    arrays = {
        f"v{number}_{place}": random.integers(2, size=shape).astype(dtype)
        for number, dtype in enumerate(TYPES)
        for place, shape in enumerate(SHAPES)
    }
    scipy.io.savemat(path, arrays, do_compression=is_packed)
    file, theirs = Matlab5File(path), scipy.io.loadmat(path)
    assert file.names == [*arrays]
    for name in arrays:
        ours = file.load(name)
        assert ours.dtype == theirs[name].dtype
        np.testing.assert_array_equal(ours, theirs[name])


def element(kind, content):
    padding = bytes(-len(content) % 8)
    return struct.pack(">II", kind, len(content)) + content + padding


def test_files_of_the_other_byte_order_are_read(tmp_path):
    numbers = np.arange(6, dtype=">i2")
    parts = [
        element(6, struct.pack(">II", 10, 0)),  # int16
        element(5, struct.pack(">ii", 2, 3)),
        struct.pack(">HH", 1, 1) + b"x\0\0\0",  # a short part: length, type, letters
        element(3, numbers.tobytes()),
    ]
    path = tmp_path / "x.mat"
    head = b"MATLAB".ljust(124) + b"\1\0MI"
    path.write_bytes(head + element(14, b"".join(parts)))
    assert scipy.io.loadmat(path)["x"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert Matlab5File(path).load("x").tolist() == [[0, 2, 4], [1, 3, 5]]


@pytest.mark.parametrize("value", ["text", {"a": 1}, np.array([1j]), ["a", 1]])
def test_other_kinds_of_variables_are_named(tmp_path, value):
    scipy.io.savemat(tmp_path / "x.mat", {"a": np.eye(2), "b": value})
    file = Matlab5File(tmp_path / "x.mat")
    assert file.load("a").tolist() == np.eye(2).tolist()
    if isinstance(value, list):
        value = np.array(value, dtype=object)
    with pytest.raises(ValueError, match=r"x\.mat, b: expected an array of numbers"):
        file.shape("b")


def test_damage_is_found(tmp_path):
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"a": np.arange(500.0)}, do_compression=True)
    whole = path.read_bytes()
    path.write_bytes(whole[:-4] + b"\0" * 4)  # the sum of what was packed
    with pytest.raises(ValueError, match=r"x\.mat, a: .*incorrect data check"):
        Matlab5File(path).load("a")
    scipy.io.savemat(path, {"a": np.arange(500.0)})
    plain = bytearray(path.read_bytes())
    at = plain.index(struct.pack("<ii", 1, 500))
    plain[at : at + 8] = struct.pack("<ii", 1, 499)
    path.write_bytes(plain)
    with pytest.raises(ValueError, match=r"x\.mat, a: expected 3,992 bytes.* 4,000"):
        Matlab5File(path).load("a")


def test_what_unpacks_without_end_is_refused_or_left(tmp_path):
    path = tmp_path / "x.mat"
    scipy.io.savemat(path, {"a": np.zeros((8, 8))})
    plain = bytearray(path.read_bytes()[128:])
    head = path.read_bytes()[:128]
    at = plain.index(struct.pack("<ii", 8, 8))
    plain[at : at + 8] = struct.pack("<ii", 8, 2**26)
    tag = plain.index(struct.pack("<II", 9, 512))
    plain[tag : tag + 8] = struct.pack("<II", 9, 2**32 - 8)
    packed = zlib.compress(bytes(plain))
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(ValueError, match=r"x\.mat, a: expected 4,294,967,296 bytes"):
        Matlab5File(path).load("a")
    plain[at : at + 8] = struct.pack("<ii", 8, 2**26 - 1)
    plain[tag : tag + 8] = struct.pack("<II", 9, 2**32 - 64)
    packed = zlib.compress(bytes(plain))
    path.write_bytes(head + struct.pack("<II", 15, len(packed)) + packed)
    with pytest.raises(ValueError, match=r"x\.mat, a: expected at most 200 times"):
        Matlab5File(path).load("a")
