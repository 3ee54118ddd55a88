"""Where sites lie in the genome that their sequences were cut from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_motif.datasets import FastaSequences, read_fasta
from keras_motif.datasets.opening import names_file, open_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["add_coordinates"]

# As bedtools getfasta names what it cuts, with and without `-name` and `-s`, and as
# samtools faidx does.
_HEADER = re.compile(r"(?:.*::)?([^:\s]+):(\d+)-(\d+)(?:\(([-+.])\))?")


def add_coordinates(sites: pd.DataFrame, sequences: Any) -> None:
    """Add a genome's coordinates to a table of sites, where the source knows them.

    Args:
        sites: The table of `activation_sites`, changed in place.
        sequences: What was read. A method `coordinates(rows)` of it gives chromosome,
            start, end and strand of the sequences, as that of `GenomeSequences` does;
            those of a FASTA file may stand in the names of its records. Without any the
            table stays as it is.
    """
    rows, places = np.unique(sites["sequence"].to_numpy(), return_inverse=True)
    method = getattr(sequences, "coordinates", None)
    if callable(method):
        found = method(rows)
    elif (path := _fasta_of(sequences)) is not None:
        found = _told_by_names(path, rows)
    else:
        return
    if found is None:
        return
    chromosome, starts, ends, strands = (np.asarray(part)[places] for part in found)
    is_reverse = strands == "-"
    start, end = sites["start"].to_numpy(), sites["end"].to_numpy()
    sites["chromosome"] = chromosome
    sites["genome_start"] = np.where(is_reverse, ends - end, starts + start)
    sites["genome_end"] = np.where(is_reverse, ends - start, starts + end)
    on_other = is_reverse != (sites["strand"].to_numpy() == "-")
    sites["genome_strand"] = np.where(on_other, "-", "+")


def _fasta_of(sequences: Any) -> Path | None:
    """Return the FASTA file whose records the sequences are, uncut; None for others."""
    if isinstance(sequences, FastaSequences):
        return Path(sequences.path) if sequences.length is None else None
    if not names_file(sequences):
        return None
    opened = open_file(sequences)
    return opened if isinstance(opened, Path) else None


def _told_by_names(path: Path, rows: Any) -> tuple[Any, ...] | None:
    """Return where the records of a FASTA file lie, if all their names say it.

    Args:
        path: The file.
        rows: Which records, rising.

    Returns:
        Chromosomes, starts, ends and strands; None where a name says nothing, or
        another length than the record has.
    """
    wanted, found = set(rows.tolist()), []
    for index, (name, sequence) in enumerate(read_fasta(path)):
        told = _HEADER.fullmatch(name)
        if told is None:
            return None
        chromosome, start, end = told[1], int(told[2]), int(told[3])
        if end - start + 1 == len(sequence):  # samtools counts from 1
            start -= 1
        if end - start != len(sequence):
            return None
        if index in wanted:
            found.append((chromosome, start, end, "-" if told[4] == "-" else "+"))
    chromosomes, starts, ends, strands = zip(*found, strict=True) if found else [()] * 4
    return (
        np.array(chromosomes, dtype=object),
        np.array(starts, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        np.array(strands),
    )
