"""What a match is worth: how much both motifs say where they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.logos import is_convincing
from keras_motif.matching._tomtom import DEFAULT_SITES
from keras_motif.matching.table import check_columns
from keras_motif.motifs import (
    Motif,
    MotifOverlap,
    MotifsLike,
    TargetsLike,
    aligned_overlap,
    as_motifs,
    known_columns,
    pool_motifs,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["convincing_rows", "knows_motifs", "match_support"]

_MAX_E_VALUE = 0.1
_MIN_SUPPORTING_BITS = 5.0  # docs/names.md says why
_ROUNDING = 1e-6  # frequencies that single precision can't tell apart


def match_support(
    matches: pd.DataFrame,
    motifs: MotifsLike | None = None,
    targets: TargetsLike | None = None,
) -> pd.DataFrame:
    """Say what supports each match, and whether that is enough for a name.

    Tomtom's E-value says how rarely columns as alike come together by chance; columns
    that say nothing are alike too, so that a motif without information matches the
    spacer of another. A match is convincing where its E-value is at most 0.1 and it is
    supported by at least 5 bits: those that both motifs share, less those that tell
    them apart. Why so, and what it is worth: the guide "What a name is worth".

    Args:
        matches: What `motif_match` returned, or rows of it, in any order.
        motifs: The motifs that were matched, trimmed if they were then. None: those
            that the table was made from, which a table read from a file, or joined
            of several, doesn't know.
        targets: The targets, as they were given to `motif_match`. None: likewise.

    Returns:
        One row per row of `matches`, with its index. Columns:

        - target_coverage, query_coverage: share of the target's and of the query's
          information that lies in the aligned columns, 0 to 1.
        - shared_bits: sum over the aligned columns of the smaller of both columns'
          information.
        - differing_bits: sum over the aligned columns of the bits that tell the two
          apart: both columns' divergence from their mean, 0 to 2 a column.
        - supporting_bits: shared less differing bits; may be negative.
        - num_sites: of the query; NaN where unknown.
        - is_convincing.

        Bits are less where sites are few, by their small-sample correction.

    Raises:
        ValueError: A column is missing; the table knows no motifs and none are given;
            a motif is missing, isn't the one that was matched, or an id stands for
            two different targets.
        TypeError: `motifs` or `targets` of a kind that cannot be used.

    Example:
        >>> from keras_motif.matching import motif_match
        >>> from keras_motif.motifs import load_jaspar
        >>> runx = load_jaspar("JASPAR2016")[0]
        >>> flat = Motif(np.full((8, 4), 0.25), "flat")
        >>> matches = motif_match([runx, flat], "JASPAR2016")
        >>> support = match_support(matches)
        >>> support["is_convincing"].groupby(matches["Query_ID"]).any().to_dict()
        {'MA0002.2': True, 'flat': False}
    """
    import pandas as pd

    check_columns(matches)
    queries = _queries(matches, motifs)
    found = _targets(matches, targets)
    weight = matches.attrs.get("settings", {}).get("pseudocount", 0.1)
    _check_consensus(matches, "Query", queries, weight)
    _check_consensus(matches, "Target", found, weight)
    known = {name: known_columns(motif) for name, motif in queries.items()}
    known_targets = {name: known_columns(motif) for name, motif in found.items()}
    overlaps = [
        aligned_overlap(known[query], known_targets[target], offset, orientation)
        for query, target, offset, orientation in _rows(
            matches, "Query_ID", "Target_ID", "Optimal_offset", "Orientation"
        )
    ]
    support = pd.DataFrame(
        [overlap[1:] for overlap in overlaps],
        columns=list(MotifOverlap._fields[1:]),
        index=matches.index,
        dtype=np.float64,
    )
    support["supporting_bits"] = support["shared_bits"] - support["differing_bits"]
    sites = [queries[name].num_sites for name in matches["Query_ID"]]
    support["num_sites"] = np.array(sites, dtype=np.float64)
    enough = support["supporting_bits"].to_numpy() >= _MIN_SUPPORTING_BITS
    support["is_convincing"] = enough & (matches["E-value"].to_numpy() <= _MAX_E_VALUE)
    return support


def knows_motifs(matches: pd.DataFrame) -> bool:
    """Return whether a table knows the motifs that it was made from."""
    return getattr(matches, "_sources", None) is not None


def convincing_rows(matches: pd.DataFrame, support: pd.DataFrame) -> pd.DataFrame:
    """Return the convincing rows of a table of matches.

    Raises:
        ValueError: `support` isn't of this table.
    """
    return matches[is_convincing(matches, support)]


def _rows(matches: pd.DataFrame, *columns: str) -> Iterable[Any]:
    return zip(*(matches[column].tolist() for column in columns), strict=True)


def _queries(matches: pd.DataFrame, motifs: Any) -> Mapping[str, Motif]:
    if motifs is None:
        known: Mapping[str, Motif] = _sources(matches, "motifs").queries
    else:
        known = {motif.name: motif for motif in as_motifs(motifs, "motifs").motifs}
    return _named(matches["Query_ID"], known, "motifs")


def _targets(matches: pd.DataFrame, targets: Any) -> Mapping[str, Motif]:
    names = set(matches["Target_ID"])
    if targets is None:
        known = dict(_sources(matches, "targets").targets)
        pool = matches.attrs.get("target_ids", ())
        twice = [name for name in names - {*known} if pool.count(name) > 1]
        _refuse_ambiguous(twice)
    else:
        known = {}
        for target in pool_motifs(targets, "targets").motifs:
            if target.name in names and known.setdefault(target.name, target) != target:
                _refuse_ambiguous([target.name])
    return _named(matches["Target_ID"], known, "targets")


def _sources(matches: pd.DataFrame, argument: str) -> Any:
    """Return what the table was made from; see `logos.match_table`."""
    sources = getattr(matches, "_sources", None)
    if sources is None:
        raise ValueError(
            f"`{argument}` must be given: the table of matches doesn't know what it "
            "was made from, as one read from a file or joined of several. Pass the "
            "motifs and the targets that were given to `motif_match`."
        )
    return sources


def _refuse_ambiguous(names: Sequence[str]) -> None:
    if names:
        raise ValueError(
            f"`targets` must have one motif of each id. Received {names[0]!r} for two "
            "different ones, so that a row doesn't say which it means. Match with one "
            "database at a time, or rename the motif in one of them."
        )


def _named(
    names: Iterable[str], known: Mapping[str, Motif], argument: str
) -> Mapping[str, Motif]:
    """Return the motifs that a table names."""
    wanted = dict.fromkeys(names)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ValueError(
            f"`{argument}` must hold every motif that `matches` names. Missing: "
            f"{', '.join(map(repr, missing[:5]))}{', ...' * (len(missing) > 5)}. Pass "
            "those that were given to `motif_match`."
        )
    return {name: known[name] for name in wanted}


def _check_consensus(
    matches: pd.DataFrame, which: str, motifs: Mapping[str, Motif], weight: float
) -> None:
    """Refuse motifs that aren't those of the table.

    Args:
        matches: The table.
        which: "Query" or "Target".
        motifs: Dict of id -> motif.
        weight: Tomtom's pseudocount, which can decide between nearly equal bases.
    """
    strands = matches["Orientation"].tolist() if which == "Target" else "+"
    names, texts = f"{which}_ID", f"{which}_consensus"
    columns = {"name": matches[names], "text": matches[texts], "strand": strands}
    distinct = matches[[]].assign(**columns).drop_duplicates()
    for name, text, strand in _rows(distinct, "name", "text", "strand"):
        motif = motifs[name]
        frequencies = motif.frequencies
        if strand == "-":
            frequencies = frequencies[::-1, ::-1]
        if not _spells(frequencies, text, _slack(motif, weight)):
            argument = "motifs" if which == "Query" else "targets"
            raise ValueError(
                f"`{argument}` must be those that were matched. Received {name!r} with "
                f"the consensus {motif.consensus!r}, in `matches` it is {text!r}"
                f"{' (reverse complement)' * (strand == '-')}. Was it trimmed before, "
                "or is it of another release? Pass what was given to `motif_match`."
            )


def _slack(motif: Motif, weight: float) -> float:
    """Return by how much a frequency can be below the largest in the consensus."""
    sites = int(motif.num_sites) if motif.num_sites else DEFAULT_SITES
    return weight / sites + _ROUNDING if sites else 1.0


def _spells(frequencies: np.ndarray[Any, Any], text: str, slack: float) -> bool:
    """Return whether a consensus can be that of `(width, 4)`."""
    bases = ["ACGT".find(letter) for letter in text]
    if len(bases) != len(frequencies) or min(bases) < 0:
        return False
    chosen = frequencies[np.arange(len(bases)), bases]
    return bool((chosen >= frequencies.max(axis=1) - slack).all())
