"""Which known motifs a motif resembles, and where motifs occur in sequences."""

from keras_motif.matching.annotation import annotate
from keras_motif.matching.column_scores import DISTANCES
from keras_motif.matching.consensus import ConsensusMotif, consensus_motifs
from keras_motif.matching.families import family_table, match_families
from keras_motif.matching.fractions import (
    MatchFractions,
    leave_out,
    match_fractions,
    warn_of_unknown,
)
from keras_motif.matching.match import motif_match
from keras_motif.matching.qvalues import benjamini_hochberg
from keras_motif.matching.scan import motif_scan
from keras_motif.matching.shuffles import ShuffledShare, shuffled_share
from keras_motif.matching.support import convincing_rows, knows_motifs, match_support
from keras_motif.matching.table import no_matches, write_matches, write_support

__all__ = [
    "DISTANCES",
    "ConsensusMotif",
    "MatchFractions",
    "ShuffledShare",
    "annotate",
    "benjamini_hochberg",
    "consensus_motifs",
    "convincing_rows",
    "family_table",
    "knows_motifs",
    "leave_out",
    "match_families",
    "match_fractions",
    "match_support",
    "motif_match",
    "motif_scan",
    "no_matches",
    "shuffled_share",
    "warn_of_unknown",
    "write_matches",
    "write_support",
]
