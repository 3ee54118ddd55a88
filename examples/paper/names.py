"""How the scripts names_*.py read motifs and count names."""

import warnings
from typing import NamedTuple

import numpy as np
import protocol

import keras_motif as km


class Database(NamedTuple):
    """Where the targets come from: the arguments of `load_jaspar`."""

    release: str
    tax_group: str = "vertebrates"

    def load(self):
        """Return the targets."""
        return km.load_jaspar(self.release, tax_group=self.tax_group)


# The rule was chosen by what it does against the first.
DATABASES = {
    "JASPAR2016": Database("JASPAR2016"),
    "JASPAR2026": Database("JASPAR2026"),
    "JASPAR2026 plants": Database("JASPAR2026", "plants"),
}


class Names(NamedTuple):
    """Shares of all motifs: those with a match of Tomtom's, and with a convincing one.

    `relevant_` counts matches of the factors that a network was trained on.
    """

    tomtom: float
    convincing: float
    relevant_tomtom: float
    relevant_convincing: float


def readable(motifs):
    """Return the motifs as the callback matches them."""
    trimmed = [motif.trim() for motif in motifs]
    return [m for m in trimmed if m.num_sites and (m.information() > 0.5).any()]


def count_names(motifs, targets, relevant=None):
    """Count the names of motifs, untrimmed; Gmeb1 and its like count as any match."""
    matches = km.motif_match(readable(motifs), targets)
    convincing = matches[km.match_support(matches)["is_convincing"]]
    with warnings.catch_warnings():
        # An older release lacks some of the ids.
        warnings.filterwarnings("ignore", message="The database lacks these")
        fractions = [
            km.match_fractions(rows, len(motifs), relevant, exclude=())
            for rows in (matches, convincing)
        ]
    first, second = fractions
    return Names(first.any, second.any, first.relevant, second.relevant)


def sample_motif(motif, num_sites, random):
    """Return a motif counted from sites that are drawn from another."""
    shares = motif.frequencies / motif.frequencies.sum(axis=1, keepdims=True)
    counts = random.multinomial(num_sites, shares)
    return km.Motif(counts / num_sites, motif.name, num_sites=num_sites)


def best_columns(motif, width):
    """Return a motif's neighbouring columns with the most information."""
    sums = np.convolve(motif.information(), np.ones(min(width, motif.width)), "valid")
    start = int(sums.argmax())
    columns = motif.frequencies[start : start + width]
    return km.Motif(columns, motif.name, num_sites=motif.num_sites)


def keep_their_name(motifs, targets):
    """Return the shares of motifs that match their own id: by Tomtom, convincingly.

    Another version of the same id counts.
    """
    matches = km.motif_match([motif.trim() for motif in motifs], targets)
    own = protocol.base_ids(matches) == matches["Query_ID"].str.split(".").str[0]
    convincing = own & km.match_support(matches)["is_convincing"]
    names = matches["Query_ID"]
    return tuple(names[rows].nunique() / len(motifs) for rows in (own, convincing))
