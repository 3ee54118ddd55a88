"""What moves Table 1's match fractions: windows, trimming, Gmeb1, the JASPAR release.

    python examples/paper/table1_synthetic.py
    python examples/paper/match_rules.py

Reads each network that table1_synthetic.py trained by one rule after the other, and
prints the shares of filters that match.
"""

import keras
import pandas as pd
import protocol
import script_options

import keras_motif as km

# Options of extraction, whether to trim, ids that don't count, database.
RULES = {
    "Table 1": ({}, True, ("MA0615",), "JASPAR2016"),
    "released windows": ({"compat": "released"}, True, ("MA0615",), "JASPAR2016"),
    "best site": ({"select": "best"}, True, ("MA0615",), "JASPAR2016"),
    "not trimmed": ({}, False, ("MA0615",), "JASPAR2016"),
    "not trimmed, Gmeb1 counts": ({}, False, (), "JASPAR2016"),
    "JASPAR 2014": ({}, True, ("MA0615",), "JASPAR2014"),
    "JASPAR 2026": ({}, True, protocol.UNINFORMATIVE, "JASPAR2026"),
}


def fractions(motifs, trim, exclude, database):
    """Return the match fractions of motifs; as in Table 1, flat ones match nothing."""
    used = [motif for motif in motifs if motif.information().max() > 0.5]
    used = [motif.trim() if trim else motif for motif in used]
    matches = km.motif_match(used, database)
    factors = km.datasets.SYNTHETIC_FACTORS
    return km.match_fractions(matches, len(motifs), factors, exclude=exclude)


def main():
    parser = script_options.reading_parser(
        __doc__, networks="table1-output", table="match_rules.tsv"
    )
    args = parser.parse_args()
    folders = protocol.trained_networks(args.networks)
    x = km.datasets.synthetic(args.num_sequences).test.x
    rows = []
    for folder in folders:
        print(f"Reading {folder.name} ...", flush=True)
        network = folder.name.rsplit("_", 1)[0]
        model = keras.models.load_model(folder / "model.keras")
        for rule, (options, *matching) in RULES.items():
            motifs = km.extract_motifs(model, x, **options)
            found = fractions(motifs, *matching)
            rows.append(
                {
                    "network": network,
                    "rule": rule,
                    "jaspar": found.any,
                    "relevant": found.relevant,
                    "coverage": found.coverage,
                }
            )
    metrics = protocol.METRICS[1:]
    table = protocol.summary(pd.DataFrame(rows), ["network", "rule"], metrics)
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
