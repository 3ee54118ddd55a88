"""How the page's motifs were made: facts, a paragraph to paste, and what to cite."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from typing import Any, NamedTuple

__all__ = ["Methods", "methods"]

_NETWORKS = (
    "Koo PK, Ploenzke M (2021) Improving representations of genomic sequence motifs in "
    "convolutional networks with exponential activations. Nature Machine Intelligence "
    "3:258-266. doi:10.1038/s42256-020-00291-x"
)
_TOMTOM = (
    "Gupta S, Stamatoyannopoulos JA, Bailey TL, Noble WS (2007) Quantifying similarity "
    "between motifs. Genome Biology 8:R24. doi:10.1186/gb-2007-8-2-r24"
)
_JASPAR = {
    "JASPAR2016": "Mathelier A et al. (2016) JASPAR 2016. Nucleic Acids Research "
    "44:D110-D115. doi:10.1093/nar/gkv1176",
    "JASPAR2018": "Khan A et al. (2018) JASPAR 2018. Nucleic Acids Research "
    "46:D260-D266. doi:10.1093/nar/gkx1126",
    "JASPAR2020": "Fornes O et al. (2020) JASPAR 2020. Nucleic Acids Research "
    "48:D87-D92. doi:10.1093/nar/gkz1001",
    "JASPAR2022": "Castro-Mondragon JA et al. (2022) JASPAR 2022. Nucleic Acids "
    "Research 50:D165-D173. doi:10.1093/nar/gkab1113",
    "JASPAR2024": "Rauluseviciute I et al. (2024) JASPAR 2024. Nucleic Acids Research "
    "52:D174-D182. doi:10.1093/nar/gkad1059",
    "JASPAR2026": "JASPAR 2026. Nucleic Acids Research, database issue (2026). "
    "PMC12807658",
}
_DISTANCES = {
    "pearson": "Pearson correlation",
    "ed": "Euclidean distance",
    "allr": "average log-likelihood ratio",
    "blic1": "Bayesian likelihood 2-component score, 1 component",
    "blic5": "Bayesian likelihood 2-component score, 5 components",
    "kullback": "Kullback-Leibler divergence",
    "sandelin": "Sandelin-Wasserman similarity",
}


class Methods(NamedTuple):
    """How the page was made.

    Attributes:
        facts: Rows of the table: what, and of each run its value.
        text: A paragraph for the methods of a paper.
        references: What it cites.
    """

    facts: list[tuple[str, list[str]]]
    text: str
    references: list[str]


def methods(
    made: Sequence[Mapping[str, object]],
    *,
    database: str,
    settings: Sequence[Mapping[str, Any]],
    is_judged: bool,
) -> Methods:
    """Tell how the page was made.

    Args:
        made: Of each run, what is known of how its motifs were read.
        database: What they were compared with; empty where with nothing.
        settings: Of each table of matches, the options of `motif_match`.
        is_judged: Whether the matches were judged.

    Returns:
        Facts, text and references.
    """
    known = list(dict.fromkeys(name for run in made for name in run))
    facts = [(name, [_value(run.get(name)) for run in made]) for name in known]
    number = len(made)
    if database:
        facts.append(("Database", [database] * number))
        facts.append(("Matching", [_matching(settings, "")] * number))
    own = f"keras-motif {version('keras-motif')}"
    python = ".".join(map(str, sys.version_info[:3]))
    facts.append(("Written by", [f"{own}, Python {python}"] * number))
    facts.append(("Date", [date.today().isoformat()] * number))
    text = f"Filters of the network were turned into motifs with {own} [1]."
    text += _reading(made)
    references = [_NETWORKS]
    if database:
        references.append(_TOMTOM)
        release = _JASPAR.get(database.partition(" ")[0])
        matching = _matching(settings, " [2]")
        cited = f" [{len(references) + 1}]" if release else ""
        text += f" They were compared with {database}{cited} by {matching}."
        references += [release] if release else []
        if is_judged:
            text += (
                " A filter has a convincing name where a match has an E-value of at "
                "most 0.1 and at least 5 bits of support: information that both motifs "
                "share in the columns compared, less that in which they differ."
            )
    numbered = [f"[{place}] {entry}" for place, entry in enumerate(references, start=1)]
    return Methods(facts, text, numbered)


def _reading(made: Sequence[Mapping[str, object]]) -> str:
    """Return the sentence on the sites, where all runs know and agree."""
    keys = ("Layer", "A site is", "Sequences", "Windows")
    rules = {tuple(run.get(key) for key in keys) for run in made}
    if len(rules) != 1 or None in (rule := rules.pop()):
        return ""
    layer, site, sequences, windows = map(_value, rule)
    return (
        f" Read was {layer}. A site is {site}; each filter was looked for in {windows} "
        f"windows of {sequences} sequences, and its motif counted from its sites."
    )


def _matching(settings: Sequence[Mapping[str, Any]], cited: str) -> str:
    """Return by what the motifs were compared, as far as the tables know and agree."""
    text = f"Tomtom's statistics{cited}"
    options = {_settings_text(one) for one in settings}
    return text + (options.pop() if len(options) == 1 else "")


def _settings_text(settings: Mapping[str, Any]) -> str:
    if not {"distance", "threshold", "threshold_on"} <= set(settings):
        return ""
    distance = str(settings["distance"])
    letter = settings["threshold_on"][0].upper()
    strands = "both strands" if settings.get("reverse_complement") else "one strand"
    return (
        f": {_DISTANCES.get(distance, distance)}, {strands}, "
        f"{letter} ≤ {settings['threshold']:g}"
    )


def _value(value: object) -> str:
    if value is None or value == "":
        return "\N{EN DASH}"
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:,}" if is_number else str(value)
