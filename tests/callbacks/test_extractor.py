import copy
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import callbacks, layers

import keras_motif as km
from keras_motif.callbacks._layer_reader import LayerReading
from keras_motif.callbacks._readings import Judge
from keras_motif.motifs import as_motifs

pytestmark = pytest.mark.keras

WORDS = ("GATTACAGT", "CCGGAATTC")
HERE = str(Path(__file__).parent)
TABLES = {"filters.meme", "matches.tsv", "support.tsv", "history.json"}
FILES = TABLES | {"logos.png", "report.html"}


def consensus_motif(word, name):
    return km.Motif(km.one_hot(word)[0] * 0.97 + 0.0075, name, num_sites=100)


DATABASE = [consensus_motif(word, f"M{i}.1") for i, word in enumerate(WORDS)]
NOISE = np.random.default_rng(8).dirichlet([0.3] * 4, size=(20, 8))
DATABASE += [km.Motif(matrix, f"N{i}.1") for i, matrix in enumerate(NOISE)]


@pytest.fixture
def x(random):
    """Sequences with the first word at random places, (80, 50, 4)."""
    codes = random.integers(4, size=(80, 50))
    x = np.eye(4, dtype=np.int8)[codes]
    for row, start in enumerate(random.integers(0, 41, size=80)):
        x[row, start : start + 9] = km.one_hot(WORDS[row % 2])[0]
    return x


