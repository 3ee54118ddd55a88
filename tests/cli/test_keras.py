"""`import_keras` says nothing, unless the import fails or all should be seen."""

import os
import shlex
import subprocess
import sys

import pytest

# Our layers, which Keras' import brings along, need the real one.
IMPORT = """
import sys
sys.modules["keras_motif.layers"] = sys
from keras_motif.cli import import_keras
print(import_keras().__name__)
"""
# Stand-ins for Keras, which write as compiled code does.
NOISE = "import os; os.write(2, b'a note\\n')\n"
FAILURES = {
    "ImportError": "raise ImportError('no such backend')",
    "abort": "os.abort()",
    "exit": "os._exit(5)",
}


def run(folder, keras, **environment):
    (folder / "keras.py").write_text(NOISE + keras)
    known = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", IMPORT],
        cwd=folder,
        env={**known, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        text=True,
    )


def test_a_good_import_says_nothing(tmp_path):
    done = run(tmp_path, "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "keras\n", "")


def test_standard_error_is_back_afterwards(tmp_path):
    (tmp_path / "keras.py").write_text(NOISE)
    code = IMPORT + "import os; os.write(2, b'one '); sys.stderr.write('two')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stderr == "one two"


@pytest.mark.parametrize("failure", FAILURES)
def test_what_was_written_is_shown_where_the_import_fails(tmp_path, failure):
    done = run(tmp_path, FAILURES[failure])
    assert done.returncode != 0
    assert done.stderr.startswith("a note\n")


def test_ctrl_c_during_the_import_shows_no_notes(tmp_path):
    done = run(tmp_path, "raise KeyboardInterrupt")
    assert "a note" not in done.stderr
    assert "KeyboardInterrupt" in done.stderr


def test_whoever_asks_for_all_notes_sees_them(tmp_path):
    done = run(tmp_path, "", TF_CPP_MIN_LOG_LEVEL="0")
    assert (done.returncode, done.stderr) == (0, "a note\n")


def test_a_closed_standard_error_is_no_obstacle(tmp_path):
    (tmp_path / "keras.py").write_text("")
    done = subprocess.run(
        ["bash", "-c", shlex.join([sys.executable, "-c", IMPORT]) + " 2>&-"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "keras\n")
