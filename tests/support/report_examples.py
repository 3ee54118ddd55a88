"""Small motifs, targets and tables that the tests of the report share."""

import numpy as np
import pandas as pd

from keras_motif.motifs.motif import Motif
from keras_motif.profiles import class_enrichment, site_positions
from support.motif_examples import UNIFORM, motif_of

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
DASH = "\N{EN DASH}"
HOSTILE = "<script>alert(1)</script>"
CLASSES = ["K562 <JUN>", "HepG2", "unseen"]


def table_of(*rows, motifs=(), targets=()):
    """Matches from (query, target, offset, E, orientation), of motifs if given."""
    queries, known = ({m.name: m for m in listed} for listed in (motifs, targets))
    full = []
    for query, target, offset, e, strand in rows:
        below = known.get(target)
        if below is not None and strand == "-":
            below = below.reverse_complement()
        texts = [m.consensus if m else "ACGT" for m in (queries.get(query), below)]
        full.append((query, target, offset, e / 100, e, e / 2, 4, *texts, strand))
    return pd.DataFrame(full, columns=COLUMNS)


def support_of(matches, convincing=True):
    """Support of any table: 9 bits for each, or 3.1."""
    bits = np.where(convincing, 9.0, 3.1) * np.ones(len(matches))
    return pd.DataFrame(
        {"supporting_bits": bits, "is_convincing": bits > 5}, index=matches.index
    )


def example_motifs():
    return [
        motif_of("TGACTCA", "filter0", num_sites=1500),
        motif_of("CCATATTAGG", "filter1", num_sites=20),
        Motif([[0.4, 0.2, 0.2, 0.2]] * 4, "filter2", num_sites=7),
        Motif(UNIFORM, "filter3", num_sites=0),
    ]


def example_targets():
    return [
        motif_of("GGATGACTCAT", "MA0490.1", alt_name="JUNB"),
        motif_of("TGAGTCA", "MA0099.2", alt_name="FOS::JUN"),
        motif_of("CCATATTAGG", "MA0083.3", alt_name="SRF"),
    ]


def example_matches():
    return table_of(
        ("filter0", "MA0490.1", 3, 6e-4, "+"),
        ("filter0", "MA0099.2", 0, 4e-3, "-"),
        ("filter1", "MA0083.3", 0, 2e-9, "+"),
        motifs=example_motifs(),
        targets=example_targets(),
    )


def example_profiles():
    """Tables of 40 sequences of 100 bases; the first 20 are K562's.

    filter0 fires on 16 of these, from base 50 on, and on no other; filter1 fires
    once, at the start, on every fourth sequence; filter2 and filter3 never.
    """
    rows = [("filter0", index, 50 + index, 57 + index) for index in range(16)]
    rows += [("filter1", index, 0, 10) for index in range(0, 40, 4)]
    sites = pd.DataFrame(rows, columns=["filter", "sequence", "start", "end"])
    labels = np.stack([np.arange(40) < 20, np.arange(40) % 2, np.zeros(40)], axis=1)
    names = [motif.name for motif in example_motifs()]
    return {
        "positions": site_positions(sites, 100, num_bins=10, filters=names),
        "enrichment": class_enrichment(
            sites, labels, class_names=CLASSES, filters=names
        ),
    }


def example_sites():
    """Seven sites of filter0, the largest activation last, and one of filter1."""
    rows = [("filter0", 30 + i, i, i + 7, "+-"[i % 2], 1.5 * i) for i in range(7)]
    rows.append(("filter1", 3, 40, 50, "+", 1.25))
    columns = ["filter", "sequence", "start", "end", "strand", "activation"]
    return pd.DataFrame(rows, columns=columns)


def example_pairs(*pairs):
    """Duplicates from (filter, duplicate, E, orientation)."""
    full = [(one, other, e, 7, strand) for one, other, e, strand in pairs]
    columns = ["filter", "duplicate", "E-value", "overlap", "orientation"]
    return pd.DataFrame(full, columns=columns)


def hostile_arguments():
    motif = motif_of("ACGT", HOSTILE, alt_name='" onload="alert(2)', num_sites=3)
    other = motif_of("ACGA", HOSTILE + "2", num_sites=3)
    target = motif_of("ACGT", "MA1.1</style>", alt_name="'><img src=x>::<b>")
    sites = pd.DataFrame(
        {"filter": [HOSTILE] * 9, "sequence": range(9), "start": 5, "end": 9}
    )
    labels = (np.arange(40) < 9).astype(int)
    return {
        "motifs": [motif, other],
        "matches": table_of((HOSTILE, "MA1.1</style>", 0, 1e-3, "+")),
        "support": pd.DataFrame({"supporting_bits": [9.0], "is_convincing": [True]}),
        "targets": [target],
        "positions": site_positions(sites, 20),
        "enrichment": class_enrichment(sites, labels, class_names=[HOSTILE]),
        "duplicates": example_pairs((HOSTILE, HOSTILE + "2", 1e-9, "-")),
    }


def large_arguments(random, num_filters=64):
    """A page as large as they come: 64 filters, ten matches each, twelve classes."""
    motifs = [
        Motif(random.dirichlet([0.3] * 4, 19), f"filter{index}", num_sites=900)
        for index in range(num_filters)
    ]
    targets = [
        Motif(random.dirichlet([0.3] * 4, 15), f"MA{index}.1", alt_name=f"F{index}")
        for index in range(1000)
    ]
    rows = [
        (motif.name, f"MA{target}.1", 0, 1e-3, "+-"[target % 2])
        for motif in motifs
        for target in random.choice(len(targets), 10, replace=False)
    ]
    size = num_filters * 200
    starts = random.integers(0, 181, size)
    sites = pd.DataFrame(
        {
            "filter": [f"filter{index % num_filters}" for index in range(size)],
            "sequence": random.integers(2000, size=size),
            "start": starts,
            "end": starts + 19,
        }
    )
    labels = random.integers(2, size=(2000, 12))
    matches = table_of(*rows)
    return {
        "motifs": motifs,
        "matches": matches,
        "support": support_of(matches),
        "targets": targets,
        "positions": site_positions(sites, 200, filters=motifs),
        "enrichment": class_enrichment(sites, labels, filters=motifs),
    }
