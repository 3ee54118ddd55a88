"""`keras-motif match`, `report` and `scan`: what motifs resemble and where they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from keras_motif.cli._inputs import (
    check_one_stdin,
    parse_relevant,
    read_motifs,
    read_strings,
)
from keras_motif.cli._outputs import (
    emit,
    emit_json,
    json_option,
    note,
    output_option,
    records,
    write_table,
)
from keras_motif.matching import (
    DISTANCES,
    MatchFractions,
    match_fractions,
    motif_match,
    motif_scan,
    write_matches,
)
from keras_motif.motifs import MemeFile, jaspar_releases
from keras_motif.report import write_report

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["match", "report", "scan"]

# As FIMO prints them.
_SCAN_FORMATS = {"score": "g", "p-value": ".3g", "q-value": ".3g"}

_BACKGROUND = click.option(
    "--background",
    type=float,
    nargs=4,
    metavar="A C G T",
    help="Frequencies of the bases; default: those of the file of MOTIFS, else equal.",
)
_MATCH_OPTIONS = (
    click.option(
        "--db",
        "databases",
        multiple=True,
        default=("JASPAR2026",),
        show_default=True,
        metavar="FILE|RELEASE",
        help="What to compare with: MEME file or JASPAR release; several are pooled.",
    ),
    click.option(
        "--threshold",
        type=float,
        default=0.1,
        show_default=True,
        help="The largest value to report.",
    ),
    click.option(
        "--threshold-on",
        type=click.Choice(["evalue", "qvalue", "pvalue"]),
        default="evalue",
        show_default=True,
        help="What the threshold is on.",
    ),
    click.option(
        "--distance",
        type=click.Choice(tuple(DISTANCES)),
        default="ed",
        show_default=True,
        help="How columns are compared.",
    ),
    click.option(
        "--min-overlap",
        type=int,
        default=1,
        show_default=True,
        help="Fewest aligned positions.",
    ),
    click.option("--internal", is_flag=True, help="One motif must lie in the other."),
    click.option(
        "--one-strand", is_flag=True, help="Leave out the targets' reverse complements."
    ),
    click.option(
        "--pseudocount",
        type=float,
        default=0.1,
        show_default=True,
        help="Sites added to each position.",
    ),
    _BACKGROUND,
    click.option(
        "--relevant",
        multiple=True,
        metavar="ID|FACTOR=ID,...",
        help="Expected targets; the shares of the motifs that match one, and of the "
        "targets that are matched, are told.",
    ),
)


def _match_options(min_bits: float | None) -> Callable[[Any], Any]:
    """Return a decorator that adds the options of matching."""
    bits = click.option(
        "--min-bits",
        type=float,
        default=min_bits,
        show_default=True if min_bits is not None else "all are compared",
        help="Compare only motifs with a position above so many bits.",
    )

    def decorate(command: Any) -> Any:
        for option in reversed((*_MATCH_OPTIONS, bits)):
            command = option(command)
        return command

    return decorate


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
@_match_options(min_bits=None)
@output_option("the table")
@json_option("Write the matches as JSON.")
def match(motifs: str, output: str, as_json: bool, **options: Any) -> None:
    """Say which known motifs MOTIFS resemble, as Tomtom's table.

    MOTIFS is a MEME file, - for standard input, or a JASPAR release. The numbers are
    those of the MEME Suite's tomtom.
    """
    found = _compare(motifs, **options)
    if as_json:
        emit_json(output, {"matches": records(found.matches), **found.summary()})
    else:
        emit(output, "matches.tsv", lambda path: write_matches(found.matches, path))
    found.note()


@click.command(
    short_help="Draw motifs above their best matches, on a page.",
    epilog="""\b
