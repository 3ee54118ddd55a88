"""What is known of a filter beyond its matrix: places, classes, duplicates."""

from keras_motif.profiles.filters import (
    class_enrichment,
    dead_filters,
    duplicate_filters,
    site_positions,
)

__all__ = ["class_enrichment", "dead_filters", "duplicate_filters", "site_positions"]
