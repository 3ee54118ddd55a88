"""The command line `keras-motif`."""

from keras_motif.cli._keras import import_keras
from keras_motif.cli.app import main

__all__ = ["import_keras", "main"]