Examples:
  keras-motif report filters.meme -o report.html
  keras-motif report filters.meme --db JASPAR2026 --relevant MA0050 -o report.html
  keras-motif extract model.keras peaks.fa | keras-motif report - -o page.html""",
)
@click.argument("motifs")
@_match_options(min_bits=0.5)
@click.option("--title", default="Filter motifs", show_default=True)
@output_option("the page", required=True)
@json_option("Print a summary as JSON on standard output.")
def report(motifs: str, title: str, output: str, as_json: bool, **options: Any) -> None:
    """Draw MOTIFS above their best matches, on one HTML page.

    MOTIFS is a MEME file, - for standard input, or a JASPAR release.
    """
    if as_json and output == "-":
        raise click.UsageError("--json needs standard output: name a file as --output.")
    found = _compare(motifs, **options)
    emit(
        output,
        "report.html",
        lambda path: write_report(
            path,
            found.queries.motifs,
            found.matches,
            targets=found.targets,
            fractions=found.fractions if found.is_relevant_known else None,
            title=title,
        ),
    )
    if as_json:
        emit_json("-", {"output": output, **found.summary()})
    found.note()


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
@click.option("--one-strand", is_flag=True, help="Leave out the reverse strand.")
@click.option(
    "--pseudocount",
    type=float,
    default=0.1,
    show_default=True,
    help="Sites added to each position.",
)
@_BACKGROUND
@output_option("the table")
@json_option("Write the hits as JSON.")
def scan(
    motifs: str,
    sequences: str,
    one_strand: bool,
    output: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Find where MOTIFS occur in SEQUENCES, as FIMO's table.

    MOTIFS is a MEME file or a JASPAR release. SEQUENCES is a FASTA file (also .gz)
    with sequences of any lengths, or one-hot sequences as for extract. One of them
    may be - for standard input.
    """
    check_one_stdin(motifs, sequences)
    queries = read_motifs(motifs)
    names, strings = read_strings(sequences)
    hits = motif_scan(queries, strings, both_strands=not one_strand, **options)
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


class _Comparison:
    """Motifs, what they were compared with, and what came out."""

    def __init__(
        self,
        queries: MemeFile,
        targets: Any,
        matches: pd.DataFrame,
        relevant: dict[str, list[str]] | None,
    ) -> None:
        self.queries = queries
        self.targets = targets
        self.matches = matches
        self.is_relevant_known = relevant is not None
        self.fractions: MatchFractions = match_fractions(
            matches, len(queries.motifs), relevant
        )

    @property
    def num_matched(self) -> int:
        """Number of motifs with a match."""
        return int(self.matches["Query_ID"].nunique())

    def summary(self) -> dict[str, Any]:
        """Return what JSON says beside the matches."""
        shares = self.fractions._asdict()
        if not self.is_relevant_known:
            shares = {"any": shares["any"]}
        return {
            "num_motifs": len(self.queries.motifs),
            "num_matched": self.num_matched,
            "fractions": shares,
            "settings": self.matches.attrs["settings"],
        }

    def note(self) -> None:
        """Say in one line what came out."""
        settings = self.matches.attrs["settings"]
        criterion = f"{settings['threshold_on']} <= {settings['threshold']:g}"
        line = f"{self.num_matched} of {len(self.queries.motifs)} motifs match"
        line = f"{line} ({criterion})."
        if self.is_relevant_known:
            line += (
                f" Relevant match {self.fractions.relevant:.3f}, coverage "
                f"{self.fractions.coverage:.3f}."
            )
        note(line)


def _compare(
    motifs: str,
    databases: tuple[str, ...],
    min_bits: float | None,
    relevant: tuple[str, ...],
    one_strand: bool,
    **options: Any,
) -> _Comparison:
    check_one_stdin(motifs, *databases)
    queries = read_motifs(motifs)
    # By its name, a single release is named in the report.
    targets: Any = databases[0]
    if len(databases) > 1 or targets not in jaspar_releases():
        targets = [read_motifs(name) for name in databases]
    compared = queries
    if min_bits is not None:
        kept = [
            motif for motif in queries.motifs if (motif.information() > min_bits).any()
        ]
        compared = replace(queries, motifs=kept)
    matches = motif_match(
        compared, targets, reverse_complement=not one_strand, **options
    )
    return _Comparison(queries, targets, matches, parse_relevant(relevant))
