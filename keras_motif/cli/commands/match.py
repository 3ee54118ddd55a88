"""`keras-motif match`: which known motifs some motifs resemble."""

from __future__ import annotations

from typing import Any

import click

from keras_motif.cli._comparison import compare
from keras_motif.cli._options import json_option, match_options, output_option
from keras_motif.cli._outputs import emit, emit_json, records
from keras_motif.matching import write_matches

__all__ = ["match"]


@click.command(
    short_help="Compare motifs with known ones (Tomtom).",
    epilog="""\b
Examples:
  keras-motif match filters.meme --db JASPAR2026 -o matches.tsv
  keras-motif match filters.meme --db mine.meme --db JASPAR2024 --threshold-on qvalue
  keras-motif match filters.meme --relevant CTCF=MA0139 --relevant MA0050 --json
  cat filters.meme | keras-motif match - | cut -f 1,2,5""",
)
@click.argument("motifs")
@match_options(min_bits=None)
@output_option("the table")
@json_option("Write the matches as JSON.")
def match(motifs: str, output: str, as_json: bool, **options: Any) -> None:
    """Say which known motifs MOTIFS resemble, as Tomtom's table.

    MOTIFS is a MEME file, - for standard input, or a JASPAR release. The numbers are
    those of the MEME Suite's tomtom.
    """
    found = compare(motifs, **options)
    if as_json:
        emit_json(output, {"matches": records(found.matches), **found.summary()})
    else:
        emit(output, "matches.tsv", lambda path: write_matches(found.matches, path))
    found.note()
