"""Sequences to train on: simulated ones, and files."""

from keras_motif.datasets.fasta import FastaSequences, read_fasta
from keras_motif.datasets.files import Split, Splits, load_hdf5, write_hdf5
from keras_motif.datasets.simulation import SYNTHETIC_FACTORS, synthetic

__all__ = [
    "SYNTHETIC_FACTORS",
    "FastaSequences",
    "Split",
    "Splits",
    "load_hdf5",
    "read_fasta",
    "synthetic",
    "write_hdf5",
]
