"""JASPAR's motifs, from the releases that pyjaspar ships, cached on disk."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import warnings
from collections.abc import Iterable
from contextlib import closing, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_motif._files import whole_file
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET

__all__ = ["factor_ids", "jaspar_releases", "load_jaspar"]

_FORMAT = 1  # of the cache files; a change leaves the old ones unread


def load_jaspar(
    release: str = "JASPAR2026",
    collection: str = "CORE",
    tax_group: str | None = "vertebrates",
    all_versions: bool = False,
) -> list[Motif]:
    """Return the motifs of a JASPAR release, without a network.

    `name` is the matrix id with version ("MA0139.1"), `alt_name` the factor
    ("CTCF"). Frequencies are counts divided by their column's total, without
    pseudocount; a column without counts is uniform. `num_sites` is the mean of the
    column totals, rounded half up, which is the nsites of the MEME Suite's own
    conversions of JASPAR. Motifs are sorted by base id, then version, as there.

    The first call for a release reads pyjaspar's database and keeps the motifs in
    a file; later ones, in this process and others, take them from there. The file
    lies in the folder `KERAS_MOTIF_CACHE` (an environment variable), else
    `keras-motif` in `XDG_CACHE_HOME` or the system's folder for caches. It can be
    deleted at any time; where it cannot be written, every process reads the
    database.

    Source: JASPAR (Rauluseviciute et al. 2024, NAR 52), through pyjaspar.

    Args:
        release: One of `jaspar_releases()`.
        collection: "CORE", the curated profiles, or another collection of the
            release, such as "UNVALIDATED".
        tax_group: "vertebrates", "plants", "insects", ...; None for all, and for
            collections without taxonomic groups.
        all_versions: Whether to include matrices that a later version of the same
            id replaced.

    Returns:
        The motifs; a new list at each call.

    Raises:
        ValueError: The release, the collection or the group is unknown (the known
            ones are listed), or nothing is in both.

    Example:
        >>> motifs = load_jaspar("JASPAR2016")
        >>> len(motifs), motifs[0].name, motifs[0].alt_name
        (519, 'MA0002.2', 'RUNX1')
    """
    group = None if tax_group is None else tax_group.lower()
    selection = _Selection(release, collection.upper(), group, bool(all_versions))
    return list(_load(selection))


def jaspar_releases() -> list[str]:
    """Return the names of the JASPAR releases at hand, the newest first.

    Example:
        >>> "JASPAR2016" in jaspar_releases()
        True
    """
    from pyjaspar import jaspar_releases as files

    return sorted(files, reverse=True)


def factor_ids(
    factors: Iterable[str],
    release: str = "JASPAR2026",
    collection: str = "CORE",
    tax_group: str | None = "vertebrates",
) -> dict[str, tuple[str, ...]]:
    """Return the matrices of factors, as the `relevant` of `match_fractions`.

    Args:
        factors: Names of factors, in any case. A matrix of a complex (MAX::MYC)
            counts for each of its factors.
        release: A JASPAR release.
        collection: See `load_jaspar`.
        tax_group: See `load_jaspar`.

    Returns:
        Dict of each factor -> ids without version. A factor without a matrix is left
        out, with a warning.

    Raises:
        ValueError: None of the factors has a matrix; a string in place of a list;
            what `load_jaspar` raises.

    Example:
        >>> factor_ids(["IRF1", "Myc"], "JASPAR2016")
        {'IRF1': ('MA0050',), 'Myc': ('MA0059', 'MA0147')}
    """
    if isinstance(factors, str):
        raise ValueError(
            f"`factors` must be a list of names. Received the string {factors!r}; pass "
            f"[{factors!r}]."
        )
    wanted = list(factors)
    found: dict[str, list[str]] = {factor: [] for factor in wanted}
    for motif in load_jaspar(release, collection, tax_group):
        names = {name.split("(")[0].upper() for name in motif.alt_name.split("::")}
        for factor in wanted:
            if factor.upper() in names:
                found[factor].append(motif.name.split(".")[0])
    missing = [factor for factor, ids in found.items() if not ids]
    if len(missing) == len(found):
        raise ValueError(
            f"`factors` must be names of factors that {release} has a matrix of. "
            f"Received {wanted}. They are the `alt_name` of its motifs, such as "
            '"GABPA".'
        )
    if missing:
        warnings.warn(f"{release} has no matrix of {missing}.", stacklevel=2)
    return {factor: tuple(dict.fromkeys(ids)) for factor, ids in found.items() if ids}


class _Selection(NamedTuple):
    release: str
    collection: str
    tax_group: str | None
    all_versions: bool


class _Table(NamedTuple):
    """Motifs as plain lists, one entry a motif; what a cache file holds."""

    names: list[str]
    alt_names: list[str]
    widths: list[int]
    counts: list[float]  # of all motifs end to end, position by position, A C G T


@cache
def _load(selection: _Selection) -> tuple[Motif, ...]:
    path = _cache_path(selection)
    table = None if path is None else _read_cache(path)
    if table is None:
        table = _query(selection)
        if path is not None:
            _write_cache(path, table)
    return _motifs(table)


def _motifs(table: _Table) -> tuple[Motif, ...]:
    counts = np.array(table.counts, dtype=np.float64).reshape(-1, 4)
    totals = counts.sum(axis=1)
    frequencies = np.full_like(counts, 0.25)
    np.divide(counts, totals[:, None], out=frequencies, where=totals[:, None] > 0)
    ends = np.cumsum(table.widths)
    return tuple(
        Motif(
            frequencies[end - width : end],
            name,
            alt_name=alt_name,
            num_sites=int(totals[end - width : end].mean() + 0.5),
        )
        for name, alt_name, width, end in zip(
            table.names, table.alt_names, table.widths, ends.tolist(), strict=True
        )
    )


def _query(selection: _Selection) -> _Table:
    """Read a selection from pyjaspar's database."""
    from pyjaspar import jaspardb

    # pyjaspar prints a line and goes on where a release is unknown.
    _check_known("release", selection.release, jaspar_releases())
    database = jaspardb(release=selection.release)
    # ... and never closes its connection.
    with closing(database.conn):
        _check_selection(database.conn, selection)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of an empty result; we raise
            found = database.fetch_motifs(
                collection=selection.collection,
                tax_group=selection.tax_group,
                all_versions=selection.all_versions,
            )
    if not found:
        raise ValueError(
            f"{selection.release} has no latest version of a matrix in collection "
            f"{selection.collection!r} and group {selection.tax_group!r}. Pass "
            "`all_versions=True`."
        )
    found.sort(key=lambda motif: _sort_key(motif.matrix_id))
    return _Table(
        [motif.matrix_id for motif in found],
        # Blanks as MEME files can hold them.
        [" ".join(motif.name.split()) for motif in found],
        [motif.length for motif in found],
        [
            float(motif.counts[base][position])
            for motif in found
            for position in range(motif.length)
            for base in ALPHABET
        ],
    )


