"""`keras-motif match`: which known motifs some motifs resemble."""

from __future__ import annotations

from typing import Any

import click

from keras_motif.cli._comparison import compare
from keras_motif.cli._options import (
    check_output,
    json_option,
    match_options,
    output_option,
)
from keras_motif.cli._outputs import emit, emit_json
from keras_motif.matching import write_matches, write_support

__all__ = ["match"]


@click.command(
    short_help="Compare motifs with known ones (Tomtom).",
    epilog="""\b
Examples:
  keras-motif match filters.meme --db JASPAR2026 -o matches.tsv
  keras-motif match filters.meme --db mine.meme --db JASPAR2024 --threshold-on qvalue
  keras-motif match filters.meme --relevant CTCF=MA0139 --relevant MA0050 --json
  keras-motif match filters.meme -o matches.tsv --support support.tsv
  cat filters.meme | keras-motif match - | cut -f 1,2,5""",
)
@click.argument("motifs")
@match_options(min_bits=None)
@output_option("the table")
@click.option(
    "--support",
    metavar="FILE",
    callback=check_output,
    help="Also write what each match is worth, as a table.",
)
@json_option("Write the matches as JSON.")
def match(
    motifs: str, output: str, support: str | None, as_json: bool, **options: Any
) -> None:
    """Say which known motifs MOTIFS resemble, as Tomtom's table.

    MOTIFS is a motif file, - for standard input, or a JASPAR release. The numbers are
    those of the MEME Suite's tomtom. What each match is worth stands in the table of
    --support and in the JSON; how many convince is said at the end.
    """
    if output == support == "-":
        raise click.UsageError("Only one of --output and --support can be -.")
    found = compare(motifs, **options)
    worth = found.support
    if support is not None:
        if worth is None:
            raise click.UsageError(
                "--support needs one motif of each id: name one --db at a time."
            )
        emit(
            support,
            "support.tsv",
            lambda path: write_support(found.matches, worth, path),
        )
    if as_json:
        emit_json(output, {"matches": found.records(), **found.summary()})
    else:
        emit(output, "matches.tsv", lambda path: write_matches(found.matches, path))
    found.note()
