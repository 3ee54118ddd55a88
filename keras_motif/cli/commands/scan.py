"""`keras-motif scan`: where motifs occur in sequences."""

from __future__ import annotations

from typing import Any

import click

from keras_motif.cli._inputs import check_one_stdin, load_motifs, read_strings
from keras_motif.cli._options import background_option, json_option, output_option
from keras_motif.cli._outputs import emit, emit_json, note, records, write_table
from keras_motif.matching import motif_scan

__all__ = ["scan"]

# As FIMO prints them.
_SCAN_FORMATS = {"score": "g", "p-value": ".3g", "q-value": ".3g"}


@click.command(
    short_help="Find motifs in sequences (FIMO).",
    epilog="""\b
Examples:
  keras-motif scan filters.meme peaks.fa -o hits.tsv
  keras-motif scan filters.meme peaks.fa.gz --threshold 1e-5 --json
  gunzip -c peaks.fa.gz | keras-motif scan filters.meme - | cut -f 1,3,4,5""",
)
@click.argument("motifs")
@click.argument("sequences")
@click.option(
    "--threshold",
    type=float,
    default=1e-4,
    show_default=True,
    help="The largest p-value to report.",
)
@click.option(
    "--one-strand/--both-strands",
    default=None,
    help="Leave out the reverse strand, or don't; default: leave it out for a MEME "
    "file of RNA.",
)
@click.option(
    "--pseudocount",
    type=float,
    default=0.1,
    show_default=True,
    help="Sites added to each position.",
)
@background_option
@output_option("the table")
@json_option("Write the hits as JSON.")
def scan(
    motifs: str,
    sequences: str,
    one_strand: bool | None,
    output: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Find where MOTIFS occur in SEQUENCES, as FIMO's table.

    MOTIFS is a file of motifs or a JASPAR release. SEQUENCES is a FASTA file (also .gz)
    with sequences of any lengths, or one-hot sequences as for extract. One of them
    may be - for standard input.
    """
    check_one_stdin(motifs, sequences)
    queries = load_motifs(motifs)
    names, strings = read_strings(sequences)
    both_strands = None if one_strand is None else not one_strand
    hits = motif_scan(queries, strings, both_strands=both_strands, **options)
    hits["sequence_name"] = [names[int(index)] for index in hits["sequence_name"]]
    if as_json:
        content = {
            "hits": records(hits),
            "num_motifs": len(queries.motifs),
            "num_sequences": len(strings),
        }
        emit_json(output, content)
    else:
        emit(output, "hits.tsv", lambda path: write_table(hits, path, _SCAN_FORMATS))
    note(
        f"{len(hits)} hits of {len(queries.motifs)} motifs in {len(strings)} sequences."
    )
