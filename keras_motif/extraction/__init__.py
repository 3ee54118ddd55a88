"""From a model and sequences to motifs and to the sites that they are made of."""

from keras_motif.extraction.activation_maps import (
    ActivationMap,
    LayerLike,
    activation_map,
)
from keras_motif.extraction.extract import (
    MapReading,
    check_extraction,
    extract_motifs,
    read_map,
)
from keras_motif.extraction.find_sites import activation_sites, sites_from_map
from keras_motif.extraction.kernels import filter_kernels, kernel_cosines
from keras_motif.extraction.options import ExtractionOptions
from keras_motif.extraction.subset import Subset, take_subset

__all__ = [
    "ActivationMap",
    "ExtractionOptions",
    "LayerLike",
    "MapReading",
    "Subset",
    "activation_map",
    "activation_sites",
    "check_extraction",
    "extract_motifs",
    "filter_kernels",
    "kernel_cosines",
    "read_map",
    "sites_from_map",
    "take_subset",
]
