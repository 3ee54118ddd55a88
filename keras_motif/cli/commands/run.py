"""`keras-motif run`: from a saved model and sequences to motifs, names and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from keras_motif.cli import import_keras
from keras_motif.cli._inputs import (
    check_one_stdin,
    load_databases,
    open_sequences,
    parse_relevant,
)
from keras_motif.cli._label_files import FileLabels, read_label_file
from keras_motif.cli._options import json_option, naming_options
from keras_motif.cli._outputs import emit_json, is_quiet, note
from keras_motif.cli._reading import reading_options

__all__ = ["run"]


@click.command(
    short_help="Read a model's filters, name them, and write all files.",
    epilog="""\b
Examples:
  keras-motif run model.keras peaks.fa
  keras-motif run model.keras peaks.fa -o motifs --labels classes.tsv
  keras-motif run model.keras data.h5 --labels data.h5:Y_test --relevant SRF
  keras-motif run --database HOCOMOCO13 model.keras peaks.fa.gz -o motifs --json""",
)
@click.argument("model")
@click.argument("sequences")
@click.option(
    "--output",
    "-o",
    metavar="FOLDER",
    default="motifs",
    show_default=True,
    help="Where the files go; made if missing.",
)
@click.option(
    "--labels",
    metavar="FILE",
    help="Classes (0 or 1) or measured values of each sequence, for the report: a "
    "table with a row per sequence, in their order or behind the names of FASTA "
    "records; a .npy or .npz file; or a data set of an HDF5 file, as data.h5:Y_test.",
)
@naming_options
@reading_options
@json_option("Print a summary as JSON on standard output.")
def run(
    model: str,
    sequences: str,
    output: str,
    labels: str | None,
    databases: tuple[str, ...],
    relevant: tuple[str, ...],
    exclude: tuple[str, ...],
    one_strand: bool | None,
    weights: str | None,
    packages: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Read the filters of MODEL on SEQUENCES, name them, and write all files.

    The folder then holds what the callback leaves when training ends: filters.meme,
    matches.tsv, support.tsv, logos.png, report.html and history.json. For MODEL and
    SEQUENCES see `keras-motif extract --help`.
    """
    check_one_stdin(sequences, *databases)
    _check_folder(output)
    targets = load_databases(databases)
    with open_sequences(sequences) as data:
        known = FileLabels(None, None)
        if labels is not None:
            known = read_label_file(labels, data)
        import_keras()
        from keras_motif.callbacks import FilterMotifExtractor
        from keras_motif.cli._built_models import open_model

        extractor = FilterMotifExtractor(
            data,
            database=targets,
            relevant=parse_relevant(relevant),
            exclude=exclude,
            both_strands=None if one_strand is None else not one_strand,
            labels=known.table,
            class_names=known.names,
            output_dir=output,
            progress=False if is_quiet() else None,
            **options,
        )
        try:
            extractor.run(open_model(model, packages, weights))
        except ExceptionGroup as group:
            said = " ".join(f"{type(one).__name__}: {one}" for one in group.exceptions)
            raise ValueError(
                f"These parts are missing, the others are written: {group.message}. "
                f"{said}"
            ) from group
    _tell(extractor, output, as_json)


def _check_folder(output: str) -> None:
    if output == "-" or Path(output).is_file():
        raise click.BadParameter(
            f"expected a folder, since several files are written. Received {output!r}.",
            param_hint="--output",
        )


def _tell(extractor: Any, output: str, as_json: bool) -> None:
    """Say what came out."""
    number, fractions = len(extractor.motifs), extractor.fractions
    good = extractor.support["is_convincing"]
    num_named = int(extractor.matches["Query_ID"][good].nunique())
    shares = fractions._asdict()
    if extractor.relevant is None:
        shares = {"any": shares["any"]}
    if as_json:
        content = {
            "output": output,
            "num_motifs": number,
            "num_named": num_named,
            "fractions": shares,
            "problems": extractor.problems,
        }
        emit_json("-", content)
    line = f"{num_named} of {number} filters have a convincing name."
    if extractor.relevant is not None:
        line += (
            f" Relevant match {fractions.relevant:.3f}, coverage "
            f"{fractions.coverage:.3f}."
        )
    note(f"{line} Open {Path(output) / 'report.html'}.")
