import h5py
import keras
import numpy as np
import pytest

import keras_motif as km
from keras_motif.extraction import activation_map
from keras_motif.extraction.subset import take_subset

pytestmark = pytest.mark.keras


@pytest.fixture
def maps():
    inputs = keras.Input((60, 4), name="dna")
    outputs = keras.layers.Conv1D(2, 9, activation="relu")(inputs)
    return activation_map(keras.Model(inputs, outputs))


def test_part_of_an_array_is_every_kth_sequence(maps, sequences):
    for limit, step in ((63, 2), (32, 2), (31, 3), (1, 64)):
        part, is_whole, _, _ = take_subset(maps, sequences, limit)
        np.testing.assert_array_equal(part, sequences[::step])
        assert not is_whole
        assert len(part) <= limit


@pytest.mark.parametrize("limit", [None, 64, 1000])
def test_enough_room_leaves_the_sequences_as_they_are(limit, maps, sequences):
    for given in (sequences, [sequences[:40], sequences[40:]], {"dna": sequences}):
        part, is_whole, _, _ = take_subset(maps, given, limit)
        assert part is given
        assert is_whole


def test_part_of_a_tensor_and_of_a_dict_of_inputs(maps, sequences):
    tensor = keras.ops.convert_to_tensor(sequences.astype("float32"))
    for given in (tensor, {"dna": tensor, "other": None}):
        part, _, _, _ = take_subset(maps, given, 20)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(part), sequences[::4])


@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2, 1)])
def test_part_of_a_file_is_length_first(axes, maps, sequences, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("x", data=sequences.transpose(axes))
        part, _, _, _ = take_subset(maps, stored, 20)
    np.testing.assert_array_equal(part, sequences[::4])


def test_part_of_batches_is_the_first_sequences(maps, sequences, tmp_path):
    fasta = tmp_path / "x.fa"
    lines = [f">{i}\n{word}\n" for i, word in enumerate(km.from_one_hot(sequences))]
    fasta.write_text("".join(lines))
    labelled = [(sequences[start : start + 16], 0) for start in range(0, 64, 16)]
    for given in (labelled, fasta):
        part, is_whole, _, _ = take_subset(maps, given, 20)
        np.testing.assert_array_equal(part, sequences[:20])
        assert not is_whole


def test_an_iterator_that_runs_dry_is_left_alone(maps, sequences):
    given = iter([sequences])
    part, _, _, _ = take_subset(maps, given, 20)
    assert part is given
    assert len(next(given)) == 64
