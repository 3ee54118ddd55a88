"""The examples and benchmarks run, at reduced size, as a user would run them."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from support.paths import ROOT


def run(script, *options, cwd, quiet=False):
    """Run a script and return what it printed; `quiet` allows nothing beside that."""
    known = dict(os.environ)
    if quiet:
        known.pop("TF_CPP_MIN_LOG_LEVEL", None)
        # Of a network of one epoch it is said that it has hardly learned.
        known["PYTHONWARNINGS"] = "ignore::UserWarning"
    done = subprocess.run(
        [sys.executable, ROOT / script, *map(str, options)],
        cwd=cwd,
        env=known,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert not quiet or done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_demo_prints_its_table_and_writes_both_reports(tmp_path):
    options = ("--num-sequences", 400, "--epochs", 1)
    printed = run("examples/demo.py", *options, cwd=tmp_path, quiet=True)
    lines = printed.splitlines()
    header = next(i for i, line in enumerate(lines) if "relevant match" in line)
    assert [line.split()[0] for line in lines[header + 1 : header + 5]] == [
        "relu",
        "published",
        "exponential",
        "published",
    ]
    for activation in ("relu", "exponential"):
        assert (tmp_path / "demo-output" / activation / "report.html").exists()
        assert f"demo-output/{activation}/report.html" in printed


@pytest.mark.slow
def test_drop_in_reads_a_file_of_the_studys_layout(tmp_path, small_data):
    km.datasets.write_hdf5(small_data, tmp_path / "data.h5")
    options = ("data.h5", "--epochs", 1, "--relevant", "MA0079")
    printed = run("examples/drop_in.py", *options, cwd=tmp_path)
    assert "AUROC" in printed
    assert (tmp_path / "drop-in-output" / "exponential" / "report.html").exists()


@pytest.mark.slow
def test_drop_in_reads_a_table_of_measured_values(tmp_path, random):
    strings = ["".join(random.choice(list("ACGT"), 200)) for _ in range(300)]
    values = random.normal(size=(300, 2)).round(3).astype(object)
    values[::7, 1] = "NA"
    rows = [f"{s}\t{a}\t{b}\n" for s, (a, b) in zip(strings, values, strict=True)]
    (tmp_path / "activity.tsv").write_text("sequence\tdev\thk\n" + "".join(rows))
    options = ("activity.tsv", "--labels", "dev", "hk", "--epochs", 1)
    printed = run("examples/drop_in.py", *options, cwd=tmp_path)
    assert "Spearman" in printed
    assert "nan" not in printed
    report = tmp_path / "drop-in-output" / "exponential" / "report.html"
    assert "Targets (TSV)" in report.read_text(encoding="utf-8")


@pytest.mark.slow
def test_table_of_the_study_is_made_and_its_networks_are_read_again(tmp_path):
    options = ("--num-sequences", 400, "--epochs", 1, "--seeds", 1)
    files = ("--trials", "trials.tsv", "--table", "table.tsv")
    printed = run("examples/paper/table1_synthetic.py", *options, *files, cwd=tmp_path)
    assert printed.count("published") == 6
    table = pd.read_csv(tmp_path / "table.tsv", sep="\t", comment="#")
    assert len(table) == 6
    assert table["published_auPR"].tolist() == [
        0.884,
        0.877,
        0.885,
        0.865,
        0.835,
        0.873,
    ]
    run("examples/paper/figure1.py", "--output", "figure1.png", cwd=tmp_path)
    assert (tmp_path / "figure1.png").read_bytes().startswith(b"\x89PNG")
    options = ("--num-sequences", 400, "--table", "rules.tsv")
    run("examples/paper/match_rules.py", *options, cwd=tmp_path)
    rules = pd.read_csv(tmp_path / "rules.tsv", sep="\t", comment="#")
    assert rules.groupby("rule")["network"].nunique().eq(6).all()
    # The first rule is that of Table 1.
    first = rules[rules["rule"] == "Table 1"].set_index("network")
    table["network"] = table["model"] + "_" + table["activation"]
    for metric in ("jaspar", "relevant", "coverage"):
        expected = table.set_index("network")[metric].loc[first.index]
        np.testing.assert_allclose(first[metric], expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("control", "trainings", "rows"),
    # One network serves all nine thresholds.
    [("threshold", 2, 18), ("decay", 4, 4), ("scale", 7, 7)],
)
def test_controls_are_trained_and_drawn(tmp_path, control, trainings, rows):
    printed = run("examples/paper/sweep.py", control, "--smoke", cwd=tmp_path)
    assert printed.count("val_loss") == trainings
    name = f"sweep-output/sweep_{control}_cnn_2"
    table = pd.read_csv(tmp_path / f"{name}.tsv", sep="\t", comment="#")
    assert len(table) == rows
    assert (tmp_path / f"{name}.png").exists()


@pytest.mark.slow
def test_real_sequences_of_either_format_are_trained_on(tmp_path, small_data):
    km.datasets.write_hdf5(small_data, tmp_path / "sp1.h5")
    options = ("--epochs", 1, "--seeds", 1, "--models", "cnn_50")
    files = ("--trials", "trials.tsv", "--table", "table.tsv")
    run("examples/paper/table1_in_vivo.py", "sp1.h5", *options, *files, cwd=tmp_path)
    names = ["FOXA1_HepG2", "ARID3A_K562", "ARID3A_HepG2"]
    strings = km.from_one_hot(small_data.train.x)
    with gzip.open(tmp_path / "windows.tsv.gz", "wt") as file:
        file.write(f"#labels: {' '.join(names)}\n")
        for index, string in enumerate(strings):
            labels = f"{index % 2}{index % 3 % 2}{index % 5 % 2}"
            file.write(f"{index // 2}\tAC\t0\t{string}\t{labels}\n")
    run(
        "examples/paper/table1_in_vivo.py",
        "windows.tsv.gz",
        *options,
        *files,
        cwd=tmp_path,
    )
    rows = pd.read_csv(tmp_path / "trials.tsv", sep="\t")
    assert rows["data"].tolist() == ["sp1", "sp1", "windows", "windows"]


@pytest.mark.slow
def test_real_sequences_are_drawn_as_figure_2(tmp_path):
    run("examples/paper/table1_in_vivo.py", "--smoke", cwd=tmp_path)
    options = ("--name", "smoke", "--output", "figure2.png")
    run("examples/paper/figure2.py", *options, cwd=tmp_path)
    assert (tmp_path / "figure2.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_recipes_are_trained_once_and_read_in_several_ways(tmp_path):
    options = (
        "--smoke",
        "--recipes",
        "strands, decay",
        "dropout 0.5",
        "activity penalty",
    )
    printed = run("examples/paper/recipe.py", *options, cwd=tmp_path)
    assert printed.count("val_loss") == 3
    rows = pd.read_csv(tmp_path / "recipe-output" / "recipe_trials.tsv", sep="\t")
    assert rows.groupby("recipe")["auPR"].nunique().eq(1).all()
    assert rows["reading"].nunique() == len(rows) / 3
    again = run("examples/paper/recipe.py", *options, cwd=tmp_path)
    assert "val_loss" not in again
    options = ("--num-sequences", 400, "--table", "unlearned.tsv")
    run("examples/paper/unlearned_filters.py", *options, cwd=tmp_path)
    table = pd.read_csv(tmp_path / "unlearned.tsv", sep="\t", comment="#")
    assert table.groupby("recipe")["filters"].sum().eq(30).all()
    # Three steps of training leave kernels almost as they were.
    assert table["cosine_min"].min() > 0.9


@pytest.mark.slow
def test_layers_are_compared_and_drawn(tmp_path):
    rows = ("--rows", "PWM kernels", "diversity 1")
    printed = run("examples/paper/layers_table.py", "--smoke", *rows, cwd=tmp_path)
    assert printed.count("val_loss") == 3
    name = tmp_path / "layers-output" / "layers_table"
    table = pd.read_csv(f"{name}.tsv", sep="\t", comment="#")
    assert table["row"].tolist() == ["PWM kernels", "PWM kernels", "diversity 1"]
    assert (table["seconds_an_epoch"] > 0).all()
    # 30 scales and 30 biases more than a Conv1D without.
    assert (table["parameters"] - 161_388).tolist() == [60, 60, 0]
    assert name.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    again = run("examples/paper/layers_table.py", "--smoke", *rows, cwd=tmp_path)
    assert "val_loss" not in again


@pytest.mark.slow
def test_deeper_layers_are_read_and_drawn(tmp_path):
    options = ("--smoke", "--settings", "first, second")
    printed = run("examples/paper/deeper_layers.py", *options, cwd=tmp_path)
    assert printed.count("val_loss") == 1
    folder = tmp_path / "deeper-output"
    table = pd.read_csv(folder / "deeper_layers.tsv", sep="\t", comment="#")
    assert table["layer"].tolist() == ["first", "second", "third"]
    assert table["expected"].tolist()[0] == 0  # no window holds a pair
    assert table.notna().all(axis=None)
    assert (folder / "deeper_layers.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "first_second_1" / "model.keras").exists()
    again = run("examples/paper/deeper_layers.py", *options, cwd=tmp_path)
    assert "val_loss" not in again


@pytest.mark.slow
def test_localisation_scores_what_a_network_found(tmp_path):
    pytest.importorskip("pymemesuite", reason="FIMO")
    model = km.models.cnn_50()
    kernel = model.get_layer("first_convolution").kernel
    # Filter 0 is SRF's motif, so that a network of no training has one to score.
    motif = km.datasets.implanted_motifs()["SRF"].frequencies
    planted = np.array(kernel) * 0.1
    planted[: len(motif), :, 0] = np.log2((motif + 0.01) / 0.26)
    kernel.assign(planted)
    (tmp_path / "networks" / "planted").mkdir(parents=True)
    model.save(tmp_path / "networks" / "planted" / "model.keras")
    options = ("--networks", "networks", "--num-sequences", 1500, "--table", "t.tsv")
    run("examples/paper/localisation.py", *options, cwd=tmp_path)
    table = pd.read_csv(tmp_path / "t.tsv", sep="\t", comment="#").set_index("scan")
    assert set(table.index) == {"filters", "FIMO", "log-odds"}
    assert table.loc["log-odds", "AUROC"] > 0.9


@pytest.mark.slow
def test_memory_benchmark_counts_the_sites(tmp_path):
    printed = run("benchmarks/extraction_memory.py", "--sizes", 600, cwd=tmp_path)
    assert [line.split()[0] for line in printed.splitlines()[2:]] == [
        "extract_motifs",
        "predict",
    ]


@pytest.mark.slow
def test_extraction_benchmark_agrees_with_the_plain_approach(tmp_path):
    printed = run("benchmarks/extraction_speed.py", "--smoke", cwd=tmp_path)
    assert "same counts: True" in printed


@pytest.mark.slow
def test_logo_benchmark_runs(tmp_path):
    printed = run(
        "benchmarks/logos_speed.py", "--logos", 2, "--repeats", 1, cwd=tmp_path
    )
    assert "keras_motif.plot_logos" in printed


@pytest.mark.slow
def test_tomtom_benchmark_runs(tmp_path):
    pytest.importorskip("memelite", reason="the benchmark's peer")
    assert "motif_match" in run("benchmarks/tomtom_speed.py", "--smoke", cwd=tmp_path)


@pytest.mark.slow
def test_tomtom_benchmark_compares_a_database_with_itself(tmp_path):
    options = ("--large", "--smoke")
    printed = run("benchmarks/tomtom_speed.py", *options, cwd=tmp_path)
    assert printed.startswith("60 x 60, ")
    assert int(printed.split()[-2]) >= 60  # each motif matches itself


@pytest.mark.slow
def test_callback_benchmark_tells_seconds(tmp_path):
    printed = run("benchmarks/callback_cost.py", "epochs", "--smoke", cwd=tmp_path)
    rows = [line.split()[0] for line in printed.splitlines()[2:]]
    assert rows == ["relu", "exponential"]
    printed = run("benchmarks/callback_cost.py", "last_step", "--smoke", cwd=tmp_path)
    assert "6 with a name" in printed


@pytest.mark.slow
def test_while_training_prints_its_history_and_draws_the_film(tmp_path):
    options = ("--num-sequences", 400, "--epochs", 2, "--tensorboard", "board")
    printed = run("examples/while_training.py", *options, cwd=tmp_path).splitlines()
    header = next(i for i, line in enumerate(printed) if "relevant" in line.split())
    assert [line.split()[0] for line in printed[header + 1 : header + 3]] == ["1", "2"]
    assert sum(line.startswith("filter") for line in printed) == 30
    folder = tmp_path / "training-output"
    assert {"filmstrip.svg", "report.html", "best.keras"} <= {
        path.name for path in folder.iterdir()
    }
    assert len(list((tmp_path / "board").iterdir())) == 1


@pytest.mark.slow
def test_subset_benchmark_compares_with_all_sequences(tmp_path):
    options = ("--num-sequences", 3000, "--num-trained", 200, "--epochs", 2)
    printed = run("benchmarks/training_subset.py", *options, cwd=tmp_path)
    rows = [line.split() for line in printed.splitlines()]
    assert ["None", "0.000", "0.000", "1.00"] in [row[:1] + row[2:] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "options", "rows"),
    [
        ("null", "--seeds 3 --widths 7 --num-sequences 100", 2),
        ("control", "--count 10 --num-shuffles 1", 4),
        ("rules", "--seeds 1 --widths 7 --count 10", 12),
        ("trained", "--num-shuffles 1", 25),
        ("consensus", "", 6),
    ],
)
def test_names_are_counted(tmp_path, script, options, rows):
    if script in ("null", "control", "trained"):
        options += " --databases JASPAR2016"
    if script == "trained":
        options += " --shuffled JASPAR2016"
    options = (*options.split(), "--table", "names.tsv")
    run(f"examples/paper/names_{script}.py", *options, cwd=tmp_path)
    table = pd.read_csv(tmp_path / "names.tsv", sep="\t", comment="#")
    assert len(table) == rows
    if "convincing" in table:
        assert (table["convincing"] <= table["tomtom"]).all()
