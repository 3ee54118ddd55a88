"""What is known of filters beyond their matrices: places, classes, twins, problems."""

from keras_motif.profiles.enrichment import checked_labels, class_enrichment
from keras_motif.profiles.filters import dead_filters, duplicate_filters
from keras_motif.profiles.positions import site_positions
from keras_motif.profiles.readability import reading_problems

__all__ = [
    "checked_labels",
    "class_enrichment",
    "dead_filters",
    "duplicate_filters",
    "reading_problems",
    "site_positions",
]
