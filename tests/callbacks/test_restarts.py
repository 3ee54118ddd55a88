"""Nothing that was trained and read gets lost: restarts, damage, failures, copies."""

import copy
import json
import logging
import random as python_random
import subprocess
import sys
import warnings

import h5py
import keras
import numpy as np
import pytest
from keras import callbacks, layers

import keras_motif as km
from keras_motif.callbacks import _folder, _parts
from keras_motif.callbacks._history import MotifHistory

pytestmark = [
    pytest.mark.keras,
    # These networks don't learn.
    pytest.mark.filterwarnings("ignore:The filters can't be read yet"),
]

WORD = "GATTACAGT"


@pytest.fixture
def x(random):
    codes = random.integers(4, size=(40, 30))
    codes[:, 8:17] = km.one_hot(WORD)[0].argmax(axis=1)
    return np.eye(4, dtype=np.int8)[codes]


def network():
    """A network whose first filter fires at the word; it learns as it trains."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((30, 4)),
            layers.Conv1D(2, 9, activation="exponential", name="conv"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., 0] = km.one_hot(WORD)[0]
    model.get_layer("conv").set_weights([kernel, bias])
    model.compile(keras.optimizers.SGD(0.01), "binary_crossentropy")
    return model


def extractor(x, folder=None, **options):
    known = km.Motif(km.one_hot(WORD)[0] * 0.9 + 0.025, "W1", num_sites=50)
    options = {"every": 1, "database": [known], **options}
    return km.FilterMotifExtractor(x, output_dir=folder, **options)


def fit(x, *listed, epochs=5, **options):
    model = network()
    labels = np.arange(len(x)) % 2
    model.fit(x, labels, epochs=epochs, callbacks=[*listed], verbose=0, **options)
    return model


def stored(folder):
    return json.loads((folder / "history.json").read_text())


class Killed(callbacks.Callback):
    """Stops a training where it stands in the list, after the epoch's end."""

    def __init__(self, epoch):
        super().__init__()
        self.last = epoch

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.last:
            raise KeyboardInterrupt


@pytest.mark.parametrize("every", [1, None])
def test_a_finished_training_started_again_keeps_its_history(x, tmp_path, every):
    def backup():
        return callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False)

    folder = tmp_path / "motifs"
    fit(x, extractor(x, folder), backup())
    before, names = stored(folder), {path.name for path in folder.iterdir()}
    film = (folder / "filmstrip.svg").read_text()
    again = extractor(x, folder, every=every)
    fit(x, again, backup())
    assert before["epoch"] == again.history["epoch"] == [0, 1, 2, 3, 4]
    assert stored(folder)["epoch"] == [0, 1, 2, 3, 4]
    for key in ("motif_match", "information", "target"):
        assert stored(folder)[key][:4] == before[key][:4]
    assert list(again.motifs_by_epoch) == [0, 1, 2, 3, 4]
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "filmstrip.svg").read_text() == film


def test_a_reading_by_hand_keeps_the_history_of_its_folder(x, tmp_path):
    model = fit(x, extractor(x, tmp_path), epochs=3)
    again = extractor(x, tmp_path).run(model)
    assert again.history["epoch"] == stored(tmp_path)["epoch"] == [0, 1, 2]
    assert again.history["motif_information"][-1] == pytest.approx(
        float(np.mean([m.trim().information().sum() for m in again.motifs]))
    )


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("backup_first", [True, False])
def test_no_epoch_is_lost_wherever_the_backup_stands(x, tmp_path, backup_first, every):
    folder = tmp_path / "motifs"

    def both():
        backup = callbacks.BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
        return backup, extractor(x, folder, every=every)

    backup, reader = both()
    order = [backup, Killed(2), reader] if backup_first else [reader, Killed(2), backup]
    with pytest.raises(KeyboardInterrupt):
        fit(x, *order)
    del reader  # as the end of its process would
    backup, reader = both()
    fit(x, backup, reader) if backup_first else fit(x, reader, backup)
    whole = extractor(x, every=every)
    fit(x, whole)
    assert reader.history["epoch"] == whole.history["epoch"]
    assert stored(folder)["epoch"] == whole.history["epoch"]
    assert reader.history["information"] == [
        pytest.approx(values) for values in whole.history["information"]
    ]


