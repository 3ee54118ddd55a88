"""`keras-motif jaspar`: the releases at hand, and their motifs as files."""

from __future__ import annotations

import click

from keras_motif.cli._options import json_option, output_option
from keras_motif.cli._outputs import emit, emit_json, motif_record, note, write_lines
from keras_motif.motifs import jaspar_releases, load_jaspar, write_meme

__all__ = ["jaspar"]


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
