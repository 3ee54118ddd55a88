"""Sequences of other lengths than the model's, read in pieces and filled with N."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km

pytestmark = pytest.mark.keras

LENGTH = 40


def networks(kind, length):
    """The same network for one length, and for any."""
    keras.utils.set_random_seed(1)
    parts = {
        "valid": [layers.Conv1D(3, 7, activation="relu", name="maps")],
        "strided": [layers.Conv1D(3, 5, strides=3, activation="relu", name="maps")],
        "dilated": [
            layers.Conv1D(3, 4, dilation_rate=3, activation="exponential", name="maps")
        ],
        "deeper": [
            layers.Conv1D(4, 5, activation="relu", name="first"),
            layers.MaxPooling1D(2),
            layers.Conv1D(3, 3, activation="relu", name="maps"),
        ],
        "both strands": [
            layers.Conv1D(3, 7, activation="relu", name="maps"),
        ],
    }[kind]
    models = []
    for size in (length, None):
        inputs = x = keras.Input((size, 4))
        for part in parts:
            x = part(x)
        models.append(keras.Model(inputs, x))
    return models


def random_x(random, number, length):
    x = np.eye(4, dtype=np.int8)[random.integers(4, size=(number, length))]
    x[0, length // 2] = 0  # an N
    return x


KINDS = ["valid", "strided", "dilated", "deeper", "both strands"]


@pytest.mark.parametrize("length", [40, 41, 79, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_pieces_give_what_the_whole_sequences_give(kind, length, random):
    fixed, free = networks(kind, LENGTH)
    x = random_x(random, 6, length)
    options = {"layer": "maps", "reverse_complement": kind == "both strands"}
    tiled = km.extract_motifs(fixed, x, tile=True, batch_size=4, **options)
    whole = km.extract_motifs(free, x, **options)
    assert tiled == whole
    sites = km.activation_sites(fixed, x, tile=True, batch_size=4, **options)
    expected = km.activation_sites(free, x, **options)
    columns = ["filter", "sequence", "start", "end", "strand"]
    np.testing.assert_array_equal(sites[columns], expected[columns])
    np.testing.assert_allclose(sites["activation"], expected["activation"], rtol=1e-5)
    activity = km.filter_activity(
        fixed, x, layer="maps", tile=True, reverse_complement=kind == "both strands"
    )
    free_activity = km.filter_activity(
        free, x, layer="maps", reverse_complement=kind == "both strands"
    )
    np.testing.assert_allclose(activity, free_activity, rtol=1e-5)


@pytest.mark.parametrize("both", [False, True])
def test_records_of_several_lengths_are_read_as_each_by_itself(both, random, tmp_path):
    fixed, free = networks("valid", LENGTH)
    lengths = [90, 12, 40, 40, 7, 6, 133]
    parts = [random_x(random, 1, length) for length in lengths]
    strings = [km.from_one_hot(part)[0] for part in parts]
    records = "".join(f">r{i}\n{text}\n" for i, text in enumerate(strings))
    path = tmp_path / "mixed.fa"
    path.write_text(records)
    options = {"layer": "maps", "reverse_complement": both, "threshold": 0}
    sites = km.activation_sites(fixed, path, length=LENGTH, tile=True, **options)
    columns = ["filter", "start", "end", "strand"]
    for index, part in enumerate(parts):
        own = sites.loc[sites["sequence"] == index, columns]
        if part.shape[1] < 7:  # shorter than a window
            assert own.empty
            continue
        expected = km.activation_sites(free, part, **options)[columns]
        np.testing.assert_array_equal(own, expected)
    activity = km.filter_activity(fixed, path, tile=True, length=LENGTH)
    assert np.isnan(activity[5]).all()
    assert np.isfinite(np.delete(activity, 5, axis=0)).all()
    assert activity.shape == (7, 3)
    motifs = km.extract_motifs(fixed, path, length=LENGTH, tile=True, **options)
    assert sum(motif.num_sites for motif in motifs) == len(sites)


def test_what_is_not_wanted_is_refused(random, tmp_path):
    fixed, free = networks("valid", LENGTH)
    longer, shorter = random_x(random, 2, 60), random_x(random, 2, 20)
    for model, x, options, said in (
        (fixed, longer, {"length": LENGTH}, r"at most `length`=40.*60.*`tile=True`"),
        (free, longer, {"tile": True}, "`tile=True` needs the `length`"),
        (fixed, longer, {"length": 50}, "what the model takes, 40 bases. Received 50"),
        (free, longer, {"length": 0}, "whole number of bases. Received 0"),
        (free, longer, {"length": 5, "tile": True}, "too short for the layer"),
        (
            fixed,
            longer,
            {"tile": True, "select": "best"},
            "one window of each sequence",
        ),
    ):
        with pytest.raises(ValueError, match=said):
            km.extract_motifs(model, x, **options)
    assert km.extract_motifs(fixed, shorter, length=LENGTH)


def test_the_callback_reads_in_pieces(random, tmp_path):
    fixed, _ = networks("valid", LENGTH)
    path = tmp_path / "mixed.fa"
    strings = km.from_one_hot(random_x(random, 5, 90))
    strings += km.from_one_hot(random_x(random, 5, 20))
    path.write_text("".join(f">r{i}\n{text}\n" for i, text in enumerate(strings)))
    target = km.Motif(np.eye(4)[[0, 1, 2, 3, 0, 1]], "M0.1")
    found = km.FilterMotifExtractor(
        path,
        database=[target],
        output_dir=tmp_path / "motifs",
        labels=np.arange(10.0),
        max_sequences=6,
        every=1,
        length=LENGTH,
        tile=True,
    )
    x = random_x(random, 4, LENGTH).astype("float32")
    fixed.compile("sgd", "mse")
    fixed.fit(x, np.zeros((4, 34, 3)), verbose=0, callbacks=[found])
    assert found.error is None
    expected = km.extract_motifs(fixed, path, length=LENGTH, tile=True)
    assert found.motifs == expected
    assert (tmp_path / "motifs" / "report.html").exists()


def test_shapes_that_a_layer_cannot_take_are_told_with_the_fix(random):
    inputs = keras.Input((LENGTH, 4))
    x = layers.Reshape((LENGTH, 4, 1))(inputs)
    x = layers.Conv2D(3, (7, 4), activation="relu", name="conv")(x)
    model = keras.Model(inputs, x)
    for length, fix in ((60, "`tile=True`"), (20, "`length=40`")):
        with pytest.raises(ValueError, match=f"(?s)takes 40 bases.*{length}.*{fix}"):
            km.extract_motifs(model, random_x(random, 3, length))
    assert km.extract_motifs(model, random_x(random, 3, 60), tile=True)
