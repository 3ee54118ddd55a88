"""Which known motifs a motif resembles: Tomtom's comparison of motifs of any kind."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_motif._progress import progress_bar
from keras_motif.matching import _tomtom as tomtom
from keras_motif.matching._targets import consensus, entry_consensus, pool_targets
from keras_motif.matching._workers import num_threads
from keras_motif.matching.column_scores import DISTANCES
from keras_motif.matching.table import Rows
from keras_motif.motifs import (
    Motif,
    MotifsLike,
    TargetsLike,
    as_motifs,
    factor_of,
    pool_motifs,
)
from keras_motif.sequences import ALPHABET, RNA_ALPHABET

if TYPE_CHECKING:
    import pandas as pd
    from tqdm import tqdm

__all__ = ["motif_match"]

Array = np.ndarray[Any, Any]

_CRITERIA = ("evalue", "qvalue", "pvalue")
_WEIGHED = ("blic1", "blic5", "llr1", "llr5")  # by the number of sites
_UNIFORM = (0.25, 0.25, 0.25, 0.25)


def motif_match(
    queries: MotifsLike,
    targets: TargetsLike = "JASPAR2026",
    *,
    distance: str = "ed",
    threshold: float = 0.1,
    threshold_on: tomtom.Criterion = "evalue",
    min_overlap: int = 1,
    internal: bool = False,
    reverse_complement: bool | None = None,
    pseudocount: float = 0.1,
    background: Sequence[float] | Array | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Say which known motifs each query resembles, with Tomtom's numbers.

    Equal to `tomtom` of MEME Suite 5.4.1 in every printed digit. It hides nothing: a
    uniform query can match targets with spacer columns, as in the program. As there,
    q-values depend on the order of the queries, and p-values on all targets; with
    fewer than about 50 targets they are rough.

    Source: Gupta et al. (2007), Genome Biology 8:R24; Tanaka et al. (2011),
    Bioinformatics 27:1603.

    Args:
        queries: Motifs, one motif, an array of shape `(f, width, 4)`, a dict of name
            -> array `(width, 4)`, Biopython or pymemesuite motifs, DataFrames with
            the columns A C G T, a `MemeFile`, or a file's path. Elements of an
            array are named filter0, filter1, ...
        targets: The same, or the name of a database, in any case: a JASPAR release, or
            one that was added by `add_database`; or a list of several of these, which
            are pooled.
        distance: "ed", "pearson", "allr", "kullback", "sandelin", "blic1", "blic5",
            "llr1" or "llr5".
        threshold: Largest value to report, finite and above 0. p- and q-values are
            compared in single precision, so that one printed as 0.1 is kept at 0.1.
        threshold_on: What the threshold is on: "evalue", "qvalue" or "pvalue".
        min_overlap: Fewest aligned positions, 1 or more; the narrower motif's width
            where that is less.
        internal: Whether the narrower motif must lie wholly inside the wider.
        reverse_complement: Whether to compare with both strands of the targets.
            None: with one where queries or targets are known to be RNA (a MEME file
            with the alphabet ACGU), else with both, whatever strands a file names.
        pseudocount: Sites to add to each position, shared out by the background;
            finite, 0 or more. `num_sites` None or 0 counts as 20 sites.
        background: Frequencies of A C G T. None stands for those of the query file
            where there is one, else uniform.
        workers: How many threads share the queries, 1 or more; None: as many as this
            process may use, 8 at most. Results don't depend on it.
        progress: Whether to show a progress bar on standard error; None shows one
            after two seconds, on a terminal or in a notebook only.

    Returns:
        One row per match, by query in their order, best match first. Columns as
        Tomtom's: Query_ID, Target_ID, Optimal_offset, p-value, E-value, q-value,
        Overlap, Query_consensus, Target_consensus, Orientation. p- and q-values are
        float32, as the program keeps them, E-values float64. No queries give an
        empty table. `attrs["target_ids"]` holds the ids of all targets,
        `attrs["target_factors"]` their factors and `attrs["settings"]` the options,
        and "alphabet": "ACGU" where queries or targets are RNA, else "ACGT";
        consensus strings have T either way. Where a notebook displays the table, each
        row shows its logos, aligned.

    Raises:
        ValueError: An option out of range, an unknown database, a value that is no
            motif, two motifs of one name, no target, DNA beside RNA among the
            targets, or an entry of 0 under "kullback".
        TypeError: `queries` or `targets` of a kind that cannot be used.

    Warns:
        UserWarning: Motifs with an entry of 0 under "allr", which the program leaves
            out; under "blic" and "llr" queries of which every p-value is 1, as in the
            program.

    Example:
        >>> from keras_motif.motifs import load_jaspar
        >>> runx = load_jaspar("JASPAR2016")[0]
        >>> matches = motif_match(runx, "JASPAR2016")
        >>> matches.loc[0, ["Target_ID", "Query_consensus", "Orientation"]].tolist()
        ['MA0002.2', 'GTCTGTGGTTT', '+']
    """
    _check_options(distance, threshold, threshold_on, min_overlap, pseudocount)
    threads = num_threads(workers)
    found = as_motifs(queries, "queries")
    pool = pool_motifs(targets, "targets")
    if not pool.motifs:
        raise ValueError("`targets` must hold at least one motif. Received none.")
    is_rna = found.is_rna or pool.is_rna
    both_strands = not is_rna if reverse_complement is None else reverse_complement
    if background is None:
        background = _UNIFORM if found.background is None else found.background
    # The program smooths a query file's background twice, the targets' once more.
    prior = tomtom.smooth_background(_checked_background(background))
    prior = tomtom.smooth_background(prior)
    smoothed = _smooth(found.motifs, pseudocount, prior)
    database = _smooth(pool.motifs, pseudocount, tomtom.smooth_background(prior))
    smoothed = _usable(smoothed, distance, "queries")
    database = _usable(database, distance, "targets")
    rows = Rows(threshold, threshold_on)
    if smoothed and database:
        entries = pool_targets(
            [target.frequencies for target in database],
            [target.num_sites for target in database],
            [target.name for target in database],
            reverse_complement=both_strands,
        )
        comparisons = tomtom.compare(
            [query.frequencies for query in smoothed],
            [query.num_sites for query in smoothed],
            entries,
            distance=distance,
            background=prior,
            min_overlap=min_overlap,
            internal=internal,
            num_threads=threads,
        )
        names = [query.name for query in smoothed]
        blind: list[str] = []
        with progress_bar("Comparing", "motifs", len(names), progress) as bar:
            rows.extend(
                names,
                [consensus(query.frequencies) for query in smoothed],
                _noted(names, comparisons, blind, bar),
                [target.name for target in database],
                entry_consensus(entries),
            )
        if blind and distance in _WEIGHED:
            _warn_of_blind(blind, distance)
    alphabet = RNA_ALPHABET if is_rna else ALPHABET
    table = rows.table(found.motifs, pool.motifs, alphabet, pool.families)
    table.attrs["target_ids"] = tuple(motif.name for motif in pool.motifs)
    table.attrs["target_factors"] = tuple(
        factor_of(motif.name, motif.alt_name) for motif in pool.motifs
    )
    table.attrs["settings"] = {
        "distance": distance,
        "threshold": threshold,
        "threshold_on": threshold_on,
        "min_overlap": min_overlap,
        "internal": internal,
        "reverse_complement": bool(both_strands),
        "alphabet": alphabet,
        "pseudocount": pseudocount,
        "background": tuple(float(share) for share in background),
    }
    return table


