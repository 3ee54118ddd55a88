"""Binary files, damaged or made to harm: values, or a ValueError that names them."""

import io
import json
import resource
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest

import keras_motif as km
from keras_motif._checks import CONTROL
from keras_motif.datasets import load_hdf5
from keras_motif.motifs._hdf5_checks import check_declared, check_heaps
from keras_motif.motifs.modisco import read_inputs, read_patterns
from support.binary_faults import (
    KINDS,
    make_model,
    make_patterns,
    make_study,
    one_hot,
    read,
)

SCRIPT = Path(__file__).parents[1] / "benchmarks/faults/binary_mutants.py"
NO_KERAS = [kind for kind in KINDS if kind not in ("keras", "keras HDF5")]


def run_mutants(count, *kinds):
    """Read damaged files in a process that may die; return what it printed."""
    command = [sys.executable, SCRIPT, "--count", str(count), "--kinds", *kinds]
    return subprocess.run(command, capture_output=True, text=True)


def test_damaged_files_are_explained():
    done = run_mutants(40, *NO_KERAS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("failures: 0\n")


@pytest.mark.slow
def test_damaged_models_are_explained():
    done = run_mutants(60, "keras", "keras HDF5")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", NO_KERAS)
def test_whole_files_are_read(kind, tmp_path):
    name, make, _ = KINDS[kind]
    make(tmp_path / name)
    read(kind, tmp_path / name)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def refuses(action, said):
    """Check that an action fails at once, in bounded memory, in a clean message."""
    before = peak()
    with pytest.raises(ValueError, match=said) as caught:
        action()
    assert not CONTROL.search(str(caught.value))
    assert peak() - before < 600


def test_declared_rows_are_not_allocated(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        for part in ("train", "valid", "test"):
            file.create_dataset(f"X_{part}", (4_000_000_000, 4, 20), "i1", chunks=True)
            file.create_dataset(f"Y_{part}", (4_000_000_000, 1), "i1", chunks=True)
    refuses(lambda: load_hdf5(path), r"x\.h5.*200 times the size of the file")
    path.unlink()
    make_patterns(path)
    with h5py.File(path, "a") as file:
        del file["pos_patterns/pattern_0/sequence"]
        shape = (4_000_000_000, 4)
        file["pos_patterns/pattern_0"].create_dataset("sequence", shape, chunks=(9, 4))
    refuses(lambda: read_patterns(path), r"x\.h5, pos_patterns/pattern_0/sequence: ")


@pytest.mark.parametrize("value", [np.nan, -0.5, np.inf])
@pytest.mark.parametrize("name", ["sequence", "contrib_scores"])
def test_patterns_that_are_no_frequencies_are_refused(value, name, tmp_path):
    make_patterns(tmp_path / "p.h5")
    place = f"pos_patterns/pattern_0/{name}"
    with h5py.File(tmp_path / "p.h5", "a") as file:
        file[place][1, 2] = value
    if name == "contrib_scores" and value < 0:
        assert read_patterns(tmp_path / "p.h5", trim_threshold=0.3)
        return
    with pytest.raises(ValueError, match=rf"p\.h5, {place}: expected"):
        read_patterns(tmp_path / "p.h5", trim_threshold=0.3)


def test_links_out_of_a_file_are_not_followed(tmp_path):
    make_patterns(tmp_path / "other.h5")
    make_patterns(tmp_path / "p.h5")
    with h5py.File(tmp_path / "p.h5", "a") as file:
        del file["pos_patterns/pattern_0/sequence"]
        file["pos_patterns/pattern_0/sequence"] = h5py.ExternalLink(
            str(tmp_path / "other.h5"), "/pos_patterns/pattern_0/sequence"
        )
    with pytest.raises(ValueError, match=r"p\.h5, .*link that leads elsewhere"):
        read_patterns(tmp_path / "p.h5")


def test_archives_that_expand_are_refused(tmp_path):
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        header = io.BytesIO()
        shape = {"descr": "|i1", "fortran_order": False, "shape": (7_500_000, 4, 20)}
        np.lib.format.write_array_header_1_0(header, shape)
        with archive.open("arr_0.npy", "w", force_zip64=True) as file:
            file.write(header.getvalue())
            for _ in range(600):
                file.write(bytes(1_000_000))
    assert path.stat().st_size < 1_000_000
    refuses(lambda: read_inputs(path, path), r"x\.npz, arr_0.npy: expected at most 200")


def test_chunks_that_unpack_to_more_than_they_declare_are_refused(tmp_path):
    path = tmp_path / "x.h5"
    make_study(path)
    packer = zlib.compressobj()
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(600))
    packed += packer.flush()
    with h5py.File(path, "a") as file:
        del file["X_test"]
        shape = (1000, 4, 20)
        stored = file.create_dataset(
            "X_test", shape, "i1", chunks=shape, compression="gzip"
        )
        stored.id.write_direct_chunk((0, 0, 0), packed)
    refuses(lambda: load_hdf5(path), r"x\.h5, X_test: expected chunks that unpack to")
    make_study(path)
    with h5py.File(path, "a") as file:
        del file["X_test"]
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((2, 4, 20))
        made.set_deflate(1)
        made.set_deflate(1)
        space = h5py.h5s.create_simple((6, 4, 20))
        h5py.h5d.create(file.id, b"X_test", h5py.h5t.STD_I8LE, space, made)
    refuses(lambda: load_hdf5(path), r"x\.h5, X_test: .*Received gzip within gzip")


@pytest.mark.parametrize("chunks", [(0, 4), (2, 4, 20)])
def test_chunks_of_another_shape_are_refused(tmp_path, chunks):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("a", (6, 4), chunks=(2, 4))
        damaged = SimpleNamespace(
            shape=stored.shape,
            chunks=chunks,
            dtype=stored.dtype,
            is_virtual=False,
            external=None,
            file=file,
        )
        with pytest.raises(ValueError, match="x.h5, a: expected chunks for shape"):
            check_declared(damaged, "x.h5, a")


def test_large_chunks_that_are_true_are_read(tmp_path, random):
    path = tmp_path / "x.h5"
    codes = random.integers(4, size=(4000, 1000))
    x = np.eye(4, dtype=np.int8)[codes]
    options = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    with h5py.File(path, "w") as file:
        for part in ("train", "valid", "test"):
            rows = x if part == "test" else x[:2]
            file.create_dataset(f"X_{part}", data=rows, chunks=rows.shape, **options)
            file[f"Y_{part}"] = np.ones(len(rows))
        assert file["X_test"].id.get_storage_size() > 2**19
    np.testing.assert_array_equal(load_hdf5(path).test.x, x)


def load_model(path):
    from keras_motif.cli._saved_models import load_model

    return load_model(str(path))


def rewrite(path, **entries):
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**kept, **entries}.items():
            new.writestr(name, content)


