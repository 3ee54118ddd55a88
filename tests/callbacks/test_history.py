import json

import numpy as np
import pytest

import keras_motif as km
from keras_motif.callbacks._history import MotifHistory, drift


def motif(word, name="filter0", num_sites=5):
    return km.Motif(km.one_hot(word)[0], name, num_sites=num_sites)


def uniform(width):
    return km.Motif(np.full((width, 4), 0.25), "filter0", num_sites=0)


def test_drift_is_0_for_the_same_and_1_for_other_certain_bases():
    assert drift([motif("GAT")], [motif("GAT")]) == [0.0]
    assert drift([motif("GAT")], [motif("ACG")]) == [pytest.approx(1)]
    assert drift([motif("GATT")], [motif("GCTT")]) == [pytest.approx(0.25)]
    # Another base: (3/4, 1/4, 1/4, 1/4), whose squares sum to 3/4.
    assert drift([motif("GAT")], [uniform(3)]) == [pytest.approx((3 / 8) ** 0.5)]


def test_drift_lies_between_0_and_1_and_goes_both_ways(random):
    pairs = random.dirichlet([0.3] * 4, size=(2, 50, 7))
    first, second = ([km.Motif(matrix) for matrix in part] for part in pairs)
    there, back = drift(first, second), drift(second, first)
    assert there == pytest.approx(back)
    assert 0 < min(there) <= max(there) < 1


def test_drift_of_another_window_or_a_new_filter_is_unknown():
    assert drift([motif("GAT"), motif("G")], [motif("GATT")]) == [None, None]


def test_an_epoch_replaces_itself_and_those_after_it():
    history = MotifHistory("a rule")
    for epoch, word in ((0, "GAT"), (2, "CCC"), (4, "TTT")):
        history.record(epoch, {"match": epoch / 10}, [motif(word)])
    history.record(2, {"match": 0.9}, [motif("GAC")])
    assert history.table == {
        "epoch": [0, 2],
        "match": [0.0, 0.9],
        "drift": [[None], [pytest.approx(1 / 3)]],
    }
    assert history.motifs == {0: [motif("GAT")], 2: [motif("GAC")]}
    assert history.last(["match", "other"]) == {"match": 0.9}


def test_what_was_written_is_read_back_without_loss(random, tmp_path):
    history = MotifHistory("a rule")
    matrices = random.dirichlet([0.3] * 4, size=(2, 3, 7))
    for epoch, part in enumerate(matrices):
        motifs = [km.Motif(m, f"filter{i}", num_sites=i) for i, m in enumerate(part)]
        history.record(epoch, {"match": 0.1, "information": [1.5] * 3}, motifs)
    history.write(tmp_path, with_motifs=True)
    again = MotifHistory("a rule")
    again.read(tmp_path, ["match"])
    assert again.motifs == history.motifs
    # "target" was not recorded: its entries are empty.
    assert again.table == {**history.table, "target": [[], []]}


def test_motifs_that_are_not_wanted_do_not_stay_from_an_earlier_run(tmp_path):
    history = MotifHistory("a rule")
    history.record(0, {}, [motif("GAT")])
    history.write(tmp_path, with_motifs=True)
    history.write(tmp_path, with_motifs=False)
    assert [path.name for path in tmp_path.iterdir()] == ["history.json"]


def test_nothing_is_read_where_nothing_was_written(tmp_path):
    history = MotifHistory("a rule")
    history.read(tmp_path, ["match"])
    assert (history.table, history.motifs) == ({}, {})


@pytest.mark.parametrize(
    "content",
    ["{]", "[]", '{"epoch": [0]}', '{"epoch": [0], "match": []}'],
)
def test_foreign_table_is_left_aside_with_a_warning(content, tmp_path):
    (tmp_path / "history.json").write_text(content)
    history = MotifHistory("a rule")
    with pytest.warns(UserWarning, match="is not a history of these values"):
        history.read(tmp_path, ["match"])
    assert history.table == {}


@pytest.mark.parametrize("rule", ["another", None])
def test_another_rule_is_noticed(rule, tmp_path):
    history = MotifHistory("another")
    history.record(0, {"match": 0.5}, [motif("GAT")])
    history.write(tmp_path, with_motifs=True)
    stored = json.loads((tmp_path / "history.json").read_text())
    assert stored.pop("verdict") == "another"
    if rule is None:
        (tmp_path / "history.json").write_text(json.dumps(stored))
    again = MotifHistory("a rule")
    again.read(tmp_path, ["match"])
    assert again.other_rule == (rule or "an unknown rule")
    assert (again.table["match"], again.motifs) == ([0.5], history.motifs)
    again = MotifHistory("another")
    again.read(tmp_path, ["match"])
    assert again.other_rule == (None if rule else "an unknown rule")
    (tmp_path / "history.json").write_text(json.dumps({**stored, "verdict": 3}))
    with pytest.warns(UserWarning, match="its verdict is no text"):
        again.read(tmp_path, ["match"])


def test_motifs_of_layers_of_different_widths_are_kept(tmp_path):
    history = MotifHistory("a rule")
    motifs = [motif("GAT", "a.filter0"), motif("GATTA", "b.filter0", 7)]
    history.record(0, {"match": 1.0}, motifs)
    history.write(tmp_path, with_motifs=True)
    again = MotifHistory("a rule")
    again.read(tmp_path, ["match"])
    assert again.motifs == {0: motifs}
