"""Ctrl-C while a command starts: 130 and one line, whatever the import makes of it."""

import os
import shlex
import signal
import subprocess
import sys
import time

import pytest

from keras_motif.cli import _interrupt

# Stand-ins for Keras, in whose import the program is when the signal comes.
IMPORTS = {
    "passes it on": "time.sleep(60)",
    "turns it into another": (
        "try: time.sleep(60)\nexcept BaseException: raise ImportError('no backend')"
    ),
    "swallows it": "try: time.sleep(60)\nexcept BaseException: time.sleep(60)",
}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", IMPORTS)
def test_a_signal_during_the_import_of_keras_ends_the_program(tmp_path, kind, sent):
    body = "import os, pathlib, time\nos.write(2, b'a note\\n')\n"
    body += "pathlib.Path('ready').touch()\n" + IMPORTS[kind]
    (tmp_path / "keras.py").write_text(body)
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_motif", *shlex.split("extract m.keras s.fa")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        # A parent that ignores SIGINT would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while process.poll() is None and not (tmp_path / "ready").exists():
        time.sleep(0.01)
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[sent]
    assert said == ("Interrupted.\n" if sent == signal.SIGINT else "")


def test_signals_of_other_programs_are_left_alone(monkeypatch):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    _interrupt.unwind()
    with _interrupt.leaving_at_once(2, lambda: None):
        pass
    _interrupt.reraise_if_interrupted()
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert after == before
    monkeypatch.setattr(_interrupt, "_received", [signal.SIGINT])
    with pytest.raises(SystemExit) as end:
        _interrupt.reraise_if_interrupted()
    assert end.value.code == 130
