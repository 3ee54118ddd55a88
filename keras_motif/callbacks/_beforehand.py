"""What can be found out before the first epoch, so that it does not fail later."""

from __future__ import annotations

import tempfile
from pathlib import Path

__all__ = ["check_logger", "check_number", "check_verdict", "check_writable"]


def check_number(value: object, argument: str, unit: str, default: str) -> None:
    """Raise unless an option is None or a whole number, 1 or more.

    Raises:
        ValueError: Anything else.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (is_whole and value >= 1):  # type: ignore[operator]
        raise ValueError(
            f"`{argument}` must be a whole number of {unit}, 1 or more, or None to "
            f"{default}. Received {value!r}."
        )


def check_logger(logger: object) -> None:
    """Raise unless a logger is None or can be called.

    Raises:
        TypeError: Anything else.
    """
    if logger is not None and not callable(logger):
        raise TypeError(
            "`logger` must be called with an epoch, metrics and figures, as those of "
            f"`keras_motif.loggers` are. Received {type(logger).__name__}."
        )


def check_verdict(verdict: object) -> None:
    """Raise unless a verdict is one of the two.

    Raises:
        ValueError: Anything else.
    """
    if verdict not in ("convincing", "tomtom"):
        raise ValueError(
            '`verdict` must be "convincing" (matches that `match_support` calls so) or '
            f'"tomtom" (every row of its table). Received {verdict!r}.'
        )


def check_writable(folder: Path) -> None:
    """Make a folder and try to write into it.

    Raises:
        OSError: It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"`output_dir` must be a folder that can be written. Received "
            f"{str(folder)!r}: {error.strerror or error}. Choose another folder or "
            "change its permissions."
        ) from error
