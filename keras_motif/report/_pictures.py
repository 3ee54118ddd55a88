"""The logos of a page, whose letters stand in it once however often they are shown."""

from __future__ import annotations

from collections.abc import Mapping

from keras_motif.letters import PlacedLogo, svg_picture
from keras_motif.logos import (
    align,
    film_letters,
    oriented,
    spelled_consensus,
    svg_letters,
    target_label,
)
from keras_motif.motifs import Motif
from keras_motif.sequences import ALPHABET

__all__ = ["Pictures"]


class Pictures:
    """Draws logos; each motif's letters stand once in the page, however often used.

    Attributes:
        targets: Dict of id -> target.
        alphabet: "ACGT", or "ACGU" for RNA.
        definitions: Dict of id -> the letters that pictures refer to by it.
    """

    def __init__(self, targets: Mapping[str, Motif], alphabet: str = ALPHABET) -> None:
        self.targets = targets
        self.alphabet = alphabet
        self.definitions: dict[str, str] = {}  # by id
        self._ids: dict[tuple[Motif, bool], str] = {}

    def alone(self, motif: Motif) -> str:
        """Return the logo of one motif."""
        label = f"Logo of {motif.name}, consensus {self.consensus(motif)}"
        return svg_picture([self._placed(motif, 0)], label)

    def aligned(self, query: Motif, target: Motif, offset: int, strand: str) -> str:
        """Return a query's logo above its target's, as Tomtom aligned them."""
        placed = align(query.width, target.width, offset)
        shown = oriented(target, strand)
        logos = [
            self._placed(query, placed.query_start),
            self._placed(shown, placed.target_start),
        ]
        reverse = ", reverse complement," if strand == "-" else ""
        label = (
            f"Logo of {query.name}, consensus {self.consensus(query)}, above the "
            "logo of "
            f"{target_label(target.name, target)}{reverse} consensus "
            f"{self.consensus(shown)}; {placed.overlap} columns overlap"
        )
        first = placed.overlap_start
        return svg_picture(logos, label, range(first, first + placed.overlap))

    def small(self, motif: Motif, label: str) -> str:
        """Return the logo of one motif without the letters too low for a film."""
        return svg_picture([self._placed(motif, 0, small=True)], label)

    def consensus(self, motif: Motif) -> str:
        """Return a motif's consensus in the page's letters."""
        return spelled_consensus(motif, self.alphabet)

    def _placed(self, motif: Motif, start: int, small: bool = False) -> PlacedLogo:
        key = motif, small
        if key not in self._ids:
            self._ids[key] = f"motif-{len(self._ids)}"
            draw = film_letters if small else svg_letters
            letters = draw(motif, prefix="base-", alphabet=self.alphabet)
            self.definitions[self._ids[key]] = f'<g id="{self._ids[key]}">{letters}</g>'
        reference = f'<use href="#{self._ids[key]}"/>'
        return PlacedLogo(start, motif.width, reference)
