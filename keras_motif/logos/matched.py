"""Motifs beside the table of their matches, as pictures and the report take them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from keras_motif.motifs import Motif, TargetsLike, is_dead, pool_motifs
from keras_motif.sequences import ALPHABET, RNA_ALPHABET, check_alphabet

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "check_matches",
    "is_convincing",
    "letters_to_draw",
    "listed_motifs",
    "panel_titles",
    "target_label",
    "target_motifs",
]

_MATCH_COLUMNS = ("Query_ID", "Target_ID", "Optimal_offset", "Orientation")
_TITLE_LENGTH = 30  # characters that fit above a panel

Worth = Literal["convincing", "weak", "not judged"]


class BestMatch(NamedTuple):
    """The match that a motif is shown with: its best convincing one, else its best.

    Attributes:
        target_id: The target.
        worth: What it is worth; "not judged" where no support is given.
    """

    target_id: str
    worth: Worth


class PanelTitle(NamedTuple):
    """The title of a motif's picture.

    Attributes:
        text: The motif's name and, on a second line, its match.
        is_pale: Whether the match is no convincing one.
    """

    text: str
    is_pale: bool


def listed_motifs(motifs: Iterable[Motif]) -> list[Motif]:
    """Return the motifs as a list.

    Raises:
        ValueError: There is none.
        TypeError: Something other than motifs.
    """
    if isinstance(motifs, Motif):
        raise TypeError(
            "`motifs` must be a list of motifs. Received one motif; pass `[motif]`."
        )
    listed = list(motifs)
    for index, motif in enumerate(listed):
        if not isinstance(motif, Motif):
            raise TypeError(
                "`motifs` must hold `keras_motif.Motif` objects. Received "
                f"{type(motif).__name__} at index {index}."
            )
    if not listed:
        raise ValueError("`motifs` must hold at least one motif. Received none.")
    return listed


def target_motifs(targets: TargetsLike | None) -> dict[str, Motif]:
    """Return a database's motifs by their ids.

    Args:
        targets: What `motif_match` takes as targets; None for no motif.

    Raises:
        ValueError: As in `motif_match`.
        TypeError: As in `motif_match`.
    """
    if targets is None:
        return {}
    # Of one id in two databases, the first stays.
    pool = reversed(pool_motifs(targets, "targets").motifs)
    return {target.name: target for target in pool}


def target_label(target_id: str, target: Motif | None) -> str:
    """Return "CTCF (MA0139.1)" where the factor is known, else "MA0139.1"."""
    if target is None or target.alt_name in ("", target_id):
        return target_id
    return f"{target.alt_name} ({target_id})"


def letters_to_draw(alphabet: str | None, tables: Iterable[pd.DataFrame | None]) -> str:
    """Return the letters of logos: those asked for, else those of the matches.

    Args:
        alphabet: "ACGT", "ACGU", or None.
        tables: What `motif_match` returned; one that was read from a file knows no
            alphabet. Where one is of RNA, the letters are RNA's.

    Raises:
        ValueError: Another `alphabet`.
    """
    if alphabet is not None:
        check_alphabet(alphabet)
        return alphabet
    settings = [getattr(table, "attrs", {}).get("settings", {}) for table in tables]
    is_rna = any(known.get("alphabet") == RNA_ALPHABET for known in settings)
    return RNA_ALPHABET if is_rna else ALPHABET


def check_matches(motifs: Sequence[Motif], matches: pd.DataFrame) -> None:
    """Raise unless `matches` can be the matches of `motifs`.

    Raises:
        ValueError: A column is missing, a query is not among the motifs, or two
            motifs have one name.
    """
    missing = [column for column in _MATCH_COLUMNS if column not in matches.columns]
    if missing:
        raise ValueError(
            "`matches` must be a table that `motif_match` returned. It lacks the "
            f"columns {', '.join(missing)}. Received {', '.join(map(str, matches))}."
        )
    names = [motif.name for motif in motifs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            "`motifs` must have a different `name` each, since `matches` tells them "
            f"apart by it. Received {repeated[0]!r} more than once."
        )
    unknown = sorted(set(matches["Query_ID"]) - set(names))
    if unknown:
        raise ValueError(
            "`matches` must be the matches of `motifs`. Its Query_ID holds "
            f"{unknown[0]!r} ({len(unknown)} such), which is not among the motifs' "
            f"names: {', '.join(names[:3])}, ... Pass the motifs that were matched."
        )


def is_convincing(
    matches: pd.DataFrame, support: pd.DataFrame
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which rows of a table of matches are convincing.

    Args:
        matches: What `motif_match` returned, or rows of it.
        support: What `match_support` returned for them, in the same order.

    Raises:
        ValueError: `support` isn't of these rows.
    """
    column = getattr(support, "columns", ())
    if "is_convincing" not in column or not support.index.equals(matches.index):
        raise ValueError(
            "`support` must be what `match_support` returned for these matches, row by "
            f"row. Received {type(support).__name__} with the columns "
            f"{', '.join(map(str, column)) or 'none'}, {len(support)} rows for "
            f"{len(matches)} matches. Pass `support=match_support(matches)`."
        )
    return support["is_convincing"].to_numpy(dtype=bool)


def best_matches(
    matches: pd.DataFrame, support: pd.DataFrame | None
) -> dict[str, BestMatch]:
    """Return the match that each matched motif is shown with, by its name.

    Args:
        matches: What `motif_match` returned, best first.
        support: What `match_support` returned for it; None where it isn't known.

    Raises:
        ValueError: As `is_convincing`.
    """
    other: Worth = "not judged" if support is None else "weak"
    good = np.zeros(len(matches), dtype=bool)
    if support is not None:
        good = is_convincing(matches, support)
    found: dict[str, BestMatch] = {}
    rows = zip(matches["Query_ID"], matches["Target_ID"], good, strict=True)
    for query, target, convinces in rows:
        before = found.get(query)
        if before is None or (convinces and before.worth != "convincing"):
            worth: Worth = "convincing" if convinces else other
            found[query] = BestMatch(target, worth)
    return found


def panel_titles(
    motifs: Sequence[Motif],
    matches: pd.DataFrame | None,
    support: pd.DataFrame | None,
    targets: TargetsLike | None,
) -> list[PanelTitle]:
    """Return one title per motif.

    Raises:
        ValueError: `matches` that are not of these motifs, `support` of others, or as
            `target_motifs`.
        TypeError: As `target_motifs`.
    """
    if matches is None:
        return [PanelTitle(_shortened(motif.name), False) for motif in motifs]
    check_matches(motifs, matches)
    known = target_motifs(targets)
    best = best_matches(matches, support)
    titles = []
    for motif in motifs:
        second, is_pale = "" if is_dead(motif) else "no match", True
        if match := best.get(motif.name):
            second = target_label(match.target_id, known.get(match.target_id))
            is_pale = match.worth != "convincing"
            second = f"{match.worth}: {second}" if is_pale else second
        text = f"{_shortened(motif.name)}\n{_shortened(second)}"
        titles.append(PanelTitle(text, is_pale))
    return titles


def _shortened(text: str) -> str:
    if len(text) <= _TITLE_LENGTH:
        return text
    return text[: _TITLE_LENGTH - 1] + "…"
