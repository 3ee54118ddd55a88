import h5py
import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction import _site_counts as site_counts
from support.networks import small_model

pytestmark = pytest.mark.keras


class Batches(keras.utils.PyDataset):
    def __init__(self, x):
        super().__init__()
        self.x = x

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.x[index * 16 : index * 16 + 16], np.zeros(16)


def test_every_kind_of_input_gives_the_same(sequences, tmp_path):
    model = small_model()
    expected = km.extract_motifs(model, sequences)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        length_first = file.create_dataset("a", data=sequences)
        channels_first = file.create_dataset("b", data=sequences.transpose(0, 2, 1))
        for stored in (length_first, channels_first):
            assert km.extract_motifs(model, stored, batch_size=10) == expected
    for dtype in (bool, np.uint8, np.float16, np.float64):
        assert km.extract_motifs(model, sequences.astype(dtype)) == expected
    tensor = keras.ops.convert_to_tensor(sequences)
    assert km.extract_motifs(model, tensor) == expected
    assert km.extract_motifs(model, Batches(sequences)) == expected
    parts = np.split(sequences, [10, 30])
    assert km.extract_motifs(model, parts) == expected
    assert km.extract_motifs(model, [(x, np.zeros(len(x))) for x in parts]) == expected


def test_tf_datasets_are_read(sequences):
    tf = pytest.importorskip("tensorflow")
    model = small_model()
    data = tf.data.Dataset.from_tensor_slices((sequences, np.zeros(64))).batch(10)
    assert km.extract_motifs(model, data) == km.extract_motifs(model, sequences)


def test_torch_loaders_are_read(sequences):
    torch = pytest.importorskip("torch")
    model = small_model()
    data = torch.utils.data.DataLoader(torch.tensor(sequences), batch_size=10)
    assert km.extract_motifs(model, data) == km.extract_motifs(model, sequences)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.transpose(0, 2, 1), r"pass `sequences\.transpose\(0, 2, 1\)`"),
        (lambda x: x[0], r"pass `sequences\[None\]`"),
        (lambda x: x[..., :3], r"must be one-hot with shape \(n, length, 4\)"),
        (lambda x: x[:0], "which holds no base"),
        (lambda x: [], "or nothing; encode them"),
        (lambda x: ["ACGT"], r"encode them with `keras_motif\.one_hot"),
        (lambda x: "ACGT", r"encode them with `keras_motif\.one_hot"),
        (lambda x: x * 2, "at sequence 0, position 0"),
        (lambda x: np.maximum(x, 0.25), "probabilities cannot be used"),
        (lambda x: [x, x[:, :50]], "batch of length 50 after one of length 60"),
        (lambda x: [{"x": x, "y": x}], r"keys \['x', 'y'\].*2 of them.*KEY"),
        (lambda x: {"x": x, "y": x}, r"Received the keys \['x', 'y'\]"),
        (lambda x: {"x": x[..., 0], "y": 1}, "of this shape are none of them"),
        (lambda x: [([0, 1], 0)], r"must be an array of shape .* Received int"),
        (lambda x: (y for y in []), "at least one sequence"),
    ],
)
def test_bad_sequences_are_refused(change, message, sequences):
    sequences[0, 0] = [1, 0, 0, 0]
    with pytest.raises(ValueError, match=message):
        km.extract_motifs(small_model(length=None), change(sequences))


def test_bad_value_is_located(sequences):
    sequences[40, 7] = [1, 1, 0, 0]
    with pytest.raises(ValueError, match="at sequence 40, position 7"):
        km.extract_motifs(small_model(), sequences, batch_size=16)


def test_sequences_of_a_wrong_kind():
    with pytest.raises(TypeError, match="Received int"):
        km.extract_motifs(small_model(), 3)


def test_hdf5_of_another_layout_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset("x", data=np.zeros((5, 60, 3)))
        with pytest.raises(ValueError, match="must be one-hot with shape"):
            km.extract_motifs(small_model(), data)