def test_models_that_declare_too_much_are_refused(tmp_path):
    path = tmp_path / "m.keras"
    make_model(path)
    load_model(path)
    nested = '{"class_name": "A", "config": ' * 300 + "{}" + "}" * 300
    rewrite(path, **{"config.json": nested})
    refuses(lambda: load_model(path), r"m\.keras: expected a configuration nested")
    rewrite(path, **{"config.json": "[" * 1_000_000})
    refuses(lambda: load_model(path), r"m\.keras: expected a saved Keras model")
    rewrite(path, **{"config.json": b" " * 70_000_000})
    refuses(lambda: load_model(path), r"m\.keras: expected a configuration of at most")
    make_model(path)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/conv1d/vars/0", (4_000_000_000, 4), chunks=True)
    rewrite(path, **{"model.weights.h5": weights.getvalue()})
    refuses(lambda: load_model(path), r"m\.keras, model.weights.h5, layers/conv1d/vars")


def test_models_that_would_make_too_many_weights_are_refused(tmp_path):
    path = tmp_path / "m.keras"
    make_model(path)
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    (layer,) = [e for e in config["config"]["layers"] if "filters" in e["config"]]
    layer["config"]["filters"] = 200_000_000
    rewrite(path, **{"config.json": json.dumps(config)})
    refuses(lambda: load_model(path), r"m\.keras: expected layers of at most")


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../x.txt", "leads out of it"),
        ("/x.txt", "leads out of it"),
        ("a\\..\\..\\x", "leads out of it"),
        ("config.json", "stands in it twice"),
    ],
)
def test_parts_of_a_model_have_their_own_place(tmp_path, name, said):
    path = tmp_path / "m.keras"
    make_model(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "{}")
    refuses(lambda: load_model(path), rf"m\.keras: expected a saved .* {said}")


@pytest.mark.parametrize("config", ["5", "null", '"a"', "[]", "{}"])
def test_configurations_that_are_no_model_are_refused(tmp_path, config):
    path = tmp_path / "m.keras"
    make_model(path)
    rewrite(path, **{"config.json": config})
    refuses(lambda: load_model(path), r"m\.keras: ")


def test_objects_of_a_model_may_say_anything(tmp_path):
    path = tmp_path / "m.keras"
    make_model(path)
    odd = {"class_name": "\x1b[31m" + "x" * 5000, "module": ["a"], "config": {}}
    rewrite(path, **{"config.json": json.dumps(odd)})
    refuses(lambda: load_model(path), r"m\.keras: the model uses custom objects")


def test_damaged_values_name_the_file(tmp_path):
    array = one_hot(6).transpose(0, 2, 1)
    array[3, 2] = 7
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["seqs"] = array
        layer = keras.layers.Conv1D(2, 3, activation="relu")
        model = keras.Sequential([keras.Input((20, 4)), layer])
        with pytest.raises(ValueError, match=r"x\.h5, /seqs"):
            km.extract_motifs(model, file["seqs"])
        reader = km.FilterMotifExtractor(file["seqs"], every=1, max_sequences=2)
        model.compile("adam", "mse")
        with pytest.raises(ValueError, match=r"x\.h5, /seqs"):
            model.fit(array, np.zeros((6, 18, 2)), callbacks=[reader], verbose=0)


def test_names_that_are_no_text_are_shown(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file[b"X\xff\x1b"] = 1
        file.create_group(b"pos_patterns/pattern_\xff")
    with pytest.raises(ValueError, match=r"x\.h5: .*X_train and Y_train missing"):
        load_hdf5(tmp_path / "x.h5")
    with pytest.raises(ValueError, match=r"x\.h5: expected pos_patterns/pattern_"):
        read_patterns(tmp_path / "x.h5")


def test_heaps_are_walked_once(tmp_path):
    # Each of many heaps leads to the same many entries.
    num = 4000
    heaps = b"".join(
        b"GCOL"
        + bytes(4)
        + (2**40).to_bytes(8, "little")
        + b"\1"
        + bytes(7)
        + (32 * (num - at) - 32).to_bytes(8, "little")
        for at in range(num)
    )
    entries = (b"\1" + bytes(15)) * num * 20
    (tmp_path / "x.h5").write_bytes(heaps + entries)
    check_heaps(str(tmp_path / "x.h5"), "x.h5")


def test_strings_that_hdf5_would_read_for_ever_are_refused(tmp_path):
    path = tmp_path / "x.h5"
    make_study(path)
    content = bytearray(path.read_bytes())
    first = content.index(b"GCOL") + 16
    content[first : first + 16] = bytes(16)  # free space of no size
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.h5, attribute label_names: .*damaged"):
        load_hdf5(path)
