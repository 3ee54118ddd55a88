"""JASPAR's motifs, from the releases that pyjaspar ships, cached on disk."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np

from keras_motif.motifs._jaspar_cache import cache_path, read_cache, write_cache
from keras_motif.motifs._jaspar_database import (
    Selection,
    Table,
    parts,
    query,
    releases,
)
from keras_motif.motifs.factors import factor_names
from keras_motif.motifs.motif import Motif

__all__ = [
    "FactorFamily",
    "factor_ids",
    "jaspar_families",
    "jaspar_releases",
    "load_jaspar",
    "named_selection",
    "release_named",
]


class FactorFamily(NamedTuple):
    """What a matrix's factor is related to; empty where JASPAR says nothing.

    Attributes:
        tf_class: The factor's class, by the structure that binds DNA.
        tf_family: Its family within the class.
    """

    tf_class: str
    tf_family: str


class _Release(NamedTuple):
    """A selection of a release, kept in memory."""

    motifs: tuple[Motif, ...]
    families: dict[str, FactorFamily]


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
        release: One of `jaspar_releases()`, in any case.
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
    return list(_load(_selection(release, collection, tax_group, all_versions)).motifs)


def jaspar_families(
    release: str = "JASPAR2026",
    collection: str = "CORE",
    tax_group: str | None = "vertebrates",
    all_versions: bool = False,
) -> dict[str, FactorFamily]:
    """Return the class and the family of each matrix's factor, without a network.

    Members of a family share their motif, so a filter often matches several of them
    alike. Names are those of the release; they differ between releases
    ("Ets-related factors" became "Ets-related"). A complex of factors of several
    families has all of them, joined by "::".

    Source: TFClass (Wingender et al. 2018, NAR 46), through JASPAR and pyjaspar.

    Args:
        release: One of `jaspar_releases()`, and like all that follow as in
            `load_jaspar`.
        collection: The collection.
        tax_group: The taxonomic group.
        all_versions: Whether to include matrices that a later version replaced.

    Returns:
        Dict of matrix id with version -> class and family, a new one at each call.

    Raises:
        ValueError: As `load_jaspar`.

    Example:
        >>> jaspar_families("JASPAR2016")["MA0062.2"].tf_family  # Gabpa
        'Ets-related factors'
    """
    selection = _selection(release, collection, tax_group, all_versions)
    return dict(_load(selection).families)


def jaspar_releases() -> list[str]:
    """Return the names of the JASPAR releases at hand, the newest first.

    Example:
        >>> "JASPAR2016" in jaspar_releases()
        True
    """
    return releases()


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
        names = factor_names(motif.alt_name)
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


def release_named(value: object) -> str | None:
    """Return the release that a string names, in any case; None for no release."""
    if not isinstance(value, str):
        return None
    return next((name for name in releases() if name == value.upper()), None)


def named_selection(name: str) -> tuple[str, Selection] | None:
    """Return a release, or a part of it, that a string names; None for no release.

    "JASPAR2026" is the vertebrates' CORE, "JASPAR2026:plants" another group's,
    "JASPAR2026:all" all groups', "JASPAR2026:UNVALIDATED" another collection.

    Returns:
        The name as it is spelled, and what it stands for.

    Raises:
        ValueError: The release has neither such a group nor such a collection.
    """
    first, colon, part = name.partition(":")
    release = release_named(first)
    if release is None:
        return None
    if not colon:
        return release, _selection(release, "CORE", "vertebrates", False)
    collections, groups = parts(release)
    group, collection = part.lower(), part.upper()
    if group in (*groups, "all"):
        known = None if group == "all" else group
        return f"{release}:{group}", _selection(release, "CORE", known, False)
    if collection in collections:
        wanted = _selection(release, collection, None, False)
        return f"{release}:{collection}", wanted
    raise ValueError(
        f"{release} has the groups {', '.join(groups)} (or all), and the collections "
        f"{', '.join(collections)}. Received {part!r}."
    )


def _selection(
    release: str, collection: str, tax_group: str | None, all_versions: bool
) -> Selection:
    group = None if tax_group is None else tax_group.lower()
    return Selection(release.upper(), collection.upper(), group, bool(all_versions))


@cache
def _load(selection: Selection) -> _Release:
    path = cache_path(selection)
    table = None if path is None else read_cache(path)
    if table is None:
        table = query(selection)
        if path is not None:
            write_cache(path, table)
    pairs = zip(table.tf_classes, table.tf_families, strict=True)
    families = dict(zip(table.names, (FactorFamily(*p) for p in pairs), strict=True))
    return _Release(_motifs(table), families)


def _motifs(table: Table) -> tuple[Motif, ...]:
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
