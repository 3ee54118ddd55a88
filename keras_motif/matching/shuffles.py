"""How many names chance would give: the same motifs with their columns shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_motif._checks import check_count
from keras_motif.matching.fractions import leave_out
from keras_motif.matching.match import motif_match
from keras_motif.matching.support import convincing_rows, match_support
from keras_motif.motifs import Motif, MotifsLike, TargetsLike, as_motifs

__all__ = ["ShuffledShare", "shuffled_share"]

_ENOUGH = 1500  # shuffled motifs
_MOST_SHUFFLES = 10


class ShuffledShare(NamedTuple):
    """What share of shuffled motifs would be named, each from 0 to 1.

    Attributes:
        convincing: Those with a match that `match_support` calls convincing.
        tomtom: Those with any match in Tomtom's table; by default at an E-value up to
            0.1.
    """

    convincing: float
    tomtom: float


def shuffled_share(
    motifs: MotifsLike,
    targets: TargetsLike = "JASPAR2026",
    *,
    num_shuffles: int | None = None,
    seed: int | np.random.Generator = 0,
    exclude: Sequence[str] = (),
    **options: Any,
) -> ShuffledShare:
    """Return what share of the motifs would be named with their columns shuffled.

    A null for the share of filters with a name, which needs no model: each motif keeps
    its columns, so its information and its bases, and loses their order. What is named
    then is named by chance.

    Args:
        motifs: The motifs as they are matched, so trimmed where the others were; of
            whatever kind `motif_match` takes.
        targets: See `motif_match`.
        num_shuffles: How often each motif is shuffled, 1 or more. None: ten times;
            of more than 150 motifs, as often as gives at most 1,500 shuffled ones, but
            once at least. So the shares' standard error is at most .018.
        seed: Of the shuffles, a number or a Generator.
        exclude: Ids or factors of targets that don't count, as in `match_fractions`.
        **options: Those of `motif_match`, as the motifs were matched.

    Returns:
        Two shares of all shuffled motifs; 0 of no motifs.

    Raises:
        ValueError: `num_shuffles` below 1, an id that stands for two targets, or what
            `motif_match` raises.
        TypeError: As `motif_match`.

    Example:
        >>> from keras_motif.motifs import load_jaspar
        >>> share = shuffled_share(load_jaspar("JASPAR2016")[:20], "JASPAR2016")
        >>> share.convincing <= share.tomtom < 0.2
        True
    """
    random = np.random.default_rng(seed)
    found = as_motifs(motifs, "motifs")
    if num_shuffles is None:
        enough = _ENOUGH // max(len(found.motifs), 1)
        num_shuffles = min(max(enough, 1), _MOST_SHUFFLES)
    check_count(num_shuffles, "num_shuffles")
    copies = [
        Motif(
            random.permutation(motif.frequencies),
            f"{motif.name}/{number}",
            num_sites=motif.num_sites,
        )
        for motif in found.motifs
        for number in range(num_shuffles)
    ]
    # With the alphabet and the background that the motifs came with.
    matches = motif_match(found._replace(motifs=copies), targets, **options)
    matches = leave_out(matches, exclude)
    good = convincing_rows(matches, match_support(matches))
    num_copies = max(len(copies), 1)
    return ShuffledShare(
        good["Query_ID"].nunique() / num_copies,
        matches["Query_ID"].nunique() / num_copies,
    )
