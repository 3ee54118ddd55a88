import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.callbacks import _parts as parts
from keras_motif.callbacks._labels import SequenceLabels
from keras_motif.callbacks._parts import Attempts, report_parts
from keras_motif.extraction import activation_map

pytestmark = pytest.mark.keras

FIRES = np.arange(40) % 2 == 0


@pytest.fixture
def sequences():
    """GATA, from base 5 on, in every other one of 40 sequences."""
    return km.one_hot(["C" * 5 + "GATA" + "C" * 21, "C" * 30] * 20)


@pytest.fixture
def model():
    """A network whose one filter fires at GATA, and nowhere else."""
    model = keras.Sequential(
        [keras.Input((30, 4)), layers.Conv1D(1, 4, activation="relu")]
    )
    kernel = km.one_hot("GATA")[0].astype("float32")[..., None]
    model.set_weights([kernel, np.array([-3.5])])
    return model


def parts_of(maps, data, motifs, labels, class_names, attempts=None):
    made = Attempts() if attempts is None else attempts
    found = report_parts(
        made,
        maps,
        data,
        motifs,
        labels=SequenceLabels(labels, class_names),
        options={},
        motifs_by_epoch={},
    )
    assert attempts is not None or not made.failures
    return found


@pytest.mark.parametrize("kind", ["array", "batches"])
@pytest.mark.parametrize("most", [1000, 14])
def test_profile_tells_where_and_in_which_class(
    model, sequences, kind, most, monkeypatch
):
    monkeypatch.setattr(parts, "_PROFILE_SEQUENCES", most)
    read = slice(None)
    if most == 14:  # an array's every third, or a list's first
        read = slice(None, None, 3) if kind == "array" else slice(14)
    labels = FIRES.copy()
    labels[:6] = False
    motifs = km.extract_motifs(model, sequences)
    data = sequences if kind == "array" else np.split(sequences, 8)
    maps = activation_map(model)
    profile = parts_of(maps, data, motifs, labels, ["gata"])
    (row,) = profile.enrichment.to_dict("records")
    assert (row["filter"], row["class"]) == ("filter0", "gata")
    assert row["positives"] == row["positives_with_site"] == labels[read].sum()
    assert row["negatives_with_site"] == (FIRES & ~labels)[read].sum()
    bins = profile.positions.set_index("start")["num_sites"]
    assert bins.sum() == FIRES[read].sum()
    assert bins.idxmax() == 7  # of the bin with base 7, the middle of 5 to 9
    alone = parts_of(maps, data, motifs, None, None)
    assert alone.enrichment is None


@pytest.mark.parametrize(("most", "step"), [(10, 4), (20, 2), (10_000, 1)])
def test_of_networks_with_many_sites_fewer_sequences_are_profiled(
    model, sequences, most, step, monkeypatch
):
    monkeypatch.setattr(parts, "_PROFILE_SITES", most)
    motifs = km.extract_motifs(model, sequences)
    maps = activation_map(model)
    profile = parts_of(maps, sequences, motifs, FIRES, ["gata"])
    assert profile.positions["num_sites"].sum() == FIRES[::step].sum()
    (row,) = profile.enrichment.to_dict("records")
    assert row["positives"] == FIRES[::step].sum()
    assert row["negatives"] == (~FIRES[::step]).sum()


def test_what_fails_leaves_the_others_and_is_kept(model, sequences):
    motifs = km.extract_motifs(model, sequences)
    attempts = Attempts()
    made = parts_of(
        activation_map(model), sequences, motifs, [0, 1], None, attempts=attempts
    )
    assert list(attempts.failures) == ["classes"]
    assert isinstance(attempts.error, ValueError)
    (note,) = attempts.notes()
    assert note.startswith("Left out: classes. ValueError: `labels` must have a row")
    assert made.enrichment is None
    assert made.positions["num_sites"].sum() == FIRES.sum()
    assert made.duplicates.empty


def test_several_failures_are_one_group():
    attempts = Attempts()
    assert attempts.make("one", lambda: 1) == 1
    assert attempts.error is None
    assert attempts.make("two", lambda: 1 / 0) is None
    assert isinstance(attempts.error, ZeroDivisionError)
    assert attempts.make("three", lambda: [][0]) is None
    assert isinstance(attempts.error, ExceptionGroup)
    assert [type(error) for error in attempts.error.exceptions] == [
        ZeroDivisionError,
        IndexError,
    ]
