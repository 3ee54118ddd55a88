"""Layers, models and tools for CNNs whose filters read as sequence motifs."""

from pathlib import Path

from keras_motif import datasets, layers, models
from keras_motif.callbacks import loggers
from keras_motif.callbacks.extractor import FilterMotifExtractor
from keras_motif.extraction.extract import activation_sites, extract_motifs
from keras_motif.layers import Exponential, activations
from keras_motif.logos.filmstrip import filmstrip_svg
from keras_motif.logos.heatmap import plot_match_heatmap
from keras_motif.logos.plots import plot_alignment, plot_logo, plot_logos
from keras_motif.matching.match import (
    MatchFractions,
    annotate,
    match_fractions,
    motif_match,
    write_matches,
)
from keras_motif.matching.scan import motif_scan
from keras_motif.models import with_first_activation
from keras_motif.motifs import interchange, modisco
from keras_motif.motifs.jaspar import factor_ids, jaspar_releases, load_jaspar
from keras_motif.motifs.meme import MemeFile, read_meme, write_meme
from keras_motif.motifs.motif import Motif
from keras_motif.profiles.filters import (
    class_enrichment,
    dead_filters,
    duplicate_filters,
    site_positions,
)
from keras_motif.report.page import ReportRun, write_report
from keras_motif.sequences import from_one_hot, one_hot, reverse_complement

__version__ = "0.1.0"

__path__.append(str(Path(__file__).parent / "_doors"))

__all__ = [
    "Exponential",
    "FilterMotifExtractor",
    "MatchFractions",
    "MemeFile",
    "Motif",
    "ReportRun",
    "activation_sites",
    "activations",
    "annotate",
    "class_enrichment",
    "datasets",
    "dead_filters",
    "duplicate_filters",
    "extract_motifs",
    "factor_ids",
    "filmstrip_svg",
    "from_one_hot",
    "interchange",
    "jaspar_releases",
    "layers",
    "load_jaspar",
    "loggers",
    "match_fractions",
    "models",
    "modisco",
    "motif_match",
    "motif_scan",
    "one_hot",
    "plot_alignment",
    "plot_logo",
    "plot_logos",
    "plot_match_heatmap",
    "read_meme",
    "reverse_complement",
    "site_positions",
    "with_first_activation",
    "write_matches",
    "write_meme",
    "write_report",
]
