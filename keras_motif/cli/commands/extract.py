"""`keras-motif extract`: from a saved model and sequences to motifs."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keras_motif.cli import import_keras
from keras_motif.cli._inputs import open_sequences
from keras_motif.cli._options import check_output, json_option, output_option
from keras_motif.cli._outputs import (
    emit,
    emit_json,
    is_quiet,
    motif_record,
    note,
    write_table,
)
from keras_motif.datasets import read_fasta
from keras_motif.motifs import write_meme
from keras_motif.profiles import write_sites

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["extract"]


# Options that say what to read.
_PLACE = ("layer", "inputs", "receptive_field", "unknown")


def _name_or_index(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> str | int | None:
    """Return a whole number as an index, all else as a name."""
    is_index = value is not None and re.fullmatch("-?[0-9]+", value)
    return int(value) if value is not None and is_index else value


def _layers(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> str | int | list[str | int | None] | None:
    """Return one layer as it is, several as a list, and None for none."""
    found = [_name_or_index(ctx, param, value) for value in values]
    return found if len(found) > 1 else (found or [None])[0]


def _field(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[int, ...] | None:
    """Return whole numbers that commas part."""
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]+(,-?[0-9]+){1,2}", value):
        raise click.BadParameter(
            "expected START,SIZE or START,SIZE,STRIDE in bases, such as 0,19. "
            f"Received {value!r}."
        )
    return tuple(int(part) for part in value.split(","))


def _number(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> float | None:
    return None if value is None else float(value)


@click.command(
    short_help="Turn a model's filters into motifs.",
    epilog="""\b
Examples:
  keras-motif extract model.keras peaks.fa -o filters.meme
  keras-motif extract model.keras data.h5:X_test --select best --json
  keras-motif extract --import my_layers model.keras peaks.fa.gz -o filters.meme
  keras-motif extract --trim model.keras peaks.fa | keras-motif match - | head""",
)
@click.argument("model")
@click.argument("sequences")
@output_option("the MEME file")
@click.option(
    "--sites",
    metavar="FILE",
    callback=check_output,
    help="Also write the sites: as BED6 under a name in .bed, of FASTA files; else as "
    "a table. Reads the sequences once more.",
)
@click.option(
    "--layer",
    metavar="NAME|INDEX",
    multiple=True,
    callback=_layers,
    help="Whose filters; given more than once, of several layers. By default the first "
    "layer that sees more than one base, and its activation.",
)
@click.option(
    "--inputs",
    metavar="NAME|INDEX",
    callback=_name_or_index,
    help="Which input takes the sequences, in a model of several.",
)
@click.option(
    "--receptive-field",
    metavar="START,SIZE[,STRIDE]",
    callback=_field,
    help="What position 0 of the layer sees, in bases, where it can't be found out.",
)
@click.option(
    "--unknown",
    type=click.Choice(["0", "0.25"]),
    callback=_number,
    help="What the model is given for each base of an N, as in its training; default: "
    "what the sequences hold, 0 in FASTA files.",
)
@click.option(
    "--threshold",
    type=float,
    default=0.5,
    show_default=True,
    help="Share of the largest activation that makes a site, from 0 up to 1.",
)
@click.option(
    "--threshold-of",
    type=click.Choice(["observed", "achievable"]),
    default="observed",
    show_default=True,
    help="The largest over these sequences, or over all possible ones.",
)
@click.option(
    "--select",
    type=click.Choice(["all", "best"]),
    default="all",
    show_default=True,
    help="All positions above the threshold, or each sequence's best.",
)
@click.option(
    "--window", type=int, help="Width of the motifs; default: the receptive field."
)
@click.option(
    "--reverse-complement", is_flag=True, help="Search the other strand as well."
)
@click.option("--weighted", is_flag=True, help="Weigh sites by their activation.")
@click.option("--trim", is_flag=True, help="Cut off uninformative ends.")
@click.option(
    "--length",
    type=click.IntRange(min=1),
    help="Fill shorter sequences with N to so many bases, and cut longer ones to it; "
    "default: what the model takes.",
)
@click.option(
    "--tile", is_flag=True, help="Read longer sequences in pieces, each window once."
)
@click.option("--batch-size", type=int, help="Sequences per batch.")
@click.option(
    "--compat",
    type=click.Choice(["released"]),
    help="Follow the code released with the study.",
)
@click.option(
    "--weights",
    metavar="FILE",
    help="Weights to load into MODEL, .weights.h5 or .h5, where it comes without.",
)
@click.option(
    "--import",
    "packages",
    multiple=True,
    metavar="PACKAGE",
    help="A package or module that defines the model's own layers or functions.",
)
@json_option("Write the motifs as JSON.")
def extract(
    model: str,
    sequences: str,
    output: str,
    sites: str | None,
    weights: str | None,
    packages: tuple[str, ...],
    as_json: bool,
    weighted: bool,
    trim: bool,
    **options: Any,
) -> None:
    """Turn the filters of MODEL into motifs of the SEQUENCES that activate them.

    MODEL is a .keras file (or a whole model in .h5), opened in safe mode: no Python
    code that it holds is run, and nothing is unpickled. Or it is the .json file of
    its architecture, or MODULE:FUNCTION, which builds it; both with --weights.

    SEQUENCES is a FASTA file (also .gz), an HDF5 file with the data set X_test or
    with another one's name behind a colon, a .npy or .npz file (n, length, 4), or -
    for standard input.
    """
    if output == sites == "-":
        raise click.UsageError("Only one of --output and --sites can be -.")
    import_keras()
    from keras_motif.cli._built_models import open_model
    from keras_motif.extraction import activation_map, read_map, sites_from_map

    place = {name: options.pop(name) for name in _PLACE}
    options["progress"] = False if is_quiet() else None
    read = activation_map(open_model(model, packages, weights), **place)
    is_bed = sites is not None and sites.lower().endswith(".bed")
    with open_sequences(sequences) as data:
        if is_bed and not isinstance(data, Path):
            raise click.UsageError(
                "--sites as BED needs names of sequences, which only a FASTA file has. "
                "Name a file that doesn't end in .bed for a table."
            )
        found = read_map(read, data, weighted=weighted, trim=trim, **options)
        if sites is not None:
            table = _named_sites(sites_from_map(read, data, **options), data)
            write = write_sites if is_bed else write_table
            emit(sites, "sites.bed" if is_bed else "sites.tsv", partial(write, table))
    motifs = found.motifs
    if as_json:
        records = [motif_record(motif) for motif in motifs]
        emit_json(output, {"motifs": records, "layers": found.layers})
    else:
        emit(output, "motifs.meme", lambda path: write_meme(motifs, path))
    alive = sum(bool(motif.num_sites) for motif in motifs)
    note(f"Read: {found.layers}.")
    note(f"{len(motifs)} filters, {alive} of them with sites.")


def _named_sites(sites: pd.DataFrame, sequences: Any) -> pd.DataFrame:
    """Put the names of a FASTA file's records beside the sequences' indices."""
    if isinstance(sequences, Path):
        names = [name for name, _ in read_fasta(sequences)]
        column = [names[index] for index in sites["sequence"].tolist()]
        sites.insert(2, "sequence_name", column)
    return sites
