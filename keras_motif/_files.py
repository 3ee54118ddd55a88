"""Files that are written whole or not at all, and where those lie that are kept."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

__all__ = ["cache_folder", "whole_file"]

_PREFIX = ".keras-motif-"
_TEMPORARY = re.compile(re.escape(_PREFIX) + r"[0-9a-f]{16}(\..*)?")
_DAY = 24 * 60 * 60  # seconds: no file is written for longer
# What a disk that is full or broken says, without the file's name.
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


def cache_folder() -> Path:
    """Return the folder of what can be made anew: `KERAS_MOTIF_CACHE`, or the system's.

    Raises:
        RuntimeError: There is no home.
    """
    if folder := os.environ.get("KERAS_MOTIF_CACHE"):
        return Path(folder)
    if folder := os.environ.get("XDG_CACHE_HOME"):
        return Path(folder) / "keras-motif"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "keras-motif"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "keras-motif" / "Cache"
    return Path.home() / ".cache" / "keras-motif"


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that takes the place of `path` on success.

    The temporary file lies in the same folder, so the final rename is atomic.
    When the body raises (Ctrl-C included) the temporary file is removed and
    whatever was at `path` stays as it was. What a killed process left behind is
    removed when its folder is next used, a day later at the earliest.

    Args:
        path: The file to write. Its folder must exist.

    Yields:
        The path to write to. It keeps the suffix of `path`, which some writers
        use to choose a format.

    Raises:
        OSError: The folder does not exist or cannot be written, or the disk is
            full; holds the file's name.
    """
    target = Path(path)
    _sweep(target.parent.absolute())
    # Named before it is made, so that no interruption finds it unguarded.
    temporary = target.parent / f"{_PREFIX}{secrets.token_hex(8)}{target.suffix}"
    try:
        # With the permissions of any new file: the system applies the umask.
        temporary.touch(mode=0o666, exist_ok=False)
        yield temporary
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if error.filename is None and error.errno in _DISK:
            said = error.strerror or os.strerror(error.errno)
            raise type(error)(error.errno, said, os.fspath(path)) from error
        raise
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@cache
def _sweep(folder: Path) -> None:
    """Remove what killed processes left in a folder, once in this process."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _TEMPORARY.fullmatch(entry.name) and _is_old(entry):
                with suppress(OSError):
                    Path(entry.path).unlink()


def _is_old(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > _DAY
    return False