def test_a_new_training_starts_a_new_history(x, tmp_path):
    fit(x, extractor(x, tmp_path), epochs=3)
    again = extractor(x, tmp_path)
    fit(x, again, epochs=2)
    assert again.history["epoch"] == stored(tmp_path)["epoch"] == [0, 1]


def test_a_history_that_cannot_be_read_is_kept_aside(x, tmp_path):
    fit(x, extractor(x, tmp_path), epochs=2)
    old = (tmp_path / "history.json").read_text()
    # Of another question: that of the first run had no relevant ids.
    other = extractor(x, tmp_path, relevant=["W1"])
    with pytest.warns(UserWarning, match=r"kept as history\.json\.old"):
        fit(x, other, epochs=3, initial_epoch=2)
    assert (tmp_path / "history.json.old").read_text() == old
    assert stored(tmp_path)["epoch"] == [2]


def test_no_damage_of_the_history_ends_a_training(x, tmp_path):
    fit(x, extractor(x, tmp_path), epochs=3)
    files = {
        name: (tmp_path / name).read_bytes()
        for name in ("history.json", "motifs_by_epoch.npz")
    }
    files["deep"] = b'{"epoch": ' + b"[" * 100_000
    files["names"] = b'{"epoch": ["a"], "motif_match": [1], "motif_information": [1]}'
    files["text"] = b'{"epoch": [0], "motif_match": ["1"], "motif_information": [1]}'
    draw = python_random.Random(5)
    for number in range(300):
        (tmp_path / "history.json").write_bytes(files["history.json"])
        (tmp_path / "motifs_by_epoch.npz").write_bytes(files["motifs_by_epoch.npz"])
        name = draw.choice(list(files))
        content = bytearray(files[name])
        for _ in range(draw.choice([0, 1, 5, 50]) if name in ("deep", "names") else 5):
            content[draw.randrange(len(content))] = draw.randrange(256)
        if number % 7 == 0:
            del content[draw.randrange(len(content)) :]
        target = name if name.endswith("npz") else "history.json"
        (tmp_path / target).write_bytes(content)
        history = MotifHistory("convincing")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history.read(tmp_path, ["motif_match", "motif_information"])
        history.forget(2)
        history.last(["motif_match"])
        history.record(2, {"motif_match": 0.5}, [km.Motif([[1, 0, 0, 0]])])


def test_where_warnings_are_errors_a_failure_is_logged_and_training_goes_on(
    x, tmp_path, caplog
):
    found = extractor(x, tmp_path)
    breaking = callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(found, "sequences", x[:, :2])
    )
    (tmp_path / "history.json").write_text("{]")
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        fit(x, breaking, found, epochs=4, initial_epoch=2)
    assert isinstance(found.error, ValueError)
    texts = [record.getMessage() for record in caplog.records]
    assert any("it starts anew" in text for text in texts)
    assert any("failed after epoch 3; training is not affected" in t for t in texts)


