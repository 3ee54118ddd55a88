"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that takes the place of `path` on success.

    The temporary file lies in the same folder, so the final rename is atomic.
    When the body raises (Ctrl-C included) the temporary file is removed and
    whatever was at `path` stays as it was.

    Args:
        path: The file to write. Its folder must exist.

    Yields:
        The path to write to. It keeps the suffix of `path`, which some writers
        use to choose a format.

    Raises:
        OSError: The folder does not exist or cannot be written.
    """
    target = Path(path)
    # Named before it is made, so that no interruption finds it unguarded.
    name = f".{target.stem}-{secrets.token_hex(8)}{target.suffix}"
    temporary = target.parent / name
    try:
        temporary.touch(mode=0o600, exist_ok=False)
        yield temporary
        temporary.chmod(_default_mode())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _default_mode() -> int:
    """Return the permissions that a plain `open` would give a new file."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
