"""Pictures of motifs and of their matches."""

from keras_motif.logos.filmstrip import (
    check_snapshots,
    film_letters,
    filmstrip_svg,
    shown_epochs,
)
from keras_motif.logos.heatmap import plot_match_heatmap
from keras_motif.logos.layout import align, oriented, spelled_consensus
from keras_motif.logos.matched import (
    check_matches,
    is_convincing,
    letters_to_draw,
    listed_motifs,
    target_label,
    target_motifs,
)
from keras_motif.logos.plots import plot_alignment, plot_logo, plot_logos
from keras_motif.logos.svg import svg_letters

__all__ = [
    "align",
    "check_matches",
    "check_snapshots",
    "film_letters",
    "filmstrip_svg",
    "is_convincing",
    "letters_to_draw",
    "listed_motifs",
    "oriented",
    "plot_alignment",
    "plot_logo",
    "plot_logos",
    "plot_match_heatmap",
    "shown_epochs",
    "spelled_consensus",
    "svg_letters",
    "target_label",
    "target_motifs",
]
