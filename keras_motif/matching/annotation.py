"""The names of known motifs, given to the motifs that match them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from keras_motif.matching.support import convincing_rows, knows_motifs, match_support
from keras_motif.matching.table import check_columns
from keras_motif.motifs import Motif, TargetsLike, pool_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["annotate"]


def annotate(
    motifs: Iterable[Motif],
    matches: pd.DataFrame,
    targets: TargetsLike | None = None,
    *,
    support: pd.DataFrame | None = None,
) -> list[Motif]:
    """Give each motif the name of its best convincing match as its alternate name.

    So that MEME files, logos and other programs show what a filter is.

    Args:
        motifs: The motifs that were matched, or the same before trimming.
        matches: What `motif_match` returned for them.
        targets: The targets, as they were given to `motif_match`: the name is then
            the factor ("CTCF") where the target has one. None takes the target's id.
        support: What `match_support` returned for `matches`. None: it is called, which
            a table from a file, or joined of several, doesn't allow.

    Returns:
        New motifs in the same order; those without a convincing match are as they
        were.

    Raises:
        ValueError: A column is missing, `targets` cannot be used, or `support` is
            missing or of another table.
        TypeError: `targets` of a kind that cannot be used.

    Example:
        >>> from keras_motif.matching import motif_match
        >>> from keras_motif.motifs import load_jaspar
        >>> known = load_jaspar("JASPAR2016")
        >>> motif = Motif(known[0].frequencies, "filter0")
        >>> annotate([motif], motif_match(motif, known), known)[0].alt_name
        'RUNX1'
    """
    check_columns(matches)
    if support is None:
        if not knows_motifs(matches):
            raise ValueError(
                "`support` must be given: the table of matches doesn't know what it "
                "was made from, as one read from a file or joined of several. Pass "
                "`support=match_support(matches, motifs, targets)`, with the motifs "
                "and targets that were given to `motif_match`."
            )
        support = match_support(matches)
    best = convincing_rows(matches, support).drop_duplicates("Query_ID")
    found = dict(zip(best["Query_ID"], best["Target_ID"], strict=True))
    pool = [] if targets is None else pool_motifs(targets, "targets").motifs
    factors = {target.name: target.alt_name for target in pool}
    named = []
    for motif in motifs:
        if target := found.get(motif.name):
            motif = Motif(
                motif.frequencies,
                motif.name,
                alt_name=factors.get(target) or target,
                num_sites=motif.num_sites,
            )
        named.append(motif)
    return named
