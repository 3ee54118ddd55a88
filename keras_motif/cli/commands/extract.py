"""`keras-motif extract`: from a saved model and sequences to motifs."""

from __future__ import annotations

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
from keras_motif.cli._reading import PLACE, reading_options
from keras_motif.datasets import read_fasta
from keras_motif.motifs import write_meme
from keras_motif.profiles import write_sites

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["extract"]


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
@reading_options
@click.option("--trim", is_flag=True, help="Cut off uninformative ends.")
@click.option(
    "--compat",
    type=click.Choice(["released"]),
    help="Follow the code released with the study.",
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

    place = {name: options.pop(name) for name in PLACE}
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
