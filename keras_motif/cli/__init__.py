"""The command line `keras-motif`."""

from keras_motif.cli.app import main

__all__ = ["main"]
