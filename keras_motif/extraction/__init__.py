"""From a model and sequences to motifs and to the sites that they are made of."""

from keras_motif.extraction._labels import LabelTable
from keras_motif.extraction._starts import circular
from keras_motif.extraction._warn import warn
from keras_motif.extraction.activation_maps import FieldLike, LayerLike
from keras_motif.extraction.activity import (
    ActivityAndLabels,
    filter_activity,
    read_activity,
    write_filter_activity,
)
from keras_motif.extraction.extract import (
    MapReading,
    check_extraction,
    extract_motifs,
    read_map,
)
from keras_motif.extraction.find_sites import (
    SitesAndLabels,
    activation_sites,
    read_sites,
    sites_from_map,
)
from keras_motif.extraction.kernels import filter_kernels, kernel_cosines
from keras_motif.extraction.labels_apart import (
    check_labels_apart,
    check_same_order,
    first_labels,
)
from keras_motif.extraction.layers_read import LayersRead, activation_map
from keras_motif.extraction.options import ExtractionOptions, is_of_any_length
from keras_motif.extraction.subset import Subset, take_subset

__all__ = [
    "ActivityAndLabels",
    "ExtractionOptions",
    "FieldLike",
    "LabelTable",
    "LayerLike",
    "LayersRead",
    "MapReading",
    "SitesAndLabels",
    "Subset",
    "activation_map",
    "activation_sites",
    "check_extraction",
    "check_labels_apart",
    "check_same_order",
    "circular",
    "extract_motifs",
    "filter_activity",
    "filter_kernels",
    "first_labels",
    "is_of_any_length",
    "kernel_cosines",
    "read_activity",
    "read_map",
    "read_sites",
    "sites_from_map",
    "take_subset",
    "warn",
    "write_filter_activity",
]
