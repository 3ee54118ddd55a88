"""The bookkeeping of trials that the reproduction's scripts share."""

import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from support.paths import ROOT

EXAMPLES = ROOT / "examples" / "paper"


@pytest.fixture
def protocol(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    import protocol

    return protocol


@pytest.fixture
def sweep(protocol):
    import sweep

    return sweep


def test_a_trial_is_done_once_its_line_stands(protocol, tmp_path):
    trials = protocol.Trials(tmp_path / "new" / "t.tsv", ["model", "seed"])
    assert trials.rows().empty
    assert not trials.is_done(model="a", seed=1)
    trials.add({"model": "a", "seed": 1, "auPR": 0.25})
    trials.add({"auPR": 1 / 3, "seed": 2, "model": "a"})
    assert trials.path.read_text() == "model\tseed\tauPR\na\t1\t0.25\na\t2\t0.333333\n"
    assert trials.is_done(model="a", seed=1)
    assert trials.is_done(model="a", seed=2)
    assert not trials.is_done(model="b", seed=1)


def test_a_line_that_was_cut_off_is_no_trial(protocol, tmp_path):
    trials = protocol.Trials(tmp_path / "t.tsv", ["seed"])
    trials.add({"seed": 1, "auPR": 0.5})
    trials.add({"seed": 2, "auPR": 0.75})
    whole = trials.path.read_bytes()
    trials.path.write_bytes(whole[:-3])
    assert trials.rows()["seed"].tolist() == ["1"]
    assert not trials.is_done(seed=2)
    trials.add({"seed": 2, "auPR": 0.75})
    assert trials.path.read_bytes() == whole


def test_a_trial_counts_once(protocol, tmp_path):
    trials = protocol.Trials(tmp_path / "t.tsv", ["seed"])
    for aupr in (0.5, 0.75):
        trials.add({"seed": 1, "auPR": aupr})
    assert trials.path.read_text() == "seed\tauPR\n1\t0.5\n"
    # As an earlier version could leave it.
    trials.path.write_text("seed\tauPR\n1\t0.5\n1\t0.5\n")
    assert len(trials.rows()) == 1


def test_trials_of_other_columns_are_refused(protocol, tmp_path):
    trials = protocol.Trials(tmp_path / "t.tsv", ["seed"])
    trials.add({"seed": 1, "auPR": 0.5})
    with pytest.raises(ValueError, match="Move the file away"):
        trials.add({"seed": 2, "auROC": 0.5})


def test_aupr_is_the_trapezoids_area(protocol):
    # Ranked 1 0 1: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1.
    truth, score = np.array([[1], [0], [1]]), np.array([[0.9], [0.8], [0.1]])
    expected = 0.5 * 1 + 0.5 * (1 / 2 + 2 / 3) / 2
    assert protocol.mean_aupr(truth, score) == pytest.approx(expected)


def test_classes_without_positives_are_said_and_left_out(protocol):
    truth = np.array([[1, 0], [0, 0], [1, 0]])
    score = np.array([[0.9, 0.5], [0.1, 0.5], [0.8, 0.5]])
    with pytest.warns(UserWarning, match=r"Classes \[1\] have no positives"):
        assert protocol.mean_aupr(truth, score) == 1.0
    with (
        pytest.warns(UserWarning, match=r"Classes \[0, 1\]"),
        pytest.raises(ValueError, match="No class has both"),
    ):
        protocol.mean_aupr(np.zeros((3, 2)), score)


def test_summary_is_mean_and_deviation_of_the_population(protocol):
    # The study's .607 +- .013: four trials of 18/30, one of 19/30.
    relevant = np.array([18, 18, 18, 18, 19]) / 30
    rows = pd.DataFrame({"model": "cnn_2", "relevant": relevant})
    (row,) = protocol.summary(rows, ["model"], ["relevant"]).to_dict("records")
    assert row["trials"] == 5
    assert (round(row["relevant"], 3), round(row["relevant_sd"], 3)) == (0.607, 0.013)


def test_batches_hold_each_sequence_once_in_a_new_order(protocol):
    x = np.eye(4, dtype=np.int8)[np.arange(24).reshape(6, 4) % 4]
    y = np.arange(6)[:, None]
    data = km.datasets.Split(x, y)
    batches = protocol._batches(data, 4, shuffle=True)
    orders = [np.concatenate([y[:, 0] for _, y in batches]) for _ in range(8)]
    assert all(sorted(order) == list(range(6)) for order in orders)
    assert len({tuple(order) for order in orders}) > 1
    plain = protocol._batches(data, 4)
    np.testing.assert_array_equal(np.concatenate([x for x, _ in plain]), x)


def _of_kind(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def _initializer(model):
    return type(model.get_layer("first_convolution").kernel_initializer).__name__


def _dropout_place(model):
    kinds = [type(layer) for layer in model.layers]
    pools = [i for i, kind in enumerate(kinds) if kind is keras.layers.MaxPooling1D]
    assert len(pools) == 2
    before = {kinds[i - 1] is keras.layers.Dropout for i in pools}
    behind = {kinds[i + 1] is keras.layers.Dropout for i in pools}
    places = {(True, False): "before pool", (False, True): "behind pool"}
    return places[before.pop(), behind.pop()]


# Where a built network shows each control of it.
NETWORK_CONTROLS = {
    "scale": lambda model: model.get_layer("first_activation").scale,
    "batch_norm": lambda m: len(_of_kind(m, keras.layers.BatchNormalization)) == 3,
    "initializer": _initializer,
    "dropout_place": _dropout_place,
    "first_pool": lambda m: 200 // _of_kind(m, keras.layers.Conv1D)[1].input.shape[1],
    "num_filters": lambda model: model.get_layer("first_convolution").filters,
}


@pytest.mark.parametrize("control", NETWORK_CONTROLS)
def test_a_control_of_the_network_reaches_it(sweep, control):
    for setting in sweep.settings(control):
        value = setting.value
        if control == "initializer":
            value = type(keras.initializers.get(value)).__name__
        model = sweep.build("cnn_2", **setting.network)
        assert NETWORK_CONTROLS[control](model) == value
        assert (setting.training, setting.extraction) == ({}, {})
        exponential = isinstance(model.get_layer("first_activation"), km.Exponential)
        assert exponential == (setting.activation == "exponential")


def test_first_pools_are_those_of_cnn_2(sweep, monkeypatch, capsys):
    words = ["sweep.py", "first_pool", "--model", "cnn_deep", "--smoke"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit):
        sweep.main()
    assert "first_pool needs --model cnn_2" in capsys.readouterr().err


def test_the_sweep_of_activations_has_all_of_the_study(sweep):
    settings = sweep.settings("activation")
    assert [setting.value for setting in settings] == list(km.activations.STUDY)
    x = np.linspace(-3, 3, 7, dtype="float32")
    curves = set()
    for setting in settings:
        layer = km.models.cnn_2(**setting.network).get_layer("first_activation")
        curves.add(keras.ops.convert_to_numpy(layer(x)).tobytes())
    assert len(curves) == len(settings)


@pytest.mark.parametrize("control", ["learning_rate", "decay"])
def test_a_control_of_the_training_is_an_option_of_it(sweep, control):
    settings = sweep.settings(control)
    assert len({setting.value for setting in settings}) == len(settings) / 2
    for setting in settings:
        assert setting.training == {control: setting.value}
        assert setting.network == {"activation": setting.activation}


def test_the_learning_rate_is_the_one_asked_for_and_decays(protocol, small_data):
    def trained(**options):
        layers = [keras.Input((200, 4)), keras.layers.Flatten()]
        model = keras.Sequential([*layers, keras.layers.Dense(12, "sigmoid")])
        protocol.train(model, small_data, epochs=3, patience=3, **options)
        return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))

    # So low that nothing is learned: the second and third epoch are without gain.
    assert trained(learning_rate=1e-20) == pytest.approx(1e-20)
    assert trained(learning_rate=1e-20, decay=1) == pytest.approx(4e-22)


