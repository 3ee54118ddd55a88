"""Ctrl-C and SIGTERM: the exit code of shells and, for Ctrl-C, one line."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

__all__ = ["leave_at_once", "leaving_at_once", "reraise_if_interrupted", "unwind"]

_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}  # 128 + the signal, as shells say
_STDERR = 2

_Handler = Callable[[int, FrameType | None], None]

_received: list[int] = []  # the signals, in their order


def leave_at_once(
    stderr: int = _STDERR, first: Callable[[], object] | None = None
) -> None:
    """From now on end the process where it stands: nothing has to be cleaned up.

    While modules are imported an exception would be turned into others.

    Args:
        stderr: The file descriptor for the line, while 2 is another one.
        first: What to do before.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        if first is not None:
            first()
        _say(number, stderr)
        os._exit(_CODES[signal.Signals(number)])

    _set(leave)


def unwind() -> None:
    """From now on raise `SystemExit`, so that unfinished files go away.

    A second signal ends the process at once. A process whose signals are not ours
    keeps its own ways.
    """
    if not _are_ours():
        return

    def raise_exit(number: int, frame: FrameType | None) -> None:
        _say(number, _STDERR)
        leave_at_once()
        raise SystemExit(_CODES[signal.Signals(number)])

    _set(raise_exit)


@contextmanager
def leaving_at_once(stderr: int, first: Callable[[], object]) -> Iterator[None]:
    """Do so for a while, where signals are ours.

    Args:
        stderr: See `leave_at_once`, like `first`.
        first: What to do before.
    """
    if not _are_ours():
        yield
        return
    before = {number: signal.getsignal(number) for number in _CODES}
    leave_at_once(stderr, first)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def reraise_if_interrupted() -> None:
    """Leave where a signal's exception was turned into another one on its way.

    Raises:
        SystemExit: A signal was received.
    """
    if _received:
        raise SystemExit(_CODES[signal.Signals(_received[0])])


def _are_ours() -> bool:
    handlers = [signal.getsignal(number) for number in _CODES]
    return all(getattr(handler, "__module__", None) == __name__ for handler in handlers)


def _set(handler: _Handler) -> None:
    with suppress(ValueError):  # signals belong to the main thread
        for number in _CODES:
            signal.signal(number, handler)


def _say(number: int, stderr: int) -> None:
    if number == signal.SIGINT and not _received:
        with suppress(OSError):
            if sys.stderr is not None:
                sys.stderr.flush()
            os.write(stderr, b"Interrupted.\n")
    _received.append(number)
