import h5py
import numpy as np
import pytest

from keras_motif.motifs.meme import read_meme
from keras_motif.motifs.modisco import read_inputs, read_patterns, write_inputs
from support.paths import GOLDEN

PATTERNS = GOLDEN / "modisco_patterns.hdf5"


@pytest.fixture
def data(random):
    sequences = np.eye(4, dtype=np.int8)[random.integers(4, size=(6, 20))]
    sequences[0, 3] = 0
    return sequences, random.normal(size=sequences.shape).astype(np.float32)


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "one_hot.npz", tmp_path / "attributions.npz"


# Inputs


def test_inputs_are_one_array_each_bases_before_length(data, paths):
    write_inputs(*data, *paths)
    for path, array, dtype in zip(paths, data, (np.int8, np.float32), strict=True):
        with np.load(path) as file:
            assert file.files == ["arr_0"]
            assert file["arr_0"].dtype == dtype
            np.testing.assert_array_equal(file["arr_0"], array.transpose(0, 2, 1))


def test_written_inputs_read_back(data, paths):
    write_inputs(*data, *paths)
    sequences, attributions = read_inputs(*paths)
    np.testing.assert_array_equal(sequences, data[0])
    np.testing.assert_array_equal(attributions, data[1])


def test_inputs_of_other_tools_may_be_plain_arrays(data, tmp_path):
    paths = tmp_path / "x.npy", tmp_path / "a.npy"
    for path, array in zip(paths, data, strict=True):
        np.save(path, array.transpose(0, 2, 1).astype(np.float64))
    found = read_inputs(*paths)
    np.testing.assert_array_equal(found.sequences, data[0])
    assert found.attributions.dtype == np.float64


def test_other_arrays_are_not_written(data, paths):
    sequences, attributions = data
    with pytest.raises(ValueError, match=r"shape of `sequences`.*\(6, 20\).*\(6, 20, "):
        write_inputs(sequences, attributions.sum(axis=2), *paths)
    with pytest.raises(ValueError, match=r"`sequences` must be one-hot"):
        write_inputs(sequences * 2, attributions, *paths)
    with pytest.raises(ValueError, match=r"`sequences\.transpose\(0, 2, 1\)`"):
        write_inputs(sequences.transpose(0, 2, 1), attributions, *paths)
    with pytest.raises(ValueError, match="`attributions` must be finite"):
        write_inputs(sequences, np.where(attributions > 1, np.nan, 0), *paths)
    with pytest.raises(ValueError, match="`sequences_path` must end in .npz.*'x.npy'"):
        write_inputs(sequences, attributions, "x.npy", paths[1])
    assert not any(path.exists() for path in paths)


def test_other_files_are_not_read(data, paths, tmp_path):
    write_inputs(*data, *paths)
    np.savez(tmp_path / "named.npz", x=data[0])
    with pytest.raises(
        ValueError, match="named.npz: expected a .npz file with the array arr_0"
    ):
        read_inputs(tmp_path / "named.npz", paths[1])
    np.savez(tmp_path / "length.npz", data[0])
    with pytest.raises(ValueError, match=r"\(n, 4, length\). Received.*\(6, 20, 4\)"):
        read_inputs(tmp_path / "length.npz", paths[1])
    np.savez(tmp_path / "few.npz", data[0][:2].transpose(0, 2, 1))
    with pytest.raises(ValueError, match=r"one shape. Received \(2, 20, 4\) in .*few"):
        read_inputs(tmp_path / "few.npz", paths[1])
    for name, content in (("empty.npz", b""), ("cut.npz", b"PK\x03\x04 cut")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: expected a .np. file"):
            read_inputs(tmp_path / name, paths[1])
    with pytest.raises(FileNotFoundError):
        read_inputs(tmp_path / "missing.npz", paths[1])


def test_nothing_is_unpickled(data, paths, tmp_path):
    write_inputs(*data, *paths)
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"objects.npy: .*never unpickled"):
        read_inputs(tmp_path / "objects.npy", paths[1])
    np.savez(tmp_path / "objects.npz", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"objects.npz, arr_0.npy: .*never unpickled"):
        read_inputs(tmp_path / "objects.npz", paths[1])


# Patterns


def test_patterns_are_those_that_the_program_prints():
    motifs = read_patterns(PATTERNS)
    printed = read_meme(GOLDEN / "modisco_patterns.meme").motifs
    assert [motif.name for motif in motifs] == [
        "pos_patterns.pattern_0",
        "pos_patterns.pattern_1",
        "neg_patterns.pattern_0",
    ]
    assert [motif.num_sites for motif in motifs] == [173, 164, 169]
    for motif, other in zip(motifs, printed, strict=True):
        assert motif.name == other.name
        # The program prints six decimals.
        np.testing.assert_allclose(motif.frequencies, other.frequencies, atol=6e-7)


def test_trimmed_patterns_are_what_was_implanted():
    motifs = read_patterns(PATTERNS, trim_threshold=0.3)
    assert [motif.consensus for motif in motifs] == ["TGACTCA", "CCACGTGG", "AGATAAGA"]
    assert [motif.num_sites for motif in motifs] == [173, 164, 169]
    assert read_patterns(PATTERNS, trim_threshold=0) == read_patterns(PATTERNS)


def write_pattern(file, name, sequence, scores):
    group = file.create_group(name)
    group["sequence"] = np.array(sequence, dtype=float)
    group["contrib_scores"] = np.array(scores, dtype=float)
    group["seqlets/n_seqlets"] = np.array([30])


def test_patterns_come_by_number_and_columns_are_divided(tmp_path):
    column = [[0.5, 0, 0, 0], [0, 0, 0, 0], [0, 0.2, 0.2, 0]]
    scores = [[0, 0, 0, 0.1], [0, -1, 0, 0], [0, 0, 0.3, 0]]
    with h5py.File(tmp_path / "found.h5", "w") as file:
        for number in (10, 2, 0):
            write_pattern(file, f"neg_patterns/pattern_{number}", column, scores)
    motifs = read_patterns(tmp_path / "found.h5")
    assert [motif.name[-2:] for motif in motifs] == ["_0", "_2", "10"]
    assert motifs[0].frequencies.tolist() == [
        [1, 0, 0, 0],
        [0.25, 0.25, 0.25, 0.25],
        [0, 0.5, 0.5, 0],
    ]
    assert read_patterns(tmp_path / "found.h5", trim_threshold=0.3)[0].width == 2
    assert read_patterns(tmp_path / "found.h5", trim_threshold=1)[0].width == 1


def test_a_run_without_patterns_gives_no_motif(tmp_path):
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file.attrs["window_size"] = 400
    assert read_patterns(tmp_path / "none.h5") == []


def test_other_hdf5_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["metacluster_idx_to_submetacluster_results/x"] = 1
    with pytest.raises(ValueError, match=r"old.h5 holds no patterns.*modisco convert"):
        read_patterns(tmp_path / "old.h5")
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["pos_patterns/pattern_0/sequence"] = np.eye(4)
    with pytest.raises(ValueError, match=r"odd.h5: expected pos_patterns/.*seqlets"):
        read_patterns(tmp_path / "odd.h5")
    (tmp_path / "text.h5").write_text("MEME version 4")
    with pytest.raises(ValueError, match="text.h5: expected the HDF5 file"):
        read_patterns(tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        read_patterns(tmp_path / "missing.h5")


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_the_trimming_is_a_share(threshold):
    with pytest.raises(ValueError, match="`trim_threshold` must lie between 0 and 1"):
        read_patterns(PATTERNS, trim_threshold=threshold)