def test_a_training_that_diverged_says_so(protocol, small_data):
    model = km.models.cnn_50(batch_norm=False)
    with pytest.raises(ValueError, match="lower the learning rate"):
        protocol.train(model, small_data, epochs=1, patience=1, learning_rate=1e4)


def test_tables_begin_with_their_command(protocol, tmp_path, monkeypatch):
    table = pd.DataFrame({"model": ["cnn_2"], "auPR": [0.5]})
    words = ["/a/examples/x.py", "../b/y.h5", "--recipes", "no batch norm"]
    monkeypatch.setattr(sys, "argv", words)
    protocol.write_table(table, tmp_path / "t.tsv")
    command, text = (tmp_path / "t.tsv").read_text().split("\n", 1)
    assert command == "# python examples/paper/x.py y.h5 --recipes 'no batch norm'"
    assert text == "model\tauPR\ncnn_2\t0.500\n"
    read = pd.read_csv(tmp_path / "t.tsv", sep="\t", comment="#")
    pd.testing.assert_frame_equal(read, table)


@pytest.fixture
def layers_table(protocol):
    import layers_table

    return layers_table


def test_rows_are_what_their_names_say(layers_table):
    names = list(layers_table.ROWS)
    settings = layers_table.settings(names)
    assert len(set(settings)) == len(settings) == 26
    pools = {"attention, pool 2": [2, 12], "attention, pool 24": [24]}
    for row, activation in settings:
        model = layers_table.build(row, activation)
        assert model.output_shape == (None, 12)
        first = model.get_layer("first_convolution")
        kind = type(model.get_layer("first_activation")).__name__
        known = {"exponential": "Exponential", "relu": "Activation"}
        assert kind == known.get(activation, "RectifiedPolynomial")
        assert ("PWM" in row) == isinstance(first, km.layers.PWMConv1D)
        assert ("equivariant" in row) == isinstance(first, km.layers.RevCompConv1D)
        penalty = type(first.kernel_regularizer).__name__
        expected = {"information": "InformationContent", "diversity": "FilterDiversity"}
        assert penalty == expected.get(row.split()[0], "L2")
        if row in pools:
            layers = [x for x in model.layers if "max_pool" in x.name]
            assert [x.pool_size[0] for x in layers] == pools[row]
        is_circular = isinstance(first.kernel_initializer, km.initializers.FromMotifs)
        assert (row in layers_table.CIRCULAR) == is_circular
    layer = layers_table.build("diversity 0.1", "exponential").get_layer(
        "first_convolution"
    )
    assert layer.kernel_regularizer.strength == 0.1


