"""The motifs of the golden tables, and what the text of every table has."""

from support.paths import GOLDEN

QUERIES, TARGETS = GOLDEN / "queries32.meme", GOLDEN / "targets60.meme"
COLUMNS = [
    "Query_ID",
    "Target_ID",
    "Optimal_offset",
    "p-value",
    "E-value",
    "q-value",
    "Overlap",
    "Query_consensus",
    "Target_consensus",
    "Orientation",
]


def uncommented(text):
    return [line for line in text.split("\n") if not line.startswith("#")]
