"""What is known of a filter beyond its matrix: places, classes, duplicates."""

from keras_motif.profiles.enrichment import checked_labels, class_enrichment
from keras_motif.profiles.filters import dead_filters, duplicate_filters
from keras_motif.profiles.positions import site_positions

__all__ = [
    "checked_labels",
    "class_enrichment",
    "dead_filters",
    "duplicate_filters",
    "site_positions",
]
