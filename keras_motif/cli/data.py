"""`keras-motif simulate` and `jaspar`: data to train on and to compare with."""

from __future__ import annotations

import click

from keras_motif.cli._outputs import (
    emit,
    emit_json,
    json_option,
    note,
    output_option,
    write_lines,
)
from keras_motif.cli.extract import motif_record
from keras_motif.datasets import SYNTHETIC_FACTORS, synthetic, write_hdf5
from keras_motif.motifs import jaspar_releases, load_jaspar, write_meme

__all__ = ["jaspar", "simulate"]


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


@click.group(short_help="List and export JASPAR releases.")
def jaspar() -> None:
    """JASPAR's motifs, which need no network."""


@jaspar.command(
    "list",
    epilog="""\b
Examples:
  keras-motif jaspar list
  keras-motif jaspar list --json""",
)
@json_option("Write the names as JSON.")
def list_releases(as_json: bool) -> None:
    """Print the releases, the newest first."""
    releases = jaspar_releases()
    if as_json:
        emit_json("-", {"releases": releases})
    else:
        emit("-", "releases.txt", lambda path: write_lines(releases, path))


@jaspar.command(
    epilog="""\b
Examples:
  keras-motif jaspar export JASPAR2026 -o vertebrates.meme
  keras-motif jaspar export JASPAR2026 --tax-group plants -o plants.meme
  keras-motif match filters.meme --db plants.meme"""
)
@click.argument("release")
@click.option(
    "--collection",
    default="CORE",
    show_default=True,
    help="CORE, UNVALIDATED, ...",
)
@click.option(
    "--tax-group",
    default="vertebrates",
    show_default=True,
    help="vertebrates, plants, insects, ..., or all.",
)
@click.option("--all-versions", is_flag=True, help="Also matrices since replaced.")
@output_option("the MEME file")
@json_option("Write the motifs as JSON.")
def export(
    release: str,
    collection: str,
    tax_group: str,
    all_versions: bool,
    output: str,
    as_json: bool,
) -> None:
    """Write the motifs of a JASPAR RELEASE as a MEME file."""
    group = None if tax_group == "all" else tax_group
    motifs = load_jaspar(release, collection, group, all_versions)
    if as_json:
        emit_json(output, {"motifs": [motif_record(motif) for motif in motifs]})
    else:
        emit(output, "motifs.meme", lambda path: write_meme(motifs, path))
    note(f"{len(motifs)} motifs.")
