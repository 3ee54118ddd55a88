"""What callers may pass as motifs, and how it becomes `Motif` objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

import numpy as np

from keras_motif.motifs._kinds import is_frame, is_from, is_motif, is_single
from keras_motif.motifs.databases import list_databases, load_database
from keras_motif.motifs.formats import read_motifs
from keras_motif.motifs.interchange import (
    from_biopython,
    from_logomaker,
    from_pymemesuite,
)
from keras_motif.motifs.jaspar import (
    FactorFamily,
    jaspar_families,
    load_jaspar,
    named_selection,
    release_named,
)
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET, RNA_ALPHABET

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MotifInput",
    "MotifsLike",
    "TargetsLike",
    "as_motifs",
    "named_motifs",
    "pool_motifs",
]


class MotifInput(NamedTuple):
    """Motifs, and what their file or database states of them.

    Attributes:
        motifs: The motifs, each name once in a database.
        background: Frequencies of A C G T; None where no file states any.
        alphabet: "ACGT", or "ACGU" for RNA; None where nothing states it.
        families: Dict of id -> class and family of the factor, from a database.
        name: A database's name or a file's, joined by a plus where they are several;
            empty for motifs from elsewhere.
    """

    motifs: list[Motif]
    background: Sequence[float] | None
    alphabet: str | None
    families: Mapping[str, FactorFamily] = {}
    name: str = ""

    @property
    def is_rna(self) -> bool:
        """Whether the motifs are known to be RNA's, which has one strand."""
        return self.alphabet == RNA_ALPHABET


MotifsLike: TypeAlias = (
    "Motif | MemeFile | MotifInput | np.ndarray[Any, Any] | pd.DataFrame | str | "
    "os.PathLike[str] | Mapping[str, Any] | Iterable[Any]"
)
"""Motifs of any kind: motifs, one motif, an array `(f, width, 4)`, a dict of arrays,
Biopython or pymemesuite motifs, DataFrames with the columns A C G T, a `MemeFile`, or a
string: a file's path, or the name of a database."""

TargetsLike: TypeAlias = "MotifsLike | Sequence[MotifsLike]"
"""Known motifs to compare others with: `MotifsLike`, or a list of several such
databases, which are pooled."""


def as_motifs(value: Any, argument: str) -> MotifInput:
    """Turn what a caller passed into motifs.

    Args:
        value: Motifs, one motif, an array of shape `(f, width, 4)`, a dict of name ->
            motif or array `(width, 4)`, Biopython or pymemesuite motifs, DataFrames
            with the columns A C G T, a `MemeFile`, a path as for `read_motifs`, or the
            name of a database, in any case: a JASPAR release, or what was added by
            `add_database`. Elements of arrays are named filter0, ..., and elements of
            lists without a name motif0, ... A `MotifInput` comes back as it is.
        argument: The argument's name, for messages.

    Returns:
        The motifs and, from a MEME file, its background and alphabet, from a database
        the families.

    Raises:
        ValueError: Values that are no motif, two motifs of one name, DNA beside
            RNA, or a string that is neither a file nor a database's name.
        TypeError: Another kind of object.
    """
    if isinstance(value, MotifInput):
        return value
    name = ""
    if isinstance(value, str | os.PathLike):
        if named := named_motifs(value):
            return named
        name, value = Path(value).name, _read(value, argument)
    elif isinstance(value, Iterator):
        value = list(value)
    background = value.background if isinstance(value, MemeFile) else None
    motifs = list(_each_motif(value, argument))
    seen: set[str] = set()
    for motif in motifs:
        if motif.name in seen:
            raise ValueError(
                f"`{argument}` must have a different `name` each. Received "
                f"{motif.name!r} twice. Leave one out, or rename it."
            )
        seen.add(motif.name)
    alphabet = _alphabet(value, argument)
    return MotifInput(motifs, background, alphabet, {}, name)


def named_motifs(value: str | os.PathLike[str]) -> MotifInput | None:
    """Return the motifs of a database by its name, in any case; None for no name.

    A file comes before a name that differs from its own in case, or that was added.

    Raises:
        ValueError: The database's file is damaged.
    """
    if not isinstance(value, str):
        return None
    if release_named(value) != value and Path(value).is_file():
        return None
    if selected := named_selection(value):
        name, selection = selected
        families = jaspar_families(*selection)
        return MotifInput(load_jaspar(*selection), None, ALPHABET, families, name)
    stored = load_database(value)
    if stored is None:
        return None
    content = stored.content
    return MotifInput(
        content.motifs,
        content.background,
        content.alphabet,
        stored.families,
        stored.name,
    )


def pool_motifs(value: Any, argument: str) -> MotifInput:
    """Return the motifs of one database, or of a list of several, end to end.

    The same name may stand in two databases, as in Tomtom, though not twice in one.

    Args:
        value: What `as_motifs` takes, or a list or tuple of such.
        argument: The argument's name, for messages.

    Returns:
        The motifs of all databases, in their order, and their alphabet; the
        background of a single MEME file.

    Raises:
        ValueError: As `as_motifs`; also DNA databases beside RNA databases.
        TypeError: As `as_motifs`.
    """
    is_list = isinstance(value, list | tuple) and not isinstance(value, MotifInput)
    if not is_list or not any(map(_is_database, value)):
        return as_motifs(value, argument)
    databases = [as_motifs(database, argument) for database in value]
    motifs = [motif for database in databases for motif in database.motifs]
    alphabets = (database.alphabet for database in databases)
    alphabet = _one_alphabet(alphabets, argument)
    families = {
        key: family
        for database in reversed(databases)  # of one id in two, the first stays
        for key, family in database.families.items()
    }
    names = [database.name for database in databases]
    name = " + ".join(names) if all(names) else ""
    return MotifInput(motifs, None, alphabet, families, name)