def _noted(
    names: list[str],
    comparisons: Iterable[tomtom.Comparison],
    blind: list[str],
    bar: tqdm[Any],
) -> Iterator[tomtom.Comparison]:
    """Hand comparisons on, count them, and note queries that nothing can match."""
    for name, comparison in zip(names, comparisons, strict=True):
        if comparison.p_values.min() >= 1:
            blind.append(name)
        bar.update()
        yield comparison


def _warn_of_blind(blind: list[str], distance: str) -> None:
    listed = ", ".join(map(repr, blind[:5])) + ", ..." * (len(blind) > 5)
    warnings.warn(
        f"The distance {distance!r} weighs columns by their numbers of sites. Where "
        "these are large or differ much, every p-value is 1, as in the program, even "
        f"of a motif against itself: so for {len(blind)} queries ({listed}). Choose "
        'another distance, such as "ed", or give all motifs one `num_sites`: 20 is '
        "Tomtom's own.",
        UserWarning,
        stacklevel=3,
    )


class _Smoothed(NamedTuple):
    """A motif as Tomtom compares it: with pseudocount, 0 sites where unknown."""

    name: str
    frequencies: Array
    num_sites: float


def _smooth(motifs: list[Motif], pseudocount: float, prior: Array) -> list[_Smoothed]:
    smoothed = []
    for motif in motifs:
        sites = float(motif.num_sites or 0)
        frequencies = tomtom.smooth(motif.frequencies, sites, pseudocount, prior)
        smoothed.append(_Smoothed(motif.name, frequencies, sites))
    return smoothed


