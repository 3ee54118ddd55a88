"""Which rule tells a name from chance? What match_support's rule was chosen by.

    python examples/paper/names_rules.py

For each rule: the share of filters of untrained networks that it names, the share of
known motifs that keep their name, and what is left of the relevant share of trained
networks. On the seeds and the database that the rule was found with; names_null.py,
names_control.py and names_trained.py look at others.
"""

import names
import names_control
import names_null
import names_trained
import numpy as np
import pandas as pd
import protocol
import script_options

import keras_motif as km

# What a row of the table of matches, with its support beside it, must have.
RULES = {
    "Tomtom": "E <= 0.1",
    "E <= 0.01": "E <= 0.01",
    "target coverage >= 0.5": "target_coverage >= 0.5",
    **{f"shared bits >= {bits}": f"shared_bits >= {bits}" for bits in (4, 5, 6, 7)},
    **{
        f"supporting bits >= {bits}": f"supporting_bits >= {bits}"
        for bits in (4, 4.5, 5, 5.5, 6)
    },
}


def supported_matches(motifs, targets):
    """Return the table of matches with its support, E-values as column E."""
    matches = km.motif_match(motifs, targets)
    table = pd.concat([pd.DataFrame(matches), km.match_support(matches)], axis=1)
    return table.rename(columns={"E-value": "E"})


def untrained_shares(args, targets):
    """Return the share of named filters, by rule, of each kind of untrained network."""
    bases = np.random.default_rng(0).integers(0, 4, (2000, 200))
    x = np.eye(4, dtype="int8")[bases]
    shares = []
    for activation in script_options.ACTIVATIONS:
        for width in args.widths:
            print(f"{activation}, width {width} ...", flush=True)
            named = []
            for seed in args.seeds:
                motifs = names_null.untrained_motifs(width, activation, seed, x)
                table = supported_matches(names.readable(motifs), targets)
                named.append(_queries(table, len(motifs)))
            shares.append(np.mean(named, axis=0))
    return np.array(shares)


def control_shares(args, targets):
    """Return the share of known motifs that keep their name, by rule."""
    shares = []
    for num_sites in (20, 200):
        for is_cut in (False, True):
            kept = []
            for seed in args.seeds:
                motifs = names_control.control_motifs(
                    targets, args.count, num_sites, is_cut, seed
                )
                table = supported_matches([m.trim() for m in motifs], targets)
                own = (
                    protocol.base_ids(table) == table["Query_ID"].str.split(".").str[0]
                )
                kept.append(_queries(table[own], len(motifs)))
            shares.append(np.mean(kept, axis=0))
    return np.array(shares)


def relevant_shares(args, targets):
    """Return the relevant share of the simulated CNN-2 exponential, by rule."""
    ids = {i for ids in km.datasets.SYNTHETIC_FACTORS.values() for i in ids}
    shares = []
    for data, network, seed, motifs in names_trained.read_networks(args.motifs):
        if (
            data == "simulated"
            and network == "cnn_2_exponential"
            and seed in args.seeds
        ):
            table = supported_matches(names.readable(motifs), targets)
            relevant = protocol.base_ids(table).isin(ids)
            shares.append(_queries(table[relevant], len(motifs)))
    return np.array(shares)


def _queries(table, number):
    """Return the share of motifs with a row that each rule takes."""
    found = [table.query(rule)["Query_ID"].nunique() for rule in RULES.values()]
    return np.array(found) / number


def main():
    parser = script_options.parser(__doc__)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--widths", nargs="+", type=int, default=names_null.WIDTHS)
    parser.add_argument("--count", type=int, default=200)
    folder = script_options.RESULTS / "motifs"
    parser.add_argument("--motifs", type=type(folder), default=folder)
    table = script_options.RESULTS / "names_rules.tsv"
    parser.add_argument("--table", default=table)
    args = parser.parse_args()
    targets = names.DATABASES["JASPAR2016"].load()
    untrained = untrained_shares(args, targets)
    table = pd.DataFrame({"rule": list(RULES)})
    table["untrained_worst"] = untrained.max(axis=0)
    table["untrained_mean"] = untrained.mean(axis=0)
    table["kept_worst"] = control_shares(args, targets).min(axis=0)
    table["relevant"] = relevant_shares(args, targets).mean(axis=0)
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
