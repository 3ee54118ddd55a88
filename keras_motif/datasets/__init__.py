"""Sequences to train on: simulated ones, files, genomes."""

from typing import TYPE_CHECKING, Any

from keras_motif.datasets.deepsea import (
    DEEPSEA_TARGETS,
    convert_deepsea,
    load_deepsea,
)
from keras_motif.datasets.fasta import FastaSequences, read_fasta
from keras_motif.datasets.files import load_hdf5, write_hdf5
from keras_motif.datasets.genome import Genome
from keras_motif.datasets.implants import implanted_sites
from keras_motif.datasets.labelled import (
    LabelledSequences,
    merge_labels,
    one_per_group,
    split_data,
    thin_label,
)
from keras_motif.datasets.pairs import SYNTHETIC_PAIRS, MotifPair, synthetic_pairs
from keras_motif.datasets.simulation import (
    SYNTHETIC_FACTORS,
    implanted_motifs,
    synthetic,
)
from keras_motif.datasets.splits import Split, Splits
from keras_motif.datasets.tables import load_fasta, load_table

if TYPE_CHECKING:
    from keras_motif.datasets.genome_sequences import GenomeSequences

__all__ = [
    "DEEPSEA_TARGETS",
    "SYNTHETIC_FACTORS",
    "SYNTHETIC_PAIRS",
    "FastaSequences",
    "Genome",
    "GenomeSequences",
    "LabelledSequences",
    "MotifPair",
    "Split",
    "Splits",
    "convert_deepsea",
    "implanted_motifs",
    "implanted_sites",
    "load_deepsea",
    "load_fasta",
    "load_hdf5",
    "load_table",
    "merge_labels",
    "one_per_group",
    "read_fasta",
    "split_data",
    "synthetic",
    "synthetic_pairs",
    "thin_label",
    "write_hdf5",
]


def __getattr__(name: str) -> Any:
    """Return what needs Keras, when it is first asked for."""
    if name == "GenomeSequences":
        from keras_motif.datasets.genome_sequences import GenomeSequences

        globals()[name] = GenomeSequences
        return GenomeSequences
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
