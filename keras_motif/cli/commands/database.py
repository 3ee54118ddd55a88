"""`keras-motif database`: motif databases kept under a name."""

from __future__ import annotations

import click

from keras_motif.cli._options import json_option
from keras_motif.cli._outputs import emit, emit_json, note, write_lines
from keras_motif.motifs import (
    add_database,
    added_databases,
    jaspar_releases,
    remove_database,
)
from keras_motif.sequences import RNA_ALPHABET

__all__ = ["database"]


@click.group(short_help="Keep downloaded motif databases under a name.")
def database() -> None:
    """Motif databases that you have downloaded, kept under a name."""


@database.command(
    epilog="""\b
Examples:
  keras-motif database add H13CORE_meme_format.meme --name HOCOMOCO13
  keras-motif database add Homo_sapiens.zip --name CISBP
  keras-motif match filters.meme --db HOCOMOCO13"""
)
@click.argument("file")
@click.option("--name", required=True, help="What to call it by, in any case.")
@click.option(
    "--rna", is_flag=True, help="The motifs are of RNA, though the file has T for U."
)
@json_option("Print what was read as JSON.")
def add(file: str, name: str, rna: bool, as_json: bool) -> None:
    """Read FILE and keep its motifs, for `--db NAME` and for Python.

    FILE is a motif file in any format, or a zip, tar archive or folder of such, as
    HOCOMOCO, CIS-BP, CISBP-RNA, mCrossBase, JASPAR and the MEME Suite offer them.
    """
    added = add_database(file, name, alphabet=RNA_ALPHABET if rna else None)
    if as_json:
        emit_json("-", added._asdict())
    kind = ", RNA" if "U" in added.alphabet else ""
    left_out = ""
    if added.num_empty:
        left_out = f" {added.num_empty} files without a matrix were left out."
    note(f"{added.name}: {added.num_motifs} motifs{kind}.{left_out}")


@database.command(
    "list",
    epilog="""\b
Examples:
  keras-motif database list
  keras-motif database list --json""",
)
@json_option("Write what is known of each as JSON.")
def list_all(as_json: bool) -> None:
    """Print the names that --db takes: what was added, then JASPAR's releases."""
    added, releases = added_databases(), jaspar_releases()
    if as_json:
        content = {"added": [one._asdict() for one in added], "releases": releases}
        emit_json("-", content)
        return
    lines = [f"{one.name}  {one.num_motifs} motifs  {one.source}" for one in added]
    emit("-", "databases.txt", lambda path: write_lines([*lines, *releases], path))


@database.command(
    epilog="""\b
Examples:
  keras-motif database remove HOCOMOCO13"""
)
@click.argument("name")
def remove(name: str) -> None:
    """Forget the database NAME."""
    remove_database(name)
    note(f"{name} is forgotten.")