def _usable(motifs: list[_Smoothed], distance: str, argument: str) -> list[_Smoothed]:
    """Leave out motifs that a distance cannot be computed for: log 0 has no value."""
    if distance not in ("allr", "kullback"):
        return motifs
    empty = [motif.name for motif in motifs if not motif.frequencies.all()]
    if not empty:
        return motifs
    listed = ", ".join(repr(name) for name in empty[:5]) + ", ..." * (len(empty) > 5)
    if distance == "kullback":
        raise ValueError(
            "The distance 'kullback' has no value where a frequency is 0. Received "
            f"such `{argument}`: {listed}. Pass `pseudocount` above 0."
        )
    warnings.warn(
        f"The distance {distance!r} has no value where a frequency is 0, so these "
        f"`{argument}` are left out, as in Tomtom: {listed}. Pass `pseudocount` above "
        "0 to keep them.",
        UserWarning,
        stacklevel=3,
    )
    return [motif for motif in motifs if motif.frequencies.all()]


def _check_options(
    distance: str,
    threshold: float,
    threshold_on: str,
    min_overlap: int,
    pseudocount: float,
) -> None:
    if distance not in DISTANCES:
        raise ValueError(
            f"`distance` must be one of {', '.join(DISTANCES)}. Received {distance!r}."
        )
    if threshold_on not in _CRITERIA:
        raise ValueError(
            f"`threshold_on` must be one of {', '.join(_CRITERIA)}. Received "
            f"{threshold_on!r}."
        )
    if not 0 < threshold < np.inf:
        raise ValueError(
            f"`threshold` must be a finite number above 0. Received {threshold!r}."
        )
    whole = isinstance(min_overlap, int | np.integer)
    if not whole or isinstance(min_overlap, bool) or min_overlap < 1:
        raise ValueError(
            "`min_overlap` must be a whole number of positions, 1 or more. Received "
            f"{min_overlap!r}."
        )
    if not 0 <= pseudocount < np.inf:
        raise ValueError(
            "`pseudocount` must be a finite number of sites, 0 or more. Received "
            f"{pseudocount!r}."
        )


def _checked_background(background: object) -> Array:
    array = np.asarray(background, dtype=np.float64)
    inside = array.shape == (4,) and bool(((array >= 0) & (array <= 1)).all())
    if not inside or abs(array.sum() - 1) > 0.1:
        raise ValueError(
            "`background` must be four frequencies, of A C G T, that sum to 1. "
            f"Received {background!r}."
        )
    return array
