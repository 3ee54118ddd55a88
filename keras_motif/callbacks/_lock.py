"""Whether another process writes into the same folder: an advisory lock."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

from keras_motif.extraction import warn

try:
    import fcntl
except ImportError:  # a system without such locks
    fcntl = None  # type: ignore[assignment]

__all__ = ["FolderLock"]

_NAME = ".keras-motif.lock"


class FolderLock:
    """A lock on a folder, which the system lets go when its process ends.

    So what a killed process left behind is no obstacle. Where locks don't work, as on
    some network disks, every folder counts as free.

    Args:
        folder: The folder; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock, unless it is ours already.

        Warns:
            UserWarning: Another process holds it.
        """
        if self._file is not None or fcntl is None:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError:
            return
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if isinstance(error, BlockingIOError):
                self._warn(os.read(file, 200).decode("utf-8", "replace"))
            os.close(file)
            return
        os.ftruncate(file, 0)
        os.write(file, f"process {os.getpid()} on {socket.gethostname()}".encode())
        self._file = file

    def _warn(self, holder: str) -> None:
        known = holder if holder and holder.isprintable() else "another process"
        warn(
            f"The folder {str(self._path.parent)!r} is in use by another training "
            f"({known}), and both write their files there. Give each training an "
            "`output_dir` of its own."
        )

    def __del__(self) -> None:
        self.release()

    def release(self) -> None:
        """Let go of the lock, if it is ours."""
        if self._file is None:
            return
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = None