def _is_database(item: object) -> bool:
    if isinstance(item, list | tuple):
        return all(is_motif(motif) for motif in item)
    if isinstance(item, np.ndarray):
        return item.ndim == 3
    return isinstance(item, str | os.PathLike | MemeFile | Mapping)


def _read(value: str | os.PathLike[str], argument: str) -> MemeFile:
    if Path(value).is_file():
        return read_motifs(value)
    name = os.fspath(value)
    raise ValueError(
        f"`{argument}` must be a file of motifs or a known database: "
        f"{', '.join(list_databases())}. Received {name!r}, which is neither. To add a "
        "database that you have downloaded: `keras-motif database add FILE --name "
        f"{name if name.isalnum() else 'NAME'}`."
    )


def _alphabet(value: Any, argument: str) -> str | None:
    """Return the alphabet of motifs that were read before."""
    if isinstance(value, MemeFile):
        return value.alphabet
    if isinstance(value, np.ndarray):
        return None
    items = value.values() if isinstance(value, Mapping) else value
    items = [value] if is_single(value) else items
    return _one_alphabet(map(_letters, items), argument)


def _letters(item: object) -> str | None:
    """Return the alphabet that one motif states; only Biopython's do."""
    if not is_from("Bio.motifs", item):
        return None
    return RNA_ALPHABET if "U" in getattr(item, "counts", ()) else ALPHABET


def _one_alphabet(alphabets: Iterable[str | None], argument: str) -> str | None:
    """Return the alphabet that some state, or raise where they state two."""
    found = sorted({alphabet for alphabet in alphabets if alphabet is not None})
    if len(found) > 1:
        raise ValueError(
            f"`{argument}` must be all of DNA or all of RNA. Received motifs with the "
            f"alphabet {found[0]} beside motifs with {found[1]}. Compare with each "
            "kind by itself. To take RNA for DNA or the other way round, pass the "
            "motifs alone: `list(read_motifs(path))`."
        )
    return found[0] if found else None


def _each_motif(value: Any, argument: str) -> Iterator[Motif]:
    if isinstance(value, MemeFile):
        yield from value.motifs
    elif is_single(value):
        yield _one_motif(value, "motif0", argument)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield _renamed(_one_motif(item, str(name), argument), str(name))
    elif isinstance(value, np.ndarray):
        _check_array(value, argument)
        for index, matrix in enumerate(value):
            yield _one_motif(matrix, f"filter{index}", argument)
    elif isinstance(value, Iterable) and not hasattr(value, "columns"):
        for index, item in enumerate(value):
            yield _one_motif(item, f"motif{index}", argument)
    else:
        _refuse(value, argument)


def _one_motif(item: Any, name: str, argument: str) -> Motif:
    """Return one object as a motif, by its own name where it has one."""
    if isinstance(item, Motif):
        return item
    if not is_motif(item):
        _refuse(item, argument)
    try:
        if is_from("Bio.motifs", item):
            return from_biopython(item, name)
        if is_from("pymemesuite", item):
            return from_pymemesuite(item, name)
        if is_frame(item):
            return from_logomaker(item, name)
        return Motif(item, name)
    except ValueError as error:
        raise ValueError(f"`{argument}`, motif {name!r}: {error}") from error


def _renamed(motif: Motif, name: str) -> Motif:
    return Motif(
        motif.frequencies, name, alt_name=motif.alt_name, num_sites=motif.num_sites
    )


def _check_array(array: np.ndarray[Any, Any], argument: str) -> None:
    if array.ndim == 3 and array.shape[2] == 4:
        return
    hint = ""
    if array.ndim == 3 and array.shape[1] == 4:
        hint = f" For (f, 4, width) arrays, pass `{argument}.transpose(0, 2, 1)`."
    elif array.ndim == 2 and 4 in array.shape:
        fix = f"{argument}[None]" if array.shape[1] == 4 else f"{argument}.T[None]"
        hint = f" For a single motif, pass `{fix}`."
    raise ValueError(
        f"`{argument}` must be an array of shape (f, width, 4), bases A C G T. "
        f"Received shape {array.shape}.{hint}"
    )


def _refuse(value: object, argument: str) -> NoReturn:
    hint = ""
    columns = getattr(value, "columns", None)
    if columns is not None:
        hint = f" with the columns {', '.join(map(str, columns))}"
    raise TypeError(
        f"`{argument}` must be motifs, one motif, an array (f, width, 4), a dict of "
        "arrays, Biopython motifs, DataFrames with the columns A C G T, a MemeFile, "
        "the path of a file of motifs or a database's name. Received "
        f"{type(value).__name__}{hint}."
    )
