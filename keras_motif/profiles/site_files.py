"""Sites as files that genome browsers read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from keras_motif._checks import check_path, printable
from keras_motif._files import whole_file
from keras_motif.profiles._sites import check_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_sites"]

_GENOME = ["chromosome", "genome_start", "genome_end", "genome_strand"]
_NAMED = ["sequence_name", "start", "end", "strand"]


def write_sites(sites: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    r"""Write sites as BED6, sorted by chromosome and start, whole or not at all.

    The name is the filter's; the score is the activation as a share of the filter's
    largest, from 0 to 1000. Sites of windows of a genome lie on its chromosomes, those
    of a table with the column `sequence_name` on the sequences of these names. A site
    that begins before the chromosome, in padding, is left out.

    Args:
        sites: What `activation_sites` returned for `GenomeSequences`, or with a column
            `sequence_name`.
        path: The file; its folder must exist.

    Raises:
        ValueError: A table of something else, without coordinates and names, or names
            with blanks, which BED can't hold.
        TypeError: `path` is no path.
        OSError: The folder does not exist or cannot be written.

    Example:
        >>> import pandas as pd, pathlib, tempfile
        >>> sites = pd.DataFrame(
        ...     {
        ...         "filter": ["filter0"],
        ...         "sequence_name": ["chr1"],
        ...         "start": [5],
        ...         "end": [12],
        ...         "strand": ["-"],
        ...         "activation": [2.0],
        ...     }
        ... )
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_sites(sites, pathlib.Path(folder, "sites.bed"))
        ...     pathlib.Path(folder, "sites.bed").read_text()
        'chr1\t5\t12\tfilter0\t1000\t-\n'
    """
    check_path(path, "write_sites(sites, path)")
    columns = _GENOME if "chromosome" in getattr(sites, "columns", ()) else _NAMED
    if columns is _NAMED and "sequence_name" not in getattr(sites, "columns", ()):
        check_columns(sites, ("filter", "start", "end", "strand", "activation"))
        raise ValueError(
            "`sites` must say where its sequences lie: on the chromosomes of a genome, "
            "as those of `datasets.GenomeSequences` do, or by a column `sequence_name`."
            " Received neither. With the sequences' names in order, add it: "
            '`sites["sequence_name"] = [names[i] for i in sites["sequence"]]`.'
        )
    check_columns(sites, ("filter", *columns, "activation"))
    table = sites[columns[:3]].copy()
    table["filter"] = sites["filter"]
    largest = sites.groupby("filter")["activation"].transform("max")
    shares = np.clip(sites["activation"] / largest, 0, 1)
    table["score"] = np.rint(1000 * shares).astype(int)
    table["strand"] = sites[columns[3]]
    table = table[table[columns[1]] >= 0].sort_values(columns[:3], kind="stable")
    for column in (columns[0], "filter"):
        table[column] = [printable(str(name)) for name in table[column]]
        if any(
            len(name.split()) != 1 or name != name.strip() for name in table[column]
        ):
            raise ValueError(
                f"`sites` must have names without blanks in the column {column!r}, "
                "which BED6 can't hold. Replace the blanks."
            )
    with whole_file(path) as temporary:
        table.to_csv(
            temporary, sep="\t", header=False, index=False, lineterminator="\n"
        )
