"""pyjaspar's database: its releases, and the matrices that each of them holds."""

from __future__ import annotations

import warnings
from contextlib import closing
from typing import Any, NamedTuple

from keras_motif.sequences import ALPHABET

__all__ = ["Selection", "Table", "parts", "query", "releases"]


class Selection(NamedTuple):
    """What is asked of the database; see `load_jaspar`."""

    release: str
    collection: str
    tax_group: str | None
    all_versions: bool


class Table(NamedTuple):
    """Motifs as plain lists, one entry a motif: a query gives it, a cache keeps it."""

    names: list[str]
    alt_names: list[str]
    widths: list[int]
    tf_classes: list[str]  # of a complex several, joined by "::"; empty if unknown
    tf_families: list[str]
    counts: list[float]  # of all motifs end to end, position by position, A C G T


def releases() -> list[str]:
    """Return the names of the releases, the newest first."""
    from pyjaspar import jaspar_releases

    return sorted(jaspar_releases, reverse=True)


def parts(release: str) -> tuple[list[str], list[str]]:
    """Return the collections of a release, and the taxonomic groups of its CORE."""
    from pyjaspar import jaspardb

    database = jaspardb(release=release)
    with closing(database.conn):
        found = database.conn.execute("SELECT DISTINCT COLLECTION FROM MATRIX")
        collections = sorted(row[0] for row in found)
        return collections, _groups(database.conn, "CORE")


def query(selection: Selection) -> Table:
    """Read a selection from the database.

    Raises:
        ValueError: An unknown release, collection or group, or nothing in both.
    """
    from pyjaspar import jaspardb

    # pyjaspar prints a line and goes on where a release is unknown.
    _check_known("release", selection.release, releases())
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
    return Table(
        [motif.matrix_id for motif in found],
        # Blanks as MEME files can hold them.
        [" ".join(motif.name.split()) for motif in found],
        [motif.length for motif in found],
        [_joined(motif.tf_class) for motif in found],
        [_joined(motif.tf_family) for motif in found],
        [
            float(motif.counts[base][position])
            for motif in found
            for position in range(motif.length)
            for base in ALPHABET
        ],
    )


def _joined(names: list[str | None] | None) -> str:
    """Return the classes or families of a matrix's factors, each once."""
    words = [" ".join(name.split()) for name in names or [] if name]
    return "::".join(dict.fromkeys(word for word in words if word))


def _sort_key(matrix_id: str) -> tuple[str, int]:
    base, _, number = matrix_id.rpartition(".")
    return base, int(number)


def _check_selection(connection: Any, selection: Selection) -> None:
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
    _check_known(
        "tax_group",
        selection.tax_group,
        [*_groups(connection, selection.collection), None],
        f" of collection {selection.collection} in {selection.release}",
    )


def _groups(connection: Any, collection: str) -> list[str]:
    groups = connection.execute(
        "SELECT DISTINCT VAL FROM MATRIX_ANNOTATION JOIN MATRIX USING (ID) "
        "WHERE TAG = 'tax_group' AND COLLECTION = ?",
        (collection,),
    )
    return sorted(row[0] for row in groups)


def _check_known(name: str, value: str, known: list[Any], where: str = "") -> None:
    if value not in known:
        listed = ", ".join(repr(item) for item in known)
        raise ValueError(
            f"`{name}` must be one of the known ones{where}: {listed}. Received "
            f"{value!r}."
        )