def test_one_shot_iterators_are_read_in_one_pass(sequences, monkeypatch):
    model = small_model("exponential")
    expected = km.extract_motifs(model, sequences)
    monkeypatch.setattr(site_counts, "_PENDING_BYTES", 0)
    parts = (part for part in np.split(sequences, 4))
    assert km.extract_motifs(model, parts) == expected


def test_fasta_files_are_read(sequences, tmp_path):
    model = small_model()
    records = (f">{i}\n{s}\n" for i, s in enumerate(km.from_one_hot(sequences)))
    path = tmp_path / "x.fa"
    path.write_text("".join(records))
    expected = km.extract_motifs(model, sequences)
    assert km.extract_motifs(model, path, batch_size=10) == expected
    assert km.extract_motifs(model, str(path)) == expected


def test_progress_is_shown_when_asked_for(sequences, capsys):
    km.extract_motifs(small_model(), sequences, batch_size=16, progress=True)
    assert "Reading filters" in capsys.readouterr().err
    for progress in (None, False):  # the test's output is no terminal
        km.extract_motifs(small_model(), sequences, progress=progress)
        assert capsys.readouterr().err == ""


def two_inputs(first="signal"):
    """A model with a convolution on each of two inputs."""
    signal = keras.Input((60, 4), name="signal")
    sequence = keras.Input((60, 4), name="sequence")
    parts = {
        "signal": layers.Conv1D(2, 3, activation="relu", name="of_signal")(signal),
        "sequence": layers.Conv1D(5, 7, activation="relu", name="conv")(sequence),
    }
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(y) for y in parts.values()])
    return keras.Model([signal, sequence], layers.Dense(1)(x))


def test_inputs_names_the_sequence(sequences):
    model = two_inputs()
    other = np.zeros_like(sequences)
    alone = keras.Model(model.inputs[1], model.get_layer("conv").output)
    expected = km.extract_motifs(alone, sequences)
    labels = np.zeros(64)
    for data in (
        sequences,
        {"signal": other, "sequence": sequences},
        [{"signal": other, "sequence": sequences}],
        [((other, sequences), labels)],
        [[other, sequences]],
        [[[other, sequences], labels]],
    ):
        assert km.extract_motifs(model, data, inputs="sequence") == expected
    assert km.extract_motifs(model, sequences, inputs=1) == expected
    assert km.extract_motifs(model, sequences, layer="conv") == expected
    # Without a name it is the first convolution's.
    with pytest.warns(UserWarning, match="The others: conv. Name one with `layer=`"):
        assert len(km.extract_motifs(model, sequences)) == 2


def test_inputs_of_a_dict_go_by_its_keys(sequences):
    one, two = keras.Input((60, 4), name="dna"), keras.Input((3,), name="cell")
    x = layers.Conv1D(5, 7, activation="relu", name="conv")(one)
    x = layers.Concatenate()([layers.Flatten()(x), two])
    model = keras.Model({"dna": one, "cell": two}, layers.Dense(1)(x))
    data = {"dna": sequences, "cell": np.zeros((64, 3))}
    alone = keras.Model(one, model.get_layer("conv").output)
    assert km.extract_motifs(model, data) == km.extract_motifs(alone, sequences)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": "dna"}, "must be the name or index of an input.*signal, sequence"),
        ({"inputs": 2}, "must be the name or index of an input"),
        ({"inputs": "signal", "layer": "conv"}, "depend on the input 'sequence'"),
    ],
)
def test_wrong_inputs_are_refused(options, message, sequences):
    with pytest.raises(ValueError, match=message):
        km.extract_motifs(two_inputs(), sequences, **options)
    with pytest.raises(ValueError, match="Received 1, and the sequences are input 1"):
        km.extract_motifs(two_inputs(), [([sequences], 0)], inputs="sequence")
