"""The examples and benchmarks run, at reduced size, as a user would run them."""

import subprocess
import sys
from pathlib import Path

import pytest

import keras_motif as km

ROOT = Path(__file__).parents[1]


def run(script, *options, cwd):
    done = subprocess.run(
        [sys.executable, ROOT / script, *map(str, options)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_demo_prints_its_table_and_writes_both_reports(tmp_path):
    printed = run(
        "examples/demo.py", "--num-sequences", 400, "--epochs", 1, cwd=tmp_path
    )
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
