"""The public surface: every name of `keras_motif`, and the room that it comes from."""

from . import datasets, layers, models
from .callbacks import FilterMotifExtractor, loggers
from .extraction import (
    activation_sites,
    extract_motifs,
    filter_activity,
    write_filter_activity,
)
from .layers import Exponential, activations, initializers, regularizers
from .logos import (
    filmstrip_svg,
    plot_alignment,
    plot_logo,
    plot_logos,
    plot_match_heatmap,
)
from .matching import (
    ConsensusMotif,
    MatchFractions,
    ShuffledShare,
    annotate,
    consensus_motifs,
    match_families,
    match_fractions,
    match_support,
    motif_match,
    motif_scan,
    shuffled_share,
    write_matches,
)
from .models import with_first_activation
from .motifs import (
    MemeFile,
    Motif,
    factor_ids,
    interchange,
    jaspar_families,
    jaspar_releases,
    load_jaspar,
    modisco,
    read_meme,
    read_motifs,
    write_meme,
)
from .profiles import (
    class_enrichment,
    dead_filters,
    duplicate_filters,
    reading_problems,
    site_positions,
    target_correlation,
    write_sites,
)
from .report import ReportRun, write_report
from .sequences import from_one_hot, one_hot, reverse_complement

__version__: str

__all__ = [
    "ConsensusMotif",
    "Exponential",
    "FilterMotifExtractor",
    "MatchFractions",
    "MemeFile",
    "Motif",
    "ReportRun",
    "ShuffledShare",
    "activation_sites",
    "activations",
    "annotate",
    "class_enrichment",
    "consensus_motifs",
    "datasets",
    "dead_filters",
    "duplicate_filters",
    "extract_motifs",
    "factor_ids",
    "filmstrip_svg",
    "filter_activity",
    "from_one_hot",
    "initializers",
    "interchange",
    "jaspar_families",
    "jaspar_releases",
    "layers",
    "load_jaspar",
    "loggers",
    "match_families",
    "match_fractions",
    "match_support",
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
    "read_motifs",
    "reading_problems",
    "regularizers",
    "reverse_complement",
    "shuffled_share",
    "site_positions",
    "target_correlation",
    "with_first_activation",
    "write_filter_activity",
    "write_matches",
    "write_meme",
    "write_report",
    "write_sites",
]