def _sort_key(matrix_id: str) -> tuple[str, int]:
    base, _, number = matrix_id.rpartition(".")
    return base, int(number)


def _check_selection(connection: Any, selection: _Selection) -> None:
    """Raise unless the database has the collection, and the group within it."""
    collections = connection.execute("SELECT DISTINCT COLLECTION FROM MATRIX")
    _check_known(
        "collection",
        selection.collection,
        sorted(row[0] for row in collections),
        f" of {selection.release}",
    )
    if selection.tax_group is None:
        return
    groups = connection.execute(
        "SELECT DISTINCT VAL FROM MATRIX_ANNOTATION JOIN MATRIX USING (ID) "
        "WHERE TAG = 'tax_group' AND COLLECTION = ?",
        (selection.collection,),
    )
    _check_known(
        "tax_group",
        selection.tax_group,
        [*sorted(row[0] for row in groups), None],
        f" of collection {selection.collection} in {selection.release}",
    )


def _check_known(name: str, value: str, known: list[Any], where: str = "") -> None:
    if value not in known:
        listed = ", ".join(repr(item) for item in known)
        raise ValueError(
            f"`{name}` must be one of the known ones{where}: {listed}. Received "
            f"{value!r}."
        )


def _cache_path(selection: _Selection) -> Path | None:
    """Return the file that holds a selection; None where there is no home."""
    try:
        folder = _cache_folder()
    except RuntimeError:
        return None
    # A newer pyjaspar may hold other matrices under a release's name.
    key = json.dumps([_FORMAT, version("pyjaspar"), *selection])
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return folder / f"jaspar-{digest}.json"


def _cache_folder() -> Path:
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


def _read_cache(path: Path) -> _Table | None:
    """Return a cache file's table; None where it is missing or damaged."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    # The first line vouches for the rest, so nothing behind it needs a check.
    if digest != _digest(content):
        return None
    return _Table(**json.loads(content))


def _write_cache(path: Path, table: _Table) -> None:
    """Keep a table; where that fails, the next process reads the database again."""
    content = json.dumps(table._asdict(), separators=(",", ":")).encode()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary:
            temporary.write_bytes(_digest(content) + b"\n" + content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
