"""The names of known motifs, given to the motifs that match them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from keras_motif.matching.table import check_columns
from keras_motif.motifs import Motif, pool_motifs

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["annotate"]


def annotate(
    motifs: Iterable[Motif], matches: pd.DataFrame, targets: Any = None
) -> list[Motif]:
    """Give each motif the name of its best match as its alternate name.

    So that MEME files, logos and other programs show what a filter is.

    Args:
        motifs: The motifs that were matched, or the same before trimming.
        matches: What `motif_match` returned for them.
        targets: The targets, as they were given to `motif_match`: the name is then
            the factor ("CTCF") where the target has one. None takes the target's id.

    Returns:
        New motifs in the same order; those without a match are as they were.

    Raises:
        ValueError: A column is missing, or `targets` cannot be used.
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
    best = matches.drop_duplicates("Query_ID")
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
