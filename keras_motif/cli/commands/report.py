"""`keras-motif report`: motifs above their best matches, on a page."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import click

from keras_motif.cli._comparison import Comparison, compare
from keras_motif.cli._inputs import check_one_stdin
from keras_motif.cli._options import json_option, match_options, output_option
from keras_motif.cli._outputs import emit, emit_json
from keras_motif.report import ReportRun, write_report

__all__ = ["report"]

_MOTIFS = "filters.meme"  # in the folder of a run


@click.command(
    short_help="Draw motifs above their best matches, on a page.",
    epilog="""\b
Examples:
  keras-motif report filters.meme
  keras-motif report filters.meme --db JASPAR2026 --relevant MAX -o report.html
  keras-motif report ReLU=relu/ exponential=exponential/ -o compared.html
  keras-motif extract model.keras peaks.fa | keras-motif report - -o page.html""",
)
@click.argument("motifs", nargs=-1, required=True, metavar="MOTIFS...")
@match_options(min_bits=0.5)
@click.option("--title", default="Filter motifs", show_default=True)
@output_option("the page", default="report.html")
@json_option("Print a summary as JSON on standard output.")
def report(
    motifs: tuple[str, ...], title: str, output: str, as_json: bool, **options: Any
) -> None:
    """Draw MOTIFS above their best matches, on one HTML page.

    MOTIFS is a file of motifs, the folder of `keras-motif run`, - for standard input,
    or a database. Several are put side by side, as NAME=MOTIFS under a name of yours.
    """
    if as_json and output == "-":
        raise click.UsageError("--json needs standard output: name a file as --output.")
    named = _named(motifs)
    check_one_stdin(*named.values(), *options["databases"])
    found = {name: compare(path, **options) for name, path in named.items()}
    if len(motifs) == 1:
        only = next(iter(found.values()))
        write = partial(_write_one, only, motifs[0], title)
    else:
        write = partial(_write_several, found, named, title)
    emit(output, "report.html", write)
    if as_json:
        summaries = {name: one.summary() for name, one in found.items()}
        told = only.summary() if len(motifs) == 1 else {"runs": summaries}
        emit_json("-", {"output": output, **told})
    for name, one in found.items():
        one.note(f"{name}: " if len(motifs) > 1 else "")


def _named(motifs: tuple[str, ...]) -> dict[str, str]:
    """Return the name and the file of each run."""
    pairs = []
    for given in motifs:
        name, equals, path = given.partition("=")
        if not equals or not name or Path(given).exists():
            file = Path(given)
            name = (file.name if file.is_dir() else file.stem) or given
            path = given
        if Path(path).is_dir():
            path = str(Path(path, _MOTIFS))
        pairs.append((name, path))
    counts = Counter(name for name, _ in pairs)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise click.UsageError(
            f"Several MOTIFS would go by the name {twice[0]!r}. Give each its own, as "
            "NAME=MOTIFS."
        )
    return dict(pairs)


def _write_one(found: Comparison, motifs: str, title: str, path: Path) -> None:
    write_report(
        path,
        found.queries.motifs,
        found.matches,
        support=found.support,
        shuffled=found.shuffled,
        targets=found.targets,
        fractions=found.fractions if found.is_relevant_known else None,
        title=title,
        made={"Motifs": motifs},
    )


def _write_several(
    found: dict[str, Comparison], files: dict[str, str], title: str, path: Path
) -> None:
    runs = {
        name: ReportRun(
            one.queries.motifs,
            one.matches,
            support=one.support,
            shuffled=one.shuffled,
            fractions=one.fractions if one.is_relevant_known else None,
            made={"Motifs": files[name]},
        )
        for name, one in found.items()
    }
    targets = next(iter(found.values())).targets
    write_report(path, runs=runs, targets=targets, title=title)
