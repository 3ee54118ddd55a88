"""`keras-motif simulate`: sequences with planted motifs, to train on."""

from __future__ import annotations

import click

from keras_motif.cli._options import json_option, output_option
from keras_motif.cli._outputs import emit, emit_json, note
from keras_motif.datasets import SYNTHETIC_FACTORS, synthetic, write_hdf5

__all__ = ["simulate"]


@click.command(
    short_help="Simulate sequences with planted motifs.",
    epilog="""\b
Examples:
  keras-motif simulate -o data.h5
  keras-motif simulate --num-sequences 3000 --seed 1 -o small.h5 --json""",
)
@click.option(
    "--num-sequences",
    type=int,
    default=30_000,
    show_default=True,
    help="How many, 10 or more.",
)
@click.option(
    "--length",
    type=int,
    default=200,
    show_default=True,
    help="Bases per sequence, 100 or more.",
)
@click.option(
    "--seed",
    type=int,
    default=33,
    show_default=True,
    help="Seed of the random numbers.",
)
@output_option("the HDF5 file", required=True)
@json_option("Print a summary as JSON on standard output.")
def simulate(
    num_sequences: int, length: int, seed: int, output: str, as_json: bool
) -> None:
    """Simulate the study's sequences: twelve factors' motifs in random DNA.

    The file holds X_train, Y_train, model_train and the same of valid and test, 70,
    10 and 20 % of the sequences.
    """
    if as_json and output == "-":
        raise click.UsageError("--json needs standard output: name a file as --output.")
    splits = synthetic(num_sequences, length=length, seed=seed)
    emit(output, "data.h5", lambda path: write_hdf5(splits, path))
    sizes = {
        part: len(split.x) for part, split in zip(splits._fields, splits, strict=True)
    }
    if as_json:
        content = {
            "output": output,
            "num_sequences": sizes,
            "length": length,
            "seed": seed,
            "factors": list(SYNTHETIC_FACTORS),
        }
        emit_json("-", content)
    listed = ", ".join(f"{part} {size}" for part, size in sizes.items())
    note(f"{num_sequences} sequences of {length} bases ({listed}).")
