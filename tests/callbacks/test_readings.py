import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.callbacks import _readings as readings
from keras_motif.extraction.activation_maps import activation_map

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


@pytest.mark.parametrize("kind", ["array", "batches"])
@pytest.mark.parametrize("most", [1000, 14])
def test_profile_tells_where_and_in_which_class(
    model, sequences, kind, most, monkeypatch
):
    monkeypatch.setattr(readings, "_PROFILE_SEQUENCES", most)
    read = slice(None)
    if most == 14:  # an array's every third, or a list's first
        read = slice(None, None, 3) if kind == "array" else slice(14)
    labels = FIRES.copy()
    labels[:6] = False
    motifs = km.extract_motifs(model, sequences)
    data = sequences if kind == "array" else np.split(sequences, 8)
    maps = activation_map(model)
    profile = readings.read_profile(maps, data, motifs, labels, ["gata"], {})
    (row,) = profile.enrichment.to_dict("records")
    assert (row["filter"], row["class"]) == ("filter0", "gata")
    assert row["positives"] == row["positives_with_site"] == labels[read].sum()
    assert row["negatives_with_site"] == (FIRES & ~labels)[read].sum()
    bins = profile.positions.set_index("start")["num_sites"]
    assert bins.sum() == FIRES[read].sum()
    assert bins.idxmax() == 7  # of the bin with base 7, the middle of 5 to 9
    alone = readings.read_profile(maps, data, motifs, None, None, {})
    assert alone.enrichment is None


def test_labels_that_do_not_fit_are_refused(model, sequences):
    motifs = km.extract_motifs(model, sequences)
    with pytest.raises(ValueError, match="labels"):
        readings.read_profile(
            activation_map(model), sequences, motifs, [0, 1], None, {}
        )
