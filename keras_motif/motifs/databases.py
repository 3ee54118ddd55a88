"""Databases of motifs that were added under a name, and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import quoted
from keras_motif._files import cache_folder, whole_file
from keras_motif.motifs._database_sources import read_source
from keras_motif.motifs.jaspar import FactorFamily, jaspar_releases
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import check_alphabet

__all__ = [
    "Database",
    "StoredDatabase",
    "add_database",
    "added_databases",
    "list_databases",
    "load_database",
    "remove_database",
]

_FORMAT = 1  # of the files; those of another are read no more
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,59}")
_PREFIX = "database-"


class Database(NamedTuple):
    """A database that was added.

    Attributes:
        name: What to call it by, in any case.
        num_motifs: How many motifs it holds.
        alphabet: "ACGT", or "ACGU" for RNA.
        source: The file that it was read from.
        sha256: That file's digest; empty of a folder.
        num_empty: How many of its files had no matrix, and were left out.
    """

    name: str
    num_motifs: int
    alphabet: str
    source: str
    sha256: str
    num_empty: int


class StoredDatabase(NamedTuple):
    """A database as it was kept: its name, its motifs and their families."""

    name: str
    content: MemeFile
    families: dict[str, FactorFamily]


def add_database(
    path: str | os.PathLike[str], name: str, *, alphabet: str | None = None
) -> Database:
    """Read a database that was downloaded, and keep it under a name.

    From then on the name goes wherever the name of a JASPAR release does, in this
    process and others: `motif_match(motifs, "HOCOMOCO13")`. What is taken is what the
    databases offer: a file in any format of `read_motifs`; a folder, a zip or a tar
    archive of such; CIS-BP's and CISBP-RNA's archives, whose tables of factors and
    families are read too. Factors are the motifs' `alt_name`.

    It is kept in the folder of `load_jaspar`'s files, whole or not at all. One of the
    same name is replaced. `remove_database` forgets it.

    Args:
        path: The file, or folder.
        name: Letters, digits and `. _ + -`, at most 60, no JASPAR release's.
        alphabet: "ACGU" for motifs of RNA whose file has T in the place of U, so that
            they are matched on one strand. None: what the file says.

    Returns:
        What was read.

    Raises:
        ValueError: Another name or alphabet; a file that holds no motifs or cannot be
            read, two motifs of one name, DNA beside RNA.
        OSError: The file is missing, or the folder cannot be written.

    Example:
        >>> import os, tempfile, pathlib
        >>> from keras_motif.motifs import load_jaspar, write_meme
        >>> folder = tempfile.mkdtemp()
        >>> os.environ["KERAS_MOTIF_CACHE"] = folder
        >>> write_meme(load_jaspar("JASPAR2016")[:50], folder + "/mine.meme")
        >>> add_database(folder + "/mine.meme", "mine").num_motifs
        50
        >>> list_databases()[0], len(load_database("MINE").content)
        ('mine', 50)
        >>> del os.environ["KERAS_MOTIF_CACHE"]
    """
    target = _path(_checked_name(name))
    if alphabet is not None:
        check_alphabet(alphabet)
    source = Path(path)
    found = read_source(source)
    motifs = found.content.motifs
    digest = ""
    if source.is_file():
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    database = Database(
        name,
        len(motifs),
        alphabet or found.content.alphabet,
        str(source.absolute()),
        digest,
        len(found.empty),
    )
    stored = {
        "names": [motif.name for motif in motifs],
        "alt_names": [motif.alt_name for motif in motifs],
        "widths": [motif.width for motif in motifs],
        "num_sites": [motif.num_sites for motif in motifs],
        "frequencies": np.concatenate([m.frequencies.ravel() for m in motifs]).tolist(),
        "background": found.content.background,
        "families": {key: list(family) for key, family in found.families.items()},
    }
    header = json.dumps({"format": _FORMAT, **database._asdict()})
    content = f"{header}\n{json.dumps(stored, separators=(',', ':'))}".encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as temporary:
        temporary.write_bytes(_digest(content) + b"\n" + content)
    return database


def list_databases() -> list[str]:
    """Return the names that stand for known motifs: those added, then JASPAR's.

    Example:
        >>> "JASPAR2026" in list_databases()
        True
    """
    return [database.name for database in added_databases()] + jaspar_releases()


def added_databases() -> list[Database]:
    """Return what was added, by name."""
    found = []
    with suppress(OSError, RuntimeError):
        for path in cache_folder().glob(f"{_PREFIX}*.json"):
            if header := _header(path):
                found.append(header)
    return sorted(found, key=lambda database: database.name.casefold())


def load_database(name: str) -> StoredDatabase | None:
    """Return a database that was added; None where there is none of the name.

    Raises:
        ValueError: Its file is damaged.
    """
    if not _NAME.fullmatch(name):
        return None
    try:
        path = _path(name)
        lines = path.read_bytes()
    except OSError:
        return None
    digest, _, content = lines.partition(b"\n")
    database = _header(path)
    if digest != _digest(content) or database is None:
        raise ValueError(
            f"The database {name!r} is damaged, or was kept by another version, in "
            f"{path}. Add it again: `keras-motif database add FILE --name {name}`."
        )
    stored: dict[str, Any] = json.loads(content.partition(b"\n")[2])
    rows = np.array(stored["frequencies"], dtype=np.float64).reshape(-1, 4)
    ends = np.cumsum(stored["widths"]).tolist()
    motifs = [
        Motif(rows[end - width : end], key, alt_name=alt_name, num_sites=num_sites)
        for key, alt_name, width, end, num_sites in zip(
            stored["names"],
            stored["alt_names"],
            stored["widths"],
            ends,
            stored["num_sites"],
            strict=True,
        )
    ]
    families = {key: FactorFamily(*pair) for key, pair in stored["families"].items()}
    told = stored["background"]
    background = None if told is None else tuple(told)
    meme = MemeFile(motifs, background, database.alphabet)
    return StoredDatabase(database.name, meme, families)


def remove_database(name: str) -> None:
    """Forget a database that was added.

    Raises:
        ValueError: There is none of the name.
        OSError: Its file cannot be removed.
    """
    known = [database.name for database in added_databases()]
    try:
        if not _NAME.fullmatch(name):
            raise FileNotFoundError
        _path(name).unlink()
    except FileNotFoundError:
        raise ValueError(
            f"`name` must be that of a database that was added: "
            f"{', '.join(known) or 'there is none'}. Received {quoted(name)}."
        ) from None


def _checked_name(name: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            "`name` must be a word of letters, digits and . _ + -, at most 60. "
            f"Received {quoted(name)}."
        )
    if name.upper() in jaspar_releases():
        raise ValueError(
            f"`name` must not be that of a JASPAR release. Received {name!r}, which "
            "stands for JASPAR's own. Choose another."
        )
    return name


def _path(name: str) -> Path:
    try:
        return cache_folder() / f"{_PREFIX}{name.casefold()}.json"
    except RuntimeError as error:
        raise OSError(
            "There is no home folder to keep databases in. Name another folder by the "
            "environment variable KERAS_MOTIF_CACHE."
        ) from error


def _header(path: Path) -> Database | None:
    """Return what a file says of its database; None where it can't be read."""
    try:
        with path.open("rb") as file:
            file.readline()
            told = json.loads(file.readline(2**16))
        if told.pop("format") != _FORMAT:
            return None
        return Database(**told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
