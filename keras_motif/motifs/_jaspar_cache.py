"""Tables of JASPAR's motifs on disk, so that the database is read once."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from keras_motif._files import cache_folder, whole_file
from keras_motif.motifs._jaspar_database import Selection, Table

__all__ = ["cache_path", "read_cache", "write_cache"]

_FORMAT = 2  # of the cache files; a change leaves the old ones unread


def cache_path(selection: Selection) -> Path | None:
    """Return the file that holds a selection; None where there is no home."""
    try:
        folder = cache_folder()
    except RuntimeError:
        return None
    # A newer pyjaspar may hold other matrices under a release's name.
    key = json.dumps([_FORMAT, version("pyjaspar"), *selection])
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return folder / f"jaspar-{digest}.json"


def read_cache(path: Path) -> Table | None:
    """Return a cache file's table; None where it is missing or damaged."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    # The first line vouches for the rest, so nothing behind it needs a check.
    if digest != _digest(content):
        return None
    return Table(**json.loads(content))


def write_cache(path: Path, table: Table) -> None:
    """Keep a table; where that fails, the next process reads the database again."""
    content = json.dumps(table._asdict(), separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary:
            temporary.write_bytes(_digest(content) + b"\n" + content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
