import tracemalloc

import h5py
import numpy as np
import pytest
import scipy.io

import keras_motif as km
from keras_motif.datasets import (
    DEEPSEA_TARGETS,
    SYNTHETIC_FACTORS,
    _bundle,
    convert_deepsea,
    deepsea,
    load_deepsea,
    load_hdf5,
)
from keras_motif.datasets._hdf5 import rows_per_read

LENGTH = 100
SIZES = {"train": 3000, "valid": 400, "test": 500}


def write_train(path, x, y, chunks=(10, 4, 256)):
    """MATLAB 7.3: HDF5 behind a header of 512 bytes, axes reversed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        options = {"compression": "gzip", "compression_opts": 1}
        stored = x.transpose(2, 1, 0)
        chunks = chunks if len(x) > 300 else None
        file.create_dataset("trainxdata", data=stored, chunks=chunks, **options)
        file.create_dataset(
            "traindata", data=y.T, chunks=chunks and (100, 300), **options
        )
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")


def write_plain(path, x, y):
    """MATLAB 7.3 without chunks."""
    with h5py.File(path, "w") as file:
        file["trainxdata"], file["traindata"] = x.transpose(2, 1, 0), y.T


def write_bundle(folder, random, length=LENGTH, sizes=SIZES):
    """Write the three files, bases A G C T; return what they hold."""
    content = {}
    for part, size in sizes.items():
        codes = random.integers(5, size=(size, length))
        x = np.eye(5, 4, dtype=np.uint8)[codes].transpose(0, 2, 1)
        y = (random.random((size, 919)) < 0.006).astype(np.uint8)
        y[: len(DEEPSEA_TARGETS), list(DEEPSEA_TARGETS.values())] = np.eye(12)
        content[part] = (x, y, codes)
        if part == "train":
            write_train(folder / "train.mat", x, y)
        else:
            variables = {f"{part}xdata": x, f"{part}data": y}
            name = folder / f"{part}.mat"
            scipy.io.savemat(name, variables, do_compression=True)
    return content


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    return folder, write_bundle(folder, np.random.default_rng(8))


def expected(content, targets):
    """Strings and labels of each part, one sequence after the other."""
    result = []
    for _, y, codes in content.values():
        strings, labels = [], []
        for row in range(len(y)):
            wanted = [int(y[row, column]) for column in targets.values()]
            if sum(wanted) > 0:
                strings.append("".join("AGCTN"[code] for code in codes[row]))
                labels.append(wanted)
        result.append((strings, labels))
    return result


def check(splits, content, targets):
    for split, (strings, labels) in zip(
        splits, expected(content, targets), strict=True
    ):
        assert km.from_one_hot(split.x) == strings
        assert split.y.tolist() == labels
        assert split.label_names == tuple(targets)
        assert split.model is None


@pytest.mark.parametrize("read_bytes", [1, 2**18, 2**25])
def test_the_twelve_targets_are_kept_and_bases_put_in_order(
    bundle, tmp_path, monkeypatch, read_bytes
):
    monkeypatch.setattr(_bundle, "_READ_BYTES", read_bytes)
    folder, content = bundle
    splits = load_deepsea(folder, output=tmp_path / "out.h5")
    assert 100 < len(splits.train.x) < 400
    check(splits, content, DEEPSEA_TARGETS)


def test_targets_may_be_any_in_any_order(bundle, tmp_path):
    folder, content = bundle
    targets = {"z": 918, "first": 0, "CEBPB": 602, "again": 918}
    splits = load_deepsea(folder, targets, output=tmp_path / "out.h5")
    check(splits, content, targets)


def test_the_written_file_has_the_studys_layout(bundle, tmp_path):
    folder, _ = bundle
    path = tmp_path / "out.h5"
    convert_deepsea(folder, path)
    with h5py.File(path) as file:
        for part in SIZES:
            x, y = file[f"X_{part}"], file[f"Y_{part}"]
            assert x.shape == (len(y), 4, LENGTH)
            assert y.shape[1] == 12
            assert x.dtype == y.dtype == np.int8
            assert x.compression == "gzip"
            # A batch of any size unpacks little more than itself.
            assert x.chunks[1:] == (4, LENGTH)
            assert np.prod(x.chunks) <= 2**18
    assert load_hdf5(path).valid.label_names == tuple(DEEPSEA_TARGETS)


def test_a_second_call_reads_the_converted_file(tmp_path, random):
    sizes = dict.fromkeys(SIZES, 40)
    content = write_bundle(tmp_path, random, sizes=sizes)
    first = load_deepsea(tmp_path)
    for part in SIZES:
        (tmp_path / f"{part}.mat").unlink()
    check(load_deepsea(tmp_path), content, DEEPSEA_TARGETS)
    assert first.train.label_names == tuple(DEEPSEA_TARGETS)
    with pytest.raises(ValueError, match="expected the targets YY1 as converted"):
        load_deepsea(tmp_path, {"YY1": 369})
    with pytest.raises(ValueError, match="expected the targets"):
        load_deepsea(tmp_path, {**DEEPSEA_TARGETS, "YY1": 370})
    km.datasets.write_hdf5(first, tmp_path / "other.h5")
    with pytest.raises(ValueError, match="holds nothing of DeepSEA's"):
        load_deepsea(tmp_path, output=tmp_path / "other.h5")


def test_memory_depends_on_the_part_read_not_on_the_file(tmp_path, monkeypatch, random):
    monkeypatch.setattr(_bundle, "_READ_BYTES", 2**19)
    sizes = {"train": 6000, "valid": 40, "test": 40}
    write_bundle(tmp_path, random, length=1000, sizes=sizes)
    tracemalloc.start()
    convert_deepsea(tmp_path, tmp_path / "out.h5")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # train.mat holds 24 MB of sequences and 5.5 MB of labels; a part has 1 MB, as
    # whole chunks of 256 sequences.
    assert peak < 5e6


def test_parts_are_whole_chunks_of_the_file(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        chunked = file.create_dataset("a", (50, 4, 1000), "u1", chunks=(10, 4, 70))
        flat = file.create_dataset("b", (50, 4, 1000), "u1")
        size = 200  # bytes per sequence
        assert rows_per_read(chunked, 2, 100 * size) == 140
        assert rows_per_read(chunked, 2, 1) == 70
        assert rows_per_read(chunked, 2, 1, most=30 * size) == 30
        assert rows_per_read(flat, 2, 100 * size) == 100
        assert rows_per_read(flat, 2, 1) == 1


def test_progress_is_shown_on_request_on_standard_error(bundle, tmp_path, capsys):
    folder, _ = bundle
    convert_deepsea(folder, tmp_path / "a.h5")
    assert capsys.readouterr() == ("", "")
    convert_deepsea(folder, tmp_path / "b.h5", progress=True)
    shown = capsys.readouterr()
    assert "Reading train.mat" in shown.err
    assert shown.out == ""


def test_a_failure_leaves_no_file(bundle, tmp_path, monkeypatch):
    folder, _ = bundle

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(deepsea, "append_rows", stop)
    with pytest.raises(KeyboardInterrupt):
        load_deepsea(folder, output=tmp_path / "out.h5")
    assert list(tmp_path.iterdir()) == []


def small_bundle(folder, random):
    return write_bundle(folder, random, 20, dict.fromkeys(SIZES, 30))


def fails(folder, message, targets=DEEPSEA_TARGETS):
    with pytest.raises(ValueError, match=message):
        convert_deepsea(folder, folder / "out.h5", targets)
    assert not (folder / "out.h5").exists()


def test_a_missing_file_is_reported_before_any_work(tmp_path, random):
    small_bundle(tmp_path, random)
    (tmp_path / "train.mat").unlink()
    with pytest.raises(FileNotFoundError, match=r"train\.mat"):
        load_deepsea(tmp_path)


def test_targets_that_do_not_exist_are_refused(tmp_path, random):
    small_bundle(tmp_path, random)
    fails(tmp_path, "must be columns from 0 to 918.* Received 919", {"a": 919})
    fails(tmp_path, "`targets` must map names to columns", {})
    fails(tmp_path, "`targets` must map names to columns", {"a": -1})


@pytest.mark.parametrize("part", ["train", "test"])
def test_truncated_and_foreign_files_are_explained(tmp_path, random, part):
    small_bundle(tmp_path, random)
    path = tmp_path / f"{part}.mat"
    whole = path.read_bytes()
    for content in (b"", b"no such thing" * 50, whole[: len(whole) // 2], whole[:600]):
        path.write_bytes(content)
        fails(tmp_path, rf"{part}\.mat.*: expected .*Is it complete")


def test_files_of_another_layout_are_explained(tmp_path, random):
    content = small_bundle(tmp_path, random)
    x, y, _ = content["train"]
    write_train(tmp_path / "train.mat", x, y[:-1])
    fails(tmp_path, r"train\.mat: .* as many sequences.*\(30, 4, 20\) and \(29, 919")
    write_plain(tmp_path / "train.mat", x[:, :, :0], y)
    fails(tmp_path, r"train\.mat: .* as many sequences.*\(30, 4, 0\)")
    write_train(tmp_path / "train.mat", x[:, :, :19], y)
    fails(tmp_path, "sequences of one length in the three files.*'train': 19")
    write_train(tmp_path / "train.mat", x * 0 + 1, y)
    fails(tmp_path, r"train\.mat, from sequence 0 on, those kept` must be one-hot")
    write_train(tmp_path / "train.mat", x, y * 2)
    fails(tmp_path, "must hold labels 0 or 1. Received 2")
    write_train(tmp_path / "train.mat", x, y * 0)
    fails(tmp_path, r"train\.mat: expected sequences that are positive for at least")
    with h5py.File(tmp_path / "train.mat", "w") as file:
        file["other"] = 1
    fails(tmp_path, r"train\.mat: expected the variable trainxdata.* holds other")
    scipy.io.savemat(tmp_path / "valid.mat", {"validxdata": content["valid"][0]})
    fails(tmp_path, r"valid\.mat: expected the variable validdata.* holds validxdata")
    cells = {"validxdata": x[:1], "validdata": np.full((1, 919), "t", dtype=object)}
    scipy.io.savemat(tmp_path / "valid.mat", cells)
    fails(tmp_path, r"valid\.mat, validdata: expected an array of numbers")
    write_train(tmp_path / "valid.mat", x, y)
    fails(tmp_path, r"valid\.mat: expected a file of MATLAB 5 to 7")


def test_targets_are_the_studys():
    assert tuple(DEEPSEA_TARGETS) == tuple(SYNTHETIC_FACTORS)
    assert len(set(DEEPSEA_TARGETS.values())) == 12
