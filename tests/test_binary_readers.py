"""Binary files, damaged or made to harm: values, or a ValueError that names them."""

import io
import json
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import keras_motif as km
from keras_motif._checks import CONTROL
from keras_motif.datasets import load_hdf5
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


def test_strings_that_hdf5_would_read_for_ever_are_refused(tmp_path):
    path = tmp_path / "x.h5"
    make_study(path)
    content = bytearray(path.read_bytes())
    first = content.index(b"GCOL") + 16
    content[first : first + 16] = bytes(16)  # free space of no size
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.h5, attribute label_names: .*damaged"):
        load_hdf5(path)