HOLD = """
import sys
from pathlib import Path
from keras_motif.callbacks._lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_process_in_the_folder_is_warned_of_and_a_dead_one_is_not(x, tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    found = extractor(x, tmp_path)
    with pytest.warns(UserWarning, match=f"in use by .*process {holder.pid} on"):
        fit(x, found, epochs=1)
    assert found.history["epoch"] == [0]
    holder.kill()
    holder.communicate()
    assert (tmp_path / ".keras-motif.lock").exists()  # what a killed process leaves
    fit(x, extractor(x, tmp_path), epochs=1)
    assert not (tmp_path / ".keras-motif.lock").exists()


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"labels": np.arange(40) % 3}, r"whole number 2 at row 2.*np\.eye"),
        ({"labels": np.full(40, np.inf)}, "must be finite"),
        ({"labels": ["yes"] * 40}, "must be numbers"),
        ({"labels": np.ones(39)}, "39 rows for 40 sequences"),
        ({"class_names": ["a"]}, "whose batches carry any"),
        ({"labels": np.ones((40, 2)), "class_names": ["a"]}, "1 names"),
        ({"labels": np.ones((40, 2)), "class_names": ["a", "a"]}, "1 different"),
        ({"labels": np.ones((40, 2, 2))}, "must have shape"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_before_the_first_epoch(
    x, tmp_path, options, match
):
    seen = []
    watch = callbacks.LambdaCallback(on_epoch_begin=lambda *_: seen.append(1))
    with pytest.raises(ValueError, match=match):
        fit(x, watch, extractor(x, tmp_path, **options))
    assert seen == []


def test_a_logger_must_be_callable(x):
    with pytest.raises(TypeError, match="Received str"):
        extractor(x, logger="tensorboard")


PARTS = {
    "class_enrichment": (_parts, "classes"),
    "site_positions": (_parts, "positions"),
    "read_sites": (_parts, "where filters fire"),
    "duplicate_filters": (_parts, "duplicates"),
    "filmstrip_svg": (_parts, "the filmstrip"),
    "draw_logos": (_folder, "logos.png"),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_fails_is_said_on_the_page_and_kept(x, tmp_path, name, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("<b>no such luck</b>")

    module, what = PARTS[name]
    monkeypatch.setattr(module, name, fail)
    labels = np.arange(40) % 2
    found = extractor(x, tmp_path, labels=labels)
    with pytest.warns(UserWarning, match="no such luck"):
        fit(x, found, epochs=2)
    assert isinstance(found.error, RuntimeError)
    page = (tmp_path / "report.html").read_text()
    assert f"<li>Left out: {what}. RuntimeError: &lt;b&gt;no such luck" in page
    assert "W1" in page
    assert (tmp_path / "logos.png").exists() == (name != "draw_logos")
    with pytest.raises(RuntimeError, match="no such luck"):
        found.run(network())
    monkeypatch.undo()
    found.run(network())
    assert found.error is None
    assert "Left out" not in (tmp_path / "report.html").read_text()


def test_a_copy_shares_what_is_read_and_nothing_else(x, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        data = file.create_dataset("x", data=x)
        first = extractor(data, tmp_path / "out", relevant=["W1"], labels=x[:, 0, 0])
        fit(x, first, epochs=1)
        [second] = copy.deepcopy([first])
        assert second.sequences is data
        assert second.labels is first.labels
        assert (second.motifs, second.history, second.error) == ([], {}, None)
        assert second.relevant == first.relevant
        assert second.relevant is not first.relevant
        assert second.options == first.options
        second.output_dir = tmp_path / "other"
        fit(x, second, epochs=1)
        assert second.motifs == first.motifs
        assert stored(tmp_path / "other")["epoch"] == [0]


def test_a_copy_of_one_that_reads_a_data_set_can_be_made(x):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(x).batch(8)
    found = copy.deepcopy(extractor(data))
    fit(x, found, epochs=1)
    assert found.history["epoch"] == [0]


def test_a_picture_of_many_filters_says_what_it_leaves_out(x, tmp_path, monkeypatch):
    found = extractor(x, tmp_path)
    fit(x, found, epochs=1)
    whole = _folder.draw_logos(found._record.reading, None)
    assert not whole.texts
    monkeypatch.setattr(_folder, "_MOST_LOGOS", 1)
    few = _folder.draw_logos(found._record.reading, None)
    assert (len(few.axes), len(whole.axes)) == (1, len(found.motifs))
    number = len(found.motifs)
    assert number > 1
    said = f"The first 1 of {number} filters; the report shows all."
    assert [text.get_text() for text in few.texts] == [said]
