"""Keras without its backend's notes, for programs that own their process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO, cast

from keras_motif.cli._interrupt import leaving_at_once

__all__ = ["quiet_keras"]

# TensorFlow's own switch: from which level on it writes. 3 leaves fatal errors.
_LEVEL = "TF_CPP_MIN_LOG_LEVEL"

# Reads what was written, and shows it unless it ends as it should.
_DONE = b"\0"
_READER = """
import sys
text = sys.stdin.buffer.read()
if not text.endswith(b"\\0"):
    sys.stderr.buffer.write(text)
"""


def quiet_keras() -> Any:
    """Do what `cli.import_keras` says."""
    shown = os.environ.setdefault(_LEVEL, "3") == "0"
    if shown or sys.stderr is None or "keras" in sys.modules:
        return import_module("keras")
    with _silence():
        return import_module("keras")


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Hold back standard error, of compiled code too, and show it on failure.

    Another process holds it, so that it is shown even if this one is killed, as by a
    TensorFlow that was built for another processor.
    """
    sys.stderr.flush()
    reader = subprocess.Popen(
        [sys.executable, "-ISc", _READER], stdin=subprocess.PIPE, start_new_session=True
    )
    before = os.dup(2)
    with reader, contextlib.closing(cast(BinaryIO, reader.stdin)) as pipe:
        os.dup2(pipe.fileno(), 2)
        is_wanted = True
        try:
            with leaving_at_once(before, lambda: os.write(2, _DONE)):
                yield
            is_wanted = False
        except (KeyboardInterrupt, SystemExit):
            is_wanted = False
            raise
        finally:
            sys.stderr.flush()
            if not is_wanted:
                os.write(2, _DONE)
            os.dup2(before, 2)
            os.close(before)
