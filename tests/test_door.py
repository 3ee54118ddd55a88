"""`import keras_motif` is light, and so is what needs no Keras."""

import importlib
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

import keras_motif as km
from support.paths import GOLDEN

# Names that need Keras; the others load none.
WITH_KERAS = {
    "Exponential",
    "FilterMotifExtractor",
    "activation_sites",
    "activations",
    "attribution",
    "extract_motifs",
    "filter_activity",
    "initializers",
    "layers",
    "models",
    "regularizers",
    "with_first_activation",
    "write_filter_activity",
}
DOORS = {
    "activations": "layers",
    "initializers": "layers",
    "interchange": "motifs",
    "loggers": "callbacks",
    "modisco": "motifs",
    "regularizers": "layers",
}
MEME = str(GOLDEN / "targets8.meme")
QUERIES = str(GOLDEN / "queries32_few.meme")


def modules_after(code, cwd):
    """Return the modules that a fresh process has loaded behind some code."""
    report = "import sys; print('\\nMODULES', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("MODULES")[2].split())


def test_the_import_loads_neither_keras_nor_numpy(tmp_path):
    loaded = modules_after("import keras_motif", tmp_path)
    assert not loaded & {"keras", "numpy", "tensorflow", "keras_motif.motifs"}


def test_names_that_need_no_keras_load_none(tmp_path):
    names = sorted(set(km.__all__) - WITH_KERAS)
    code = "".join(f"keras_motif.{name}\n" for name in names)
    loaded = modules_after(f"import keras_motif\n{code}", tmp_path)
    assert not loaded & {"keras", "tensorflow", "matplotlib", "pandas", "pyjaspar"}
    code = (
        f"import {', '.join(f'keras_motif.{d}' for d in DOORS if DOORS[d] != 'layers')}"
    )
    assert "keras" not in modules_after(code, tmp_path)


@pytest.mark.parametrize(("door", "room"), DOORS.items())
def test_public_modules_keep_their_path(door, room):
    module = importlib.import_module(f"keras_motif.{door}")
    assert module is getattr(km, door)
    assert module is importlib.import_module(f"keras_motif.{room}.{door}")


def test_what_is_not_public_is_not_shown():
    assert dir(km) == km.__all__
    assert "_doors" not in dir(km)
    with pytest.raises(AttributeError, match="extract_motif"):
        km.extract_motif  # noqa: B018


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["extract", "--help"],
        ["--version"],
        ["mach"],
        ["match", "--thresold", "1"],
        ["jaspar", "list"],
        ["match", QUERIES, "--db", MEME],
        ["report", QUERIES, "--db", MEME, "-o", "report.html"],
        ["scan", MEME, "seqs.fa"],
        ["simulate", "--num-sequences", "10", "-o", "data.h5"],
    ],
    ids=" ".join,
)
def test_commands_that_need_no_keras_load_none(words, tmp_path):
    if words[0] == "scan":
        pytest.importorskip("pymemesuite")
    (tmp_path / "seqs.fa").write_text(">a\n" + "ACGTTGCA" * 20 + "\n")
    code = (
        "from keras_motif.cli import main\n"
        f"try: main({words!r})\n"
        "except SystemExit as end: assert end.code in (0, 2, None), end.code\n"
    )
    assert "keras" not in modules_after(code, tmp_path)


def test_completion_needs_no_keras(tmp_path):
    code = (
        "import os\n"
        "os.environ |= {'_KERAS_MOTIF_COMPLETE': 'bash_complete',"
        " 'COMP_WORDS': 'keras-motif ex', 'COMP_CWORD': '1'}\n"
        "from keras_motif.cli import main\n"
        "try: main([])\n"
        "except SystemExit: pass\n"
    )
    assert "keras" not in modules_after(code, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "plain,extract\n"


def test_the_console_script_is_the_light_one():
    (script,) = entry_points(group="console_scripts", name="keras-motif")
    assert script.module == "keras_motif.cli"
