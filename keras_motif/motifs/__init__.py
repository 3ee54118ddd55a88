"""Motifs, and the files, databases and tools that they come from and go to."""

from keras_motif.motifs import interchange, modisco
from keras_motif.motifs._kinds import is_from
from keras_motif.motifs.counts import column_shares
from keras_motif.motifs.databases import (
    Database,
    add_database,
    added_databases,
    list_databases,
    remove_database,
)
from keras_motif.motifs.factors import factor_names, factor_of
from keras_motif.motifs.formats import read_motifs
from keras_motif.motifs.inputs import (
    MotifInput,
    MotifsLike,
    TargetsLike,
    as_motifs,
    named_motifs,
    pool_motifs,
)
from keras_motif.motifs.jaspar import (
    FactorFamily,
    factor_ids,
    jaspar_families,
    jaspar_releases,
    load_jaspar,
    release_named,
)
from keras_motif.motifs.meme import MemeFile, read_meme, write_meme
from keras_motif.motifs.motif import Motif, is_dead
from keras_motif.motifs.overlap import (
    MotifOverlap,
    aligned_overlap,
    known_columns,
    motif_overlap,
)

__all__ = [
    "Database",
    "FactorFamily",
    "MemeFile",
    "Motif",
    "MotifInput",
    "MotifOverlap",
    "MotifsLike",
    "TargetsLike",
    "add_database",
    "added_databases",
    "aligned_overlap",
    "as_motifs",
    "column_shares",
    "factor_ids",
    "factor_names",
    "factor_of",
    "interchange",
    "is_dead",
    "is_from",
    "jaspar_families",
    "jaspar_releases",
    "known_columns",
    "list_databases",
    "load_jaspar",
    "modisco",
    "motif_overlap",
    "named_motifs",
    "pool_motifs",
    "read_meme",
    "read_motifs",
    "release_named",
    "remove_database",
    "write_meme",
]