def planted_model(learning_rate=0.0, dead=1):
    """A network with one filter per word, and some that never fire."""
    model = keras.Sequential(
        [
            keras.Input((50, 4)),
            layers.Conv1D(2 + dead, 9, activation="exponential", name="conv"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    kernel = np.zeros((9, 4, 2 + dead), dtype="float32")
    for index, word in enumerate(WORDS):
        kernel[:, :, index] = km.one_hot(word)[0]
    bias = np.array([-8.0, -8.0] + [-1000.0] * dead)
    model.get_layer("conv").set_weights([kernel, bias])
    model.compile(keras.optimizers.SGD(learning_rate), "binary_crossentropy")
    return model


def fit(model, x, *listed, epochs=1, **options):
    y = np.arange(len(x)) % 2
    return model.fit(
        x, y, epochs=epochs, callbacks=list(listed), verbose=0, batch_size=40, **options
    )


def extractor(x, **options):
    options = {"database": DATABASE, "relevant": ["M0", "M1"], **options}
    return km.FilterMotifExtractor(x, **options)


def test_three_lines_leave_motifs_matches_and_files(x, tmp_path):
    found = extractor(x, output_dir=tmp_path / "new" / "motifs")
    history = fit(planted_model(), x, found)
    assert {path.name for path in (tmp_path / "new" / "motifs").iterdir()} == FILES
    assert list(history.history) == ["loss"]
    assert [motif.name for motif in found.motifs] == ["filter0", "filter1", "filter2"]
    assert [motif.consensus for motif in found.motifs[:2]] == list(WORDS)
    assert found.motifs[2].num_sites == 0
    best = found.matches.drop_duplicates("Query_ID")
    assert best["Target_ID"].tolist() == ["M0.1", "M1.1"]
    assert found.history["motif_match"] == [pytest.approx(2 / 3)]
    assert found.history["motif_relevant"] == [pytest.approx(2 / 3)]
    # Two motifs of nine certain bases, 18 bits each, and a dead filter's 0.
    assert found.history["motif_information"] == [pytest.approx(12.0)]


def test_relevant_and_exclude_take_factors(x):
    named = [
        km.Motif(motif.frequencies, motif.name, alt_name=factor)
        for motif, factor in zip(DATABASE, ("SRF", "MAX::MYC"), strict=False)
    ]
    options = {"database": named, "relevant": ["srf", "Max"]}
    found = extractor(x, **options, exclude=["MYC"]).run(planted_model())
    assert found.fractions == pytest.approx((1 / 3, 1 / 3, 1 / 2))
    assert "M1.1" not in set(found.matches["Target_ID"])
    with pytest.warns(UserWarning, match="these of `exclude`.* nothing out: MAXX"):
        extractor(x, **options, exclude=["MAXX", "M0"]).run(planted_model())
    with pytest.raises(ValueError, match=r"None of these is one: SFR.* M0.1 \(SRF\)"):
        extractor(x, database=named, relevant=["SFR"]).run(planted_model())


def test_files_hold_what_the_attributes_hold(x, tmp_path):
    found = extractor(x, output_dir=tmp_path)
    fit(planted_model(), x, found)
    stored = km.read_meme(tmp_path / "filters.meme").motifs
    assert stored == [motif.trim() for motif in found.motifs]
    rows = (tmp_path / "matches.tsv").read_text().splitlines()
    assert rows[0].split("\t") == list(found.matches.columns)
    assert sum(row.startswith("filter") for row in rows) == len(found.matches)
    assert (tmp_path / "logos.png").read_bytes()[:4] == b"\x89PNG"
    page = (tmp_path / "report.html").read_text()
    assert "M0.1" in page
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)
    stored = json.loads((tmp_path / "history.json").read_text())
    assert stored == {**found.history, "verdict": "convincing"}


def test_extraction_equals_the_function(x):
    model = planted_model()
    found = extractor(x, threshold=0.3, select="best").run(model)
    assert found.motifs == km.extract_motifs(model, x, threshold=0.3, select="best")


def test_numbers_reach_the_callbacks_listed_after_it(x, tmp_path):
    found = extractor(x, every=1)
    stop = callbacks.EarlyStopping("motif_relevant", mode="max", patience=2)
    checkpoint = callbacks.ModelCheckpoint(
        tmp_path / "{epoch}.keras", "motif_match", mode="max", save_best_only=True
    )
    table = callbacks.CSVLogger(tmp_path / "log.csv")
    history = fit(planted_model(), x, found, stop, checkpoint, table, epochs=6)
    # The values never change, so patience 2 ends after the third epoch.
    assert len(history.history["motif_relevant"]) == 3
    assert [path.name for path in tmp_path.glob("*.keras")] == ["1.keras"]
    lines = (tmp_path / "log.csv").read_text().splitlines()
    keys = ["motif_information", "motif_match", "motif_relevant"]
    assert lines[0].split(",")[:5] == ["epoch", "loss", *keys]
    assert len(lines) == 4
    assert found.history["epoch"] == [0, 1, 2]


def test_numbers_reach_tensorboard(x, tmp_path):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorBoard's callback writes through TensorFlow")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own, on import
        from tensorboard.backend.event_processing import event_accumulator
    board = callbacks.TensorBoard(tmp_path, write_graph=False)
    fit(planted_model(), x, extractor(x, every=1), board, epochs=2)
    events = event_accumulator.EventAccumulator(str(tmp_path / "train")).Reload()
    assert "epoch_motif_match" in events.Tags()["tensors"]
    assert len(events.Tensors("epoch_motif_match")) == 2


class Notes(list):
    """A logger that keeps what it is given."""

    def __call__(self, epoch, metrics, figures):
        self.append((epoch, metrics, figures))


def test_every_2_leaves_no_epoch_without_a_key(x, tmp_path):
    times = Notes()
    found = extractor(x, every=2, name="first", logger=times)
    table = callbacks.CSVLogger(tmp_path / "log.csv")
    checkpoint = callbacks.ModelCheckpoint(
        tmp_path / "{epoch}.keras", "first_match", mode="max", save_best_only=True
    )
    history = fit(planted_model(), x, found, table, checkpoint, epochs=5)
    for key in ("first_match", "first_relevant", "first_information"):
        assert len(history.history[key]) == 5
        assert np.isfinite(history.history[key]).all()
    assert found.history["epoch"] == [0, 2, 4]
    assert len(times) == 3
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert "first_match" in lines[0]
    assert len(lines) == 6
    assert len({line.count(",") for line in lines}) == 1
    assert [path.name for path in tmp_path.glob("*.keras")] == ["1.keras"]


def test_without_relevant_the_key_is_absent(x):
    history = fit(planted_model(), x, extractor(x, every=1, relevant=None))
    assert set(history.history) == {"loss", "motif_match", "motif_information"}


class RestoreAtEnd(callbacks.Callback):
    """Stands for EarlyStopping(restore_best_weights=True)."""

    def __init__(self, weights):
        super().__init__()
        self.weights = weights

    def on_train_end(self, logs=None):
        self.model.get_layer("conv").set_weights(self.weights)


def test_listed_on_both_sides_it_reads_the_restored_weights(x, tmp_path):
    found = extractor(x, every=1, output_dir=tmp_path)
    model = planted_model()
    kernel, bias = model.get_layer("conv").get_weights()
    swapped = RestoreAtEnd([kernel[..., [1, 0, 2]], bias])
    fit(model, x, found, swapped, found, epochs=2)
    assert [motif.consensus for motif in found.motifs[:2]] == list(WORDS[::-1])
    assert found.history["epoch"] == [0, 1]
    stored = km.read_meme(tmp_path / "filters.meme").motifs
    assert stored[0].consensus == WORDS[1]


@pytest.mark.parametrize(("every", "count"), [(1, 3), (None, 1)])
def test_second_call_does_nothing_while_weights_stay(every, count, x):
    times = Notes()
    found = extractor(x, every=every, logger=times)
    stop = callbacks.EarlyStopping("loss", restore_best_weights=True, patience=9)
    fit(planted_model(), x, found, stop, found, epochs=3)
    assert len(times) == count


def test_a_second_fit_starts_anew(x, tmp_path):
    found = extractor(x, output_dir=tmp_path)
    model = planted_model()
    fit(model, x, found)
    (tmp_path / "report.html").unlink()
    fit(model, x, found)
    assert found.history["epoch"] == [0]
    assert {path.name for path in tmp_path.iterdir()} == FILES


class Break(callbacks.Callback):
    """Makes every extraction from an epoch on fail."""

    def __init__(self, found, epoch):
        super().__init__()
        self.found, self.epoch = found, epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.found.sequences = self.found.sequences * 2


def test_failing_extraction_warns_and_training_ends(x):
    found = extractor(x, every=1)
    with pytest.warns(UserWarning) as record:
        history = fit(planted_model(), x, Break(found, 1), found, epochs=3)
    texts = [str(w.message) for w in record if w.category is UserWarning]
    assert "failed after epoch 2; training is not affected" in texts[0]
    assert len(texts) == 3  # epochs 2 and 3, and the end
    values = history.history["motif_match"]
    assert values == [pytest.approx(2 / 3)] * 3
    assert isinstance(found.error, ValueError)
    assert found.history["epoch"] == [0]
    assert len(found.motifs) == 3


def test_failing_first_extraction_gives_0(x):
    found = extractor(x, every=1)
    with pytest.warns(UserWarning, match="must be one-hot"):
        history = fit(planted_model(), x, Break(found, 0), found)
    assert history.history["motif_match"] == [0.0]


def test_failing_picture_keeps_motifs_and_model(x, tmp_path, monkeypatch):
    found = extractor(x, output_dir=tmp_path)

    def fail(*args, **options):
        raise OSError("disk full")

    monkeypatch.setattr("keras_motif.callbacks._folder.write_report", fail)
    with pytest.warns(UserWarning, match="disk full"):
        fit(planted_model(), x, found)
    assert len(found.motifs) == 3
    assert {path.name for path in tmp_path.iterdir()} == FILES - {"report.html"}


def test_network_of_dead_filters_is_no_failure(x, tmp_path):
    model = planted_model()
    kernel, _ = model.get_layer("conv").get_weights()
    model.get_layer("conv").set_weights([kernel, np.full(3, -1000.0)])
    found = extractor(x, output_dir=tmp_path, every=1)
    history = fit(model, x, found)
    assert history.history["motif_match"] == [0.0]
    assert history.history["motif_information"] == [0.0]
    assert found.matches.empty
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"motifs_by_epoch.npz"}


def test_what_would_fail_later_fails_before_training(x, tmp_path):
    (tmp_path / "file").write_text("")
    cases = [
        (
            OSError,
            "must be a folder that can be written",
            {"output_dir": tmp_path / "file"},
        ),
        (OSError, "that can be written", {"output_dir": tmp_path / "file" / "sub"}),
        (ValueError, "JASPAR2026", {"database": "JASPAR1999"}),
        (ValueError, "choose from: conv", {"layer": "missing"}),
        (ValueError, "X9", {"relevant": ["X9"]}),
        (ValueError, "transpose", {"sequences": x.transpose(0, 2, 1)}),
        (ValueError, "window", {"window": 3}),
        (ValueError, "threshold", {"threshold": 2.0}),
    ]

    class NoEpoch(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise AssertionError("training has begun")

    for error, message, options in cases:
        options = {"sequences": x, **options}
        found = extractor(options.pop("sequences"), **options)
        with pytest.raises(error, match=message):
            fit(planted_model(), x, found, NoEpoch())


@pytest.mark.parametrize("every", [0, -1, 1.5, True])
def test_every_must_be_a_number_of_epochs(every, x):
    with pytest.raises(ValueError, match="`every` must be a whole number"):
        extractor(x, every=every)


def test_history_resumes_where_training_goes_on(x, tmp_path):
    fit(planted_model(), x, extractor(x, every=1, output_dir=tmp_path), epochs=3)
    later = extractor(x, every=2, output_dir=tmp_path)
    history = fit(planted_model(), x, later, epochs=5, initial_epoch=3)
    # Epoch 3 repeats the value of epoch 2; epoch 4 is due.
    assert later.history["epoch"] == [0, 1, 2, 4]
    assert len(history.history["motif_match"]) == 2
    fresh = extractor(x, every=1, output_dir=tmp_path)
    fit(planted_model(), x, fresh, epochs=1)
    assert fresh.history["epoch"] == [0]


def test_history_resumes_under_backup_and_restore(x, tmp_path):
    class Interrupt(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("power cut")

    def backup():
        return callbacks.BackupAndRestore(tmp_path / "backup")

    folder = tmp_path / "motifs"
    first = extractor(x, every=1, output_dir=folder)
    with pytest.raises(RuntimeError, match="power cut"):
        fit(planted_model(), x, backup(), first, Interrupt(), epochs=4)
    second = extractor(x, every=1, output_dir=folder)
    fit(planted_model(), x, backup(), second, epochs=4)
    assert second.history["epoch"] == [0, 1, 2, 3]


def test_foreign_history_is_left_aside(x, tmp_path):
    (tmp_path / "history.json").write_text("{]")
    found = extractor(x, every=1, output_dir=tmp_path)
    with pytest.warns(UserWarning, match="it starts anew"):
        fit(planted_model(), x, found, epochs=3, initial_epoch=2)
    assert found.history["epoch"] == [2]


def test_two_at_once_do_not_disturb_each_other(x):
    model = planted_model()
    first, second = extractor(x, every=1), extractor(x[:40], every=1, name="half")
    history = fit(model, x, first, second)
    assert {"motif_match", "half_match"} <= set(history.history)


def test_strands_of_the_database_can_be_chosen(x):
    turned = [motif.reverse_complement() for motif in DATABASE]
    counted = [
        extractor(x, database=turned, relevant=None, both_strands=strands)
        .run(planted_model())
        .fractions.any
        for strands in (None, True, False)
    ]
    # CCGGAATTC has a palindrome of six bases.
    assert counted == pytest.approx([2 / 3, 2 / 3, 1 / 3])


def test_a_database_of_rna_is_matched_on_one_strand(x, tmp_path):
    # The first filter's word, and the second's as the other strand has it.
    known = [DATABASE[0], DATABASE[1].reverse_complement(), *DATABASE[2:]]
    km.write_meme(known, tmp_path / "rna.meme", alphabet="ACGU")
    options = {"relevant": None, "output_dir": tmp_path / "run"}
    found = extractor(x, database=tmp_path / "rna.meme", **options)
    found.run(planted_model())
    assert set(found.matches["Orientation"]) == {"+"}
    assert found.matches.attrs["settings"]["alphabet"] == "ACGU"
    assert km.read_meme(tmp_path / "run" / "filters.meme").alphabet == "ACGU"
    assert 'id="base-U"' in (tmp_path / "run" / "report.html").read_text()
    both = extractor(x, database=known, relevant=None).run(planted_model())
    assert set(both.matches["Orientation"]) == {"+", "-"}


def test_database_may_be_a_file_or_a_release(x, tmp_path):
    km.write_meme(DATABASE, tmp_path / "db.meme")
    found = extractor(x, database=tmp_path / "db.meme").run(planted_model())
    assert found.history["motif_match"] == [pytest.approx(2 / 3)]
    jaspar = extractor(x, database="JASPAR2016", relevant=None).run(planted_model())
    assert set(jaspar.matches["Target_ID"].str[:2]) <= {"MA"}


def test_unbuilt_model_is_read_once_it_is_built(x):
    model = keras.Sequential(
        [
            layers.Conv1D(3, 9, activation="exponential"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("sgd", "binary_crossentropy")
    found = extractor(x)
    fit(model, x, found)
    assert len(found.motifs) == 3


def test_metrics_lead_early_stopping_and_checkpoint_to_the_best_epoch(x, tmp_path):
    """The match falls from 2/3 to 1/3 after epoch 2: both keep epoch 2's weights."""
    model = planted_model()
    kernel, bias = model.get_layer("conv").get_weights()
    worse = np.where(np.arange(3) == 0, -1000.0, bias)  # the first filter dies

    class Worsen(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                model.get_layer("conv").set_weights([kernel, worse])

    found = extractor(x, every=1)
    options = {"monitor": "motif_match", "mode": "max"}
    stop = callbacks.EarlyStopping(
        **options, patience=2, restore_best_weights=True, start_from_epoch=1
    )
    kept = tmp_path / "best.keras"
    checkpoint = callbacks.ModelCheckpoint(kept, **options, save_best_only=True)
    history = fit(model, x, Worsen(), found, stop, checkpoint, found, epochs=9)
    shares = history.history["motif_match"]
    assert shares == [pytest.approx(share / 3) for share in (2, 2, 1, 1)]
    for best in (model, keras.saving.load_model(kept)):
        assert best.get_layer("conv").get_weights()[1].tolist() == bias.tolist()
    assert [motif.num_sites > 0 for motif in found.motifs] == [True, True, False]


@pytest.fixture
def sorted_x(x):
    """All sequences with the first word, then all with the second."""
    return np.concatenate([x[::2], x[1::2]])


def test_extractions_between_epochs_read_a_part_that_is_spread(sorted_x):
    notes = Notes()
    found = extractor(sorted_x, every=1, max_sequences=20, logger=notes)
    model = planted_model()
    fit(model, sorted_x, found, epochs=2)
    part = km.extract_motifs(model, sorted_x[::4])
    assert found.motifs_by_epoch[0] == part
    assert [motif.consensus for motif in part[:2]] == list(WORDS)
    assert found.motifs == km.extract_motifs(model, sorted_x)
    assert found.motifs_by_epoch[1] == found.motifs
    assert [epoch for epoch, *_ in notes] == [0, 1, 1]
    assert found.history["epoch"] == [0, 1]


def test_part_of_a_file_or_of_batches_is_that_of_the_array(x, tmp_path):
    model = planted_model()
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("x", data=x.transpose(0, 2, 1))
        found = extractor(stored, every=1, max_sequences=30)
        fit(model, x, found)
        fit(model, x, found, epochs=2)
    assert found.motifs_by_epoch[0] == km.extract_motifs(model, x[::3])
    batches = [(x[start : start + 16], None) for start in range(0, 80, 16)]
    found = extractor(batches, every=1, max_sequences=30)
    fit(model, x, found, epochs=2)
    assert found.motifs_by_epoch[0] == km.extract_motifs(model, x[:30])
    assert found.motifs == km.extract_motifs(model, x)


@pytest.mark.parametrize("limit", [80, None])
def test_with_few_sequences_every_extraction_reads_all(limit, x):
    notes = Notes()
    batches = [x[:40], x[40:]]
    for sequences in (x, batches):
        fit(
            planted_model(),
            x,
            extractor(sequences, every=1, max_sequences=limit, logger=notes),
        )
    assert len(notes) == 2  # none was needed at the end


@pytest.mark.parametrize("limit", [0, 2.5, True])
def test_max_sequences_must_be_a_number_of_sequences(limit, x):
    with pytest.raises(ValueError, match="`max_sequences` must be a whole number"):
        extractor(x, max_sequences=limit)


def test_history_tells_each_filters_information_target_and_drift(x, tmp_path):
    model = planted_model()
    kernel, bias = model.get_layer("conv").get_weights()

    class Swap(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                model.get_layer("conv").set_weights([kernel[..., [1, 0, 2]], bias])

    found = extractor(x, every=1, output_dir=tmp_path)
    fit(model, x, Swap(), found, epochs=3)
    assert found.history["target"] == [
        ["M0.1", "M1.1", None],
        ["M0.1", "M1.1", None],
        ["M1.1", "M0.1", None],
    ]
    for row in found.history["information"]:
        assert row == pytest.approx([18, 18, 0])
    # GATTACAGT and CCGGAATTC differ at all but two places; dead filters stay dead.
    moved = sum(a != b for a, b in zip(*WORDS, strict=True)) / 9
    drifts = found.history["drift"]
    assert drifts[0] == [None, None, None]
    assert drifts[1] == pytest.approx([0, 0, 0])
    assert drifts[2] == pytest.approx([moved, moved, 0])
    stored = json.loads((tmp_path / "history.json").read_text())
    assert stored == {**found.history, "verdict": "convincing"}


def test_motifs_of_earlier_epochs_resume_with_the_history(x, tmp_path):
    first = extractor(x, every=1, output_dir=tmp_path)
    fit(planted_model(), x, first, epochs=2)
    later = extractor(x, every=1, output_dir=tmp_path)
    fit(planted_model(), x, later, epochs=4, initial_epoch=2)
    assert list(later.motifs_by_epoch) == [0, 1, 2, 3]
    assert later.motifs_by_epoch[1] == first.motifs
    assert later.history["drift"][2] == pytest.approx([0, 0, 0])
    film = (tmp_path / "filmstrip.svg").read_text()
    page = (tmp_path / "report.html").read_text()
    for text in (film, page):
        shown = [f">epoch {number}<" in text for number in (1, 4, 5)]
        assert shown == [True, True, False]


def fit_on(found, x):
    """Go on with a training of two epochs, and return what was warned of."""
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        fit(planted_model(), x, found, epochs=3, initial_epoch=2)
    return " ".join(str(warning.message) for warning in record)


def test_names_counted_by_another_rule_are_counted_anew(x, tmp_path):
    first = extractor(x, every=1, verdict="tomtom", output_dir=tmp_path)
    fit(planted_model(), x, first, epochs=2)
    old = (tmp_path / "history.json").read_bytes()
    assert json.loads(old)["verdict"] == "tomtom"
    found = extractor(x, every=1, exclude="M1", output_dir=tmp_path)
    said = fit_on(found, x)
    assert "counted by tomtom, those of now by convincing, without M1: they are" in said
    assert found.history["epoch"] == [0, 1, 2]
    assert first.history["motif_match"] == pytest.approx([2 / 3] * 2)
    assert found.history["motif_match"] == pytest.approx([1 / 3] * 3)
    assert found.history["target"] == [["M0.1", None, None]] * 3
    assert found.history["drift"][:2] == first.history["drift"]
    assert list(found.motifs_by_epoch) == [0, 1, 2]
    assert (tmp_path / "history.json.old").read_bytes() == old
    assert (tmp_path / "motifs_by_epoch.npz.old").exists()
    stored = json.loads((tmp_path / "history.json").read_text())
    assert stored["verdict"] == "convincing, without M1"


def test_names_counted_anew_are_written_at_once(x, tmp_path):
    first = extractor(x, every=1, verdict="tomtom", output_dir=tmp_path)
    fit(planted_model(), x, first, epochs=2)

    class Killed(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise KeyboardInterrupt

    found = extractor(x, every=1, output_dir=tmp_path)
    with pytest.raises(KeyboardInterrupt), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(planted_model(), x, found, Killed(), epochs=3, initial_epoch=2)
    stored = json.loads((tmp_path / "history.json").read_text())
    assert (stored["epoch"], stored["verdict"]) == ([0, 1], "convincing")
    assert (tmp_path / "motifs_by_epoch.npz").exists()


def test_without_motifs_another_rule_starts_anew(x, tmp_path):
    first = extractor(x, verdict="tomtom", output_dir=tmp_path)
    fit(planted_model(), x, first, epochs=2)
    old = (tmp_path / "history.json").read_bytes()
    found = extractor(x, output_dir=tmp_path)
    assert "its motifs are not known, so it starts anew" in fit_on(found, x)
    assert found.history["epoch"] == [2]
    assert (tmp_path / "history.json.old").read_bytes() == old


def test_damaged_motifs_of_an_earlier_run_are_left_aside(x, tmp_path):
    fit(planted_model(), x, extractor(x, every=1, output_dir=tmp_path), epochs=2)
    (tmp_path / "motifs_by_epoch.npz").write_bytes(b"no archive")
    found = extractor(x, every=1, output_dir=tmp_path)
    with warnings.catch_warnings(record=True) as record:
        warnings.simplefilter("always")
        fit(planted_model(), x, found, epochs=3, initial_epoch=2)
    assert any("motifs_by_epoch.npz is not a history" in str(w.message) for w in record)
    assert found.history["epoch"] == [0, 1, 2]
    assert list(found.motifs_by_epoch) == [2]


def test_filmstrip_of_an_earlier_run_does_not_stay(x, tmp_path):
    fit(planted_model(), x, extractor(x, every=1, output_dir=tmp_path), epochs=2)
    films = {"filmstrip.svg", "motifs_by_epoch.npz"}
    assert {path.name for path in tmp_path.iterdir()} == FILES | films
    fit(planted_model(), x, extractor(x, output_dir=tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize("verdict", ["convincing", "tomtom"])
def test_excluded_targets_are_nowhere(x, tmp_path, verdict):
    options = {"verdict": verdict, "relevant": ["M1"], "exclude": ["M0"]}
    found = extractor(x, output_dir=tmp_path, **options).run(planted_model())
    assert found.history["motif_match"] == [pytest.approx(1 / 3)]
    assert found.history["target"] == [[None, "M1.1", None]]
    assert set(found.matches["Target_ID"]) == {"M1.1"}
    for name in ("matches.tsv", "support.tsv", "report.html"):
        text = (tmp_path / name).read_text()
        assert "M1.1" in text
        assert "M0.1" not in text
    assert "1 of 3 filters has a convincing name" in text
    assert "Tomtom alone: 1 has a match" in text


def test_names_must_convince_unless_tomtom_is_asked_for():
    spacer, faint = np.full((24, 4), 0.25), np.full((12, 4), 0.25)
    spacer[[0, 23]], faint[[0, 11]] = np.eye(4)[[0, 1]], [0.7, 0.1, 0.1, 0.1]
    pool = as_motifs([km.Motif(spacer, "spacer"), *DATABASE], "database")
    motifs = [km.Motif(faint, "faint", num_sites=500)]
    motifs.append(km.Motif(DATABASE[0].frequencies, "word", num_sites=90))
    counted = {}
    for verdict in ("convincing", "tomtom"):
        layer = LayerReading(motifs, None, 10_000, None)
        reading = Judge(pool, None, (), verdict).read(layer)
        assert set(reading.matches["Query_ID"]) == {"faint", "word"}
        counted[verdict] = (reading.fractions.any, reading.targets())
    assert counted["convincing"] == (0.5, [None, "M0.1"])
    assert counted["tomtom"] == (1.0, ["spacer", "M0.1"])


def test_what_chance_would_name_stands_beside(x, tmp_path):
    found = extractor(x, output_dir=tmp_path)
    assert found.shuffled is None
    found.run(planted_model())
    readable = [motif.trim() for motif in found.motifs[:2]]
    share = km.shuffled_share(readable, DATABASE)
    assert found.shuffled == pytest.approx([2 / 3 * value for value in share])
    assert found.shuffled is found.shuffled
    assert "With their columns shuffled" in (tmp_path / "report.html").read_text()
    twin = copy.deepcopy(found)
    assert twin.shuffled is None
    assert (twin.verdict, twin.exclude) == (found.verdict, found.exclude)


def test_other_verdicts_and_ids_of_two_targets_are_refused(x):
    with pytest.raises(ValueError, match="`verdict` must be .*'e-value'"):
        extractor(x, verdict="e-value")
    one, other = (km.Motif(np.eye(4)[[i, 1, 2]], "M") for i in (0, 3))
    found = extractor(x, database=[[one], [other]], relevant=None)
    with pytest.raises(ValueError, match="one motif of each id. Received 'M' for two"):
        fit(planted_model(), x, found)


def test_options_of_the_extraction_are_passed_on(x):
    model = planted_model()
    options = {
        "threshold": 0.1,  # sites with one or two other bases, too
        "threshold_of": "achievable",
        "reverse_complement": True,
        "weighted": True,
        "inputs": 0,
    }
    found = extractor(x, **options).run(model)
    assert found.motifs == km.extract_motifs(model, x, **options)
    assert found.motifs != km.extract_motifs(model, x, threshold=0.1)


def test_logger_gets_every_extraction(x):
    notes = Notes()
    fit(planted_model(), x, extractor(x, every=2, logger=notes, name="m"), epochs=3)
    assert [epoch for epoch, *_ in notes] == [0, 2]
    for _, metrics, figures in notes:
        assert list(metrics) == ["m_match", "m_relevant", "m_information"]
        assert [len(figure.axes) for figure in figures.values()] == [3]
        assert list(figures) == ["m_logos"]


def test_failing_logger_warns_and_nothing_else_changes(x, tmp_path):
    def fail(epoch, metrics, figures):
        raise ConnectionError("tracker away")

    found = extractor(x, every=1, logger=fail, output_dir=tmp_path)
    with pytest.warns(UserWarning, match="Logging motifs .* tracker away"):
        history = fit(planted_model(), x, found, epochs=2)
    assert history.history["motif_match"] == [pytest.approx(2 / 3)] * 2
    assert found.error is None
    assert {path.name for path in tmp_path.iterdir()} >= FILES


def test_unreadable_model_that_is_built_late_warns_at_the_end(x):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("other backends build it first, so it is refused before training")
    model = keras.Sequential([layers.Flatten(), layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="no layer with filters"):
        fit(model, x, extractor(x))


DISTRIBUTED = """
import os
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
parts = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, parts)
import numpy as np
import keras_motif as km
from test_extractor import WORDS, extractor, fit, planted_model

x = np.load("x.npy")
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2
with strategy.scope():
    model = planted_model()
    model.compile("sgd", "binary_crossentropy")
before = [layer.name for layer in model.layers]
found = extractor(x, every=1, max_sequences=40)
history = fit(model, x, found, epochs=2)
weights = model.get_weights()
# Every other row was read, which hold the first word alone.
assert np.allclose(history.history["motif_match"], 1 / 3)
assert [motif.consensus for motif in found.motifs[:2]] == list(WORDS)
assert found.motifs == km.extract_motifs(model, x)
assert [layer.name for layer in model.layers] == before
assert model.distribute_strategy is strategy
assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights()))
fit(model, x)  # it goes on training
assert not np.array_equal(weights[2], model.get_weights()[2])
"""


@pytest.mark.slow
def test_model_distributed_over_devices_is_read_and_left_as_it_was(x, tmp_path):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("concerns tf.distribute")
    np.save(tmp_path / "x.npy", x)
    # The devices of a process are fixed once TensorFlow has begun.
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.append({HERE!r})" + DISTRIBUTED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["array", "batches"])
def test_labels_tell_the_report_which_classes_a_filter_serves(x, kind, tmp_path):
    # Word 0 stands in even rows, word 1 in odd ones.
    labels = np.stack([np.arange(80) % 2 == 0, np.arange(80) % 2 == 1], axis=1)
    data = x if kind == "array" else np.split(x, 4)
    extractor(
        data, output_dir=tmp_path, labels=labels, class_names=["row-even", "row-odd"]
    ).run(planted_model())
    report = (tmp_path / "report.html").read_text()
    assert "row-even" in report
    assert "row-odd" in report
    extractor(data, output_dir=tmp_path).run(planted_model())
    assert "row-even" not in (tmp_path / "report.html").read_text()


def test_fractions_are_those_of_the_function(x):
    found = extractor(x, exclude=["M1"]).run(planted_model())
    named = found.matches[km.match_support(found.matches)["is_convincing"]]
    expected = km.match_fractions(named, 3, ["M0", "M1"])
    assert expected == (1 / 3, 1 / 3, 1 / 2)
    assert found.fractions == expected
    assert extractor(x).fractions is None


def test_before_training_what_it_will_do_is_told_and_all_is_empty(x, tmp_path):
    found = extractor(x, every=2, layer="conv", output_dir=tmp_path / "out")
    assert repr(found) == (
        "<FilterMotifExtractor: reads the filters of 'conv' on ndarray (80, 50, 4) "
        "after epochs 1, 3, ... and when training ends, matches them with 22 of your "
        f"own, writes into {tmp_path / 'out'}>"
    )
    one = km.FilterMotifExtractor("peaks.fa", database=["JASPAR2026", "mine.meme"])
    assert "first layer of motifs on peaks.fa when training ends" in repr(one)
    assert "with JASPAR2026 + mine.meme, writes no files>" in repr(one)
    empty = (found.motifs, found.history, found.motifs_by_epoch, found.problems)
    assert all(len(part) == 0 for part in empty)
    before, support = found.matches, found.support
    assert (found.shuffled, found.error) == (None, None)
    found.run(planted_model())
    assert list(before.columns) == list(found.matches.columns)
    assert list(support.columns) == list(found.support.columns)
    assert len(before) == len(support) == 0
    assert repr(found).endswith("; 1 extraction so far>")


def test_labels_of_another_number_are_refused_before_training(x):
    with pytest.raises(ValueError, match="Received 3 rows for 80 sequences"):
        fit(planted_model(), x, extractor(x, labels=[0, 1, 1]))


def two_stems():
    """A network with two first layers of different widths, one per word."""
    inputs = keras.Input((50, 4))
    maps = [
        layers.Conv1D(1 + index, 9 + 2 * index, activation="exponential", name=name)(
            inputs
        )
        for index, name in enumerate(("one", "other"))
    ]
    pooled = [layers.GlobalMaxPooling1D()(x) for x in maps]
    outputs = layers.Dense(1, activation="sigmoid")(layers.Concatenate()(pooled))
    model = keras.Model(inputs, outputs)
    for index, name in enumerate(("one", "other")):
        kernel = np.zeros((9 + 2 * index, 4, 1 + index), dtype="float32")
        kernel[:9, :, 0] = km.one_hot(WORDS[index])[0]
        bias = np.full(1 + index, -8.0)
        bias[1:] = -1000.0
        model.get_layer(name).set_weights([kernel, bias])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    return model


def test_several_layers_have_metrics_each(x, tmp_path):
    options = {"layer": ["one", "other"], "every": 1, "output_dir": tmp_path}
    found = extractor(x, **options)
    logs = fit(two_stems(), x, found, epochs=2).history
    assert [motif.name for motif in found.motifs] == [
        "one.filter0",
        "other.filter0",
        "other.filter1",
    ]
    shares = {"motif": 2 / 3, "motif_one": 1, "motif_other": 1 / 2}
    for prefix, share in shares.items():
        for kind in ("match", "relevant"):
            assert logs[f"{prefix}_{kind}"] == pytest.approx([share] * 2)
    bits = found.history["information"][-1]
    assert logs["motif_other_information"][-1] == pytest.approx(np.mean(bits[1:]))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    rule = "1 filter of 9 bases, by the rules of Keras&#39; layers"
    assert f"one: {rule}; other: 2 filters" in text
    names = [motif.alt_name for motif in km.read_meme(tmp_path / "filters.meme")]
    assert names == ["one", "other", "other"]
    # A later training goes on with the values of each layer.
    again = extractor(x, **options)
    fit(two_stems(), x, again, epochs=3, initial_epoch=2)
    assert again.history["epoch"] == [0, 1, 2]
    assert again.history["motif_one_match"] == pytest.approx([1] * 3)
    widths = [[motif.width for motif in y] for y in again.motifs_by_epoch.values()]
    assert widths == [[9, 11, 11]] * 3


def test_a_model_inside_can_be_named(x):
    inner, spare = planted_model(), planted_model()

    class Mixed(keras.Model):
        """Holds two models, so that which one is meant can't be told."""

        def __init__(self):
            super().__init__()
            self.inner, self.spare = inner, spare

        def call(self, x):
            if isinstance(x, keras.KerasTensor):
                raise TypeError("needs values")
            return self.inner(x)

    model = Mixed()
    model(x[:2].astype("float32"))
    with pytest.raises(ValueError, match=r"pass one of them: model.inner, model.spare"):
        extractor(x).run(model)
    found = extractor(x, model=inner).run(model)
    expected = extractor(x).run(inner)
    assert found.motifs == expected.motifs
    assert copy.deepcopy(found).model_read is inner
