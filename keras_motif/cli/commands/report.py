"""`keras-motif report`: motifs above their best matches, on a page."""

from __future__ import annotations

from typing import Any

import click

from keras_motif.cli._comparison import compare
from keras_motif.cli._options import json_option, match_options, output_option
from keras_motif.cli._outputs import emit, emit_json
from keras_motif.report import write_report

__all__ = ["report"]


@click.command(
    short_help="Draw motifs above their best matches, on a page.",
    epilog="""\b
Examples:
  keras-motif report filters.meme -o report.html
  keras-motif report filters.meme --db JASPAR2026 --relevant MA0050 -o report.html
  keras-motif extract model.keras peaks.fa | keras-motif report - -o page.html""",
)
@click.argument("motifs")
@match_options(min_bits=0.5)
@click.option("--title", default="Filter motifs", show_default=True)
@output_option("the page", required=True)
@json_option("Print a summary as JSON on standard output.")
def report(motifs: str, title: str, output: str, as_json: bool, **options: Any) -> None:
    """Draw MOTIFS above their best matches, on one HTML page.

    MOTIFS is a file of motifs, - for standard input, or a JASPAR release.
    """
    if as_json and output == "-":
        raise click.UsageError("--json needs standard output: name a file as --output.")
    found = compare(motifs, **options)
    emit(
        output,
        "report.html",
        lambda path: write_report(
            path,
            found.queries.motifs,
            found.matches,
            support=found.support,
            shuffled=found.shuffled,
            targets=found.targets,
            fractions=found.fractions if found.is_relevant_known else None,
            title=title,
            made={"Motifs": motifs},
        ),
    )
    if as_json:
        emit_json("-", {"output": output, **found.summary()})
    found.note()
