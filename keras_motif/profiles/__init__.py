"""What is known of filters beyond their matrices: places, classes, twins, problems."""

from keras_motif.profiles.correlation import target_correlation
from keras_motif.profiles.enrichment import class_enrichment
from keras_motif.profiles.filters import dead_filters, duplicate_filters
from keras_motif.profiles.labels import Labels, read_labels
from keras_motif.profiles.positions import site_positions
from keras_motif.profiles.readability import reading_problems
from keras_motif.profiles.site_files import write_sites

__all__ = [
    "Labels",
    "class_enrichment",
    "dead_filters",
    "duplicate_filters",
    "read_labels",
    "reading_problems",
    "site_positions",
    "target_correlation",
    "write_sites",
]
