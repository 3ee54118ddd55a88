"""The command line `keras-motif`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

__all__ = ["import_keras", "main"]


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the program and leave with its exit code.

    Args:
        args: The arguments behind the program's name; None takes the process's.
    """
    # Before the imports, which Ctrl-C would end with a traceback.
    from keras_motif.cli._interrupt import leave_at_once

    leave_at_once()
    from keras_motif.cli.app import run

    run(args)


def import_keras() -> Any:
    """Import Keras, and with it the backend, without a line on standard error.

    For programs that own their process. TensorFlow writes several lines before its own
    switch works. They are shown after all if the import fails, and where
    `TF_CPP_MIN_LOG_LEVEL` is 0.

    Returns:
        The module `keras`.

    Raises:
        ImportError: Keras or its backend cannot be imported.
    """
    from keras_motif.cli._keras import quiet_keras

    return quiet_keras()