def test_what_diverged_is_said_and_the_others_go_on(
    layers_table, protocol, tmp_path, monkeypatch, small_data
):
    def train(model, data, **options):
        if isinstance(model.layers[1], km.layers.PWMConv1D):
            raise protocol.DivergedError("NaN in every epoch")
        return {"epochs": 1, "seconds_an_epoch": 0.5}

    monkeypatch.setattr(protocol, "train", train)
    monkeypatch.setattr(km.datasets, "synthetic", lambda _: small_data)
    monkeypatch.chdir(tmp_path)
    words = ["layers_table.py", "--smoke", "--rows", "PWM kernels", "from motifs"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit, match="PWM kernels, relu, seed 1; PWM kernels, exp"):
        layers_table.main()
    table = pd.read_csv("layers-output/layers_table.tsv", sep="\t", comment="#")
    assert table["row"].tolist() == ["from motifs"]
    assert table["circular"].tolist() == [True]
    # Twelve of thirty filters start at the implanted motifs.
    assert table["convincing"].item() >= 0.4
    assert table["relevant_convincing"].item() >= 0.4


@pytest.mark.slow
def test_a_killed_run_goes_on_without_loss_and_counts_nothing_twice(tmp_path):
    options = ["--num-sequences", "300", "--epochs", "1", "--seeds", "1", "2"]
    options += ["--models", "cnn_50", "--trials", "t.tsv", "--table", "table.tsv"]
    command = [sys.executable, EXAMPLES / "table1_synthetic.py", *options]
    trials = tmp_path / "t.tsv"
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
        while not trials.exists() or trials.read_text().count("\n") < 2:
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    before = trials.read_text()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    after = trials.read_text()
    assert after.startswith(before)
    rows = pd.read_csv(trials, sep="\t")
    assert len(rows) == 4
    assert not rows.duplicated(["model", "activation", "seed"]).any()
    table = pd.read_csv(tmp_path / "table.tsv", sep="\t", comment="#")
    assert table["trials"].tolist() == [2, 2]
    # A finished run has nothing left to train.
    done = subprocess.run(
        command, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert "loss" not in done.stdout
    assert trials.read_text() == after
