"""From a model and sequences to motifs and to the sites that they are made of."""

from keras_motif.extraction.activation_maps import ActivationMap, activation_map
from keras_motif.extraction.extract import (
    ExtractionOptions,
    activation_sites,
    check_extraction,
    extract_motifs,
    motifs_from_map,
    sites_from_map,
)
from keras_motif.extraction.subset import Subset, take_subset

__all__ = [
    "ActivationMap",
    "ExtractionOptions",
    "Subset",
    "activation_map",
    "activation_sites",
    "check_extraction",
    "extract_motifs",
    "motifs_from_map",
    "sites_from_map",
    "take_subset",
]
