"""Small valid files of every binary kind that is read, damage to them, and readers."""

import io
import random
import shutil
import struct
import warnings
import zipfile
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from Bio import bgzf

from keras_motif.datasets import Genome, convert_deepsea, load_hdf5
from keras_motif.datasets._signal import Signal
from keras_motif.motifs.modisco import read_inputs, read_patterns

TARGETS = {"MAX": 636, "SP1": 359}


def one_hot(num, length=20, seed=1):
    codes = np.random.default_rng(seed).integers(4, size=(num, length))
    return np.eye(4, dtype=np.int8)[codes].transpose(0, 2, 1)


def make_study(path):
    with h5py.File(path, "w") as file:
        for part in ("train", "valid", "test"):
            file.create_dataset(
                f"X_{part}", data=one_hot(6), chunks=(2, 4, 20), compression="gzip"
            )
            file[f"Y_{part}"] = np.eye(2)[[0, 1, 0, 1, 0, 1]]
        file.attrs["label_names"] = ["one", "two"]


def make_patterns(path):
    with h5py.File(path, "w") as file:
        file.attrs["window_size"] = 400
        for name in ("pos_patterns/pattern_0", "neg_patterns/pattern_0"):
            file[f"{name}/sequence"] = np.eye(4)[[0, 1, 2, 3, 0]] * 0.9 + 0.025
            file[f"{name}/contrib_scores"] = np.eye(4)[[0, 1, 2, 3, 0]]
            file[f"{name}/seqlets/n_seqlets"] = np.array([12])


def make_npz(path):
    with path.open("wb") as file:
        np.savez_compressed(file, one_hot(6))


def make_npy(path):
    with path.open("wb") as file:
        np.save(file, one_hot(6))


def bundle_part(num=8):
    labels = np.zeros((num, 919), dtype=np.uint8)
    labels[:, list(TARGETS.values())] = 1
    return one_hot(num).astype(np.uint8), labels


def make_matlab5(path):
    x, y = bundle_part()
    content = {f"{path.stem}xdata": x, f"{path.stem}data": y}
    scipy.io.savemat(path, content, do_compression=True)


def make_plain_matlab5(path):
    x, y = bundle_part()
    scipy.io.savemat(path, {f"{path.stem}xdata": x, f"{path.stem}data": y})


def make_matlab73(path):
    x, y = bundle_part()
    with h5py.File(path, "w") as file:
        file.create_dataset("trainxdata", data=x.transpose(2, 1, 0), compression="gzip")
        file.create_dataset("traindata", data=y.T, compression="gzip")


def make_model(path):
    from keras_motif.cli import import_keras

    keras = import_keras()
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((20, 4)),
            keras.layers.Conv1D(3, 5, activation="exponential"),
            keras.layers.GlobalMaxPooling1D(),
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # HDF5 is Keras' older format
        model.save(path)


def read_bundle(path):
    """Convert a bundle of which one file is the given one."""
    for part in ("train", "valid", "test"):
        other = path.with_name(f"{part}.mat")
        if not other.exists():
            (make_matlab73 if part == "train" else make_matlab5)(other)
    converted = path.with_name("converted.h5")
    convert_deepsea(path.parent, converted, TARGETS)
    converted.unlink()


def read_model(path):
    from keras_motif.cli._saved_models import load_model

    load_model(str(path))


def read_sequences(path):
    """Read a file of sequences as the commands do, by parts and whole."""
    from keras_motif.cli._inputs import open_sequences, read_strings
    from keras_motif.extraction._batches import SequenceBatches

    with open_sequences(str(path)) as sequences:
        for _ in SequenceBatches(sequences, 2, lambda length: length):
            pass
    read_strings(str(path))


def make_bgzip(path):
    with bgzf.open(path, "wb") as file:
        file.write(b">a\n" + b"ACGTTGCAAC\n" * 9000 + b">b\nACGT\n")


def make_two_bit(path):
    """Write two records, by UCSC's description of the format."""
    records = b""
    names = b"\1a" + struct.pack("<I", 28) + b"\1b" + struct.pack("<I", 28 + 28)
    for _ in range(2):  # 16 bases, with a run of N
        records += struct.pack("<6I", 16, 1, 2, 3, 0, 0) + bytes([27, 27, 27, 27])
    path.write_bytes(struct.pack("<4I", 0x1A412743, 0, 2, 0) + names + records)


def make_signal(path):
    import pybigtools

    rows = [("a", 10 * i, 10 * i + 10, i / 7) for i in range(300)]
    pybigtools.open(str(path), "w").write({"a": 3000, "b": 40}, iter(rows))


def read_genome(path):
    """Read all of a genome, and a piece of each of its chromosomes."""
    Path(f"{path}.fai").unlink(missing_ok=True)
    genome = Genome(path)
    for name, length in genome.chromosomes.items():
        if length < 10**7:
            genome.codes(name, 0, length)
        genome.codes(name, length // 2, length // 2 + 100)


def read_signal(path):
    signal = Signal(path)
    for name, length in signal.chromosomes.items():
        signal.mean(name, 0, min(length, 10**6))


# Kind -> (file's name, how to make it, how to read it).
KINDS = {
    "study": ("x.h5", make_study, load_hdf5),
    "sequences": ("y.h5", make_study, read_sequences),
    "patterns": ("p.h5", make_patterns, lambda path: read_patterns(path)),
    "npz": ("x.npz", make_npz, lambda path: read_inputs(path, path)),
    "npy": ("x.npy", make_npy, lambda path: read_inputs(path, path)),
    "MATLAB 5": ("valid.mat", make_matlab5, read_bundle),
    "MATLAB 5 plain": ("test.mat", make_plain_matlab5, read_bundle),
    "MATLAB 7.3": ("train.mat", make_matlab73, read_bundle),
    "memory map": ("y.npy", make_npy, read_sequences),
    "bgzip": ("g.bgz", make_bgzip, read_genome),
    "2bit": ("g.2bit", make_two_bit, read_genome),
    "keras": ("m.keras", make_model, read_model),
    "keras HDF5": ("m.h5", make_model, read_model),
}

if find_spec("pybigtools"):
    KINDS["bigWig"] = ("s.bw", make_signal, read_signal)


def read(kind, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        KINDS[kind][2](Path(path))


def mutant(kind, content, draw):
    """Return a file's bytes with some of them changed, lost, doubled or set."""
    if kind == "keras" and draw.random() < 0.7:
        return _changed_inside(content, draw)
    return _damaged(content, draw)


def _damaged(content, draw):
    letters = bytearray(content)
    for _ in range(draw.choice([1, 2, 5, 30])):
        place, what = draw.randrange(len(letters) + 1), draw.random()
        if what < 0.1:
            del letters[place:]
        elif what < 0.2:
            del letters[place : place + draw.choice([1, 8, 100])]
        elif what < 0.3:
            letters[place:place] = letters[place : place + draw.choice([1, 8, 100])]
        elif what < 0.6:
            width = draw.choice([2, 4, 8])
            number = draw.choice([0, 1, 4_000_000_000, 2**31 - 1, 2**16 - 1])
            letters[place : place + width] = number.to_bytes(8, "little")[:width]
        else:
            letters[place : place + 1] = bytes([draw.randrange(256)])
    return bytes(letters)


def _changed_inside(content, draw):
    """Return an archive with one entry damaged; its sums agree."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            inner = old.read(name)
            new.writestr(name, _damaged(inner, draw) if name == chosen else inner)
    return made.getvalue()


def fresh(folder):
    """Return an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def seeded(seed):
    return random.Random(seed)
