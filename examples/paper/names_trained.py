"""Names that trained networks get: Tomtom's, and those with support.

    python examples/paper/names_trained.py

Reads the motifs that table1_synthetic.py and table1_in_vivo.py keep in results/motifs,
so needs no training, and prints what share of each network's filters is named, and
relevant; and what share of them is named with their columns shuffled.
"""

import names
import pandas as pd
import protocol
import script_options

import keras_motif as km

# The factors of the labels of deepbind_encode_multilabel13.tsv.gz.
ENCODE = (
    *("ARID3A", "CTCFL", "ELK1", "FOXA1", "FOXM1", "GABPA", "GATA3", "MYC"),
    *("REST", "SP1", "USF1", "ZBTB7A"),
)
# Of each kind of network: how its files' names begin, and its labels' factors.
KINDS = {
    "ENCODE": ("deepbind_encode_multilabel13_", ENCODE),
    "IRF1": ("IRF1_400_h3k27ac_", ("IRF1",)),
    "simulated": ("", None),
}


def read_networks(folder):
    """Yield data, network, seed and untrimmed motifs of each file."""
    paths = sorted(folder.glob("*.meme.gz"))
    if not paths:
        raise SystemExit(f"No motifs in {folder}: train networks first.")
    for path in paths:
        name = path.name.removesuffix(".meme.gz")
        data = next(
            kind for kind, (start, _) in KINDS.items() if name.startswith(start)
        )
        network, _, seed = name.removeprefix(KINDS[data][0]).rpartition("_")
        yield data, network, int(seed), km.read_meme(path).motifs


def relevant_ids(data, database):
    """Return the matrices of the factors that networks were trained on."""
    factors = KINDS[data][1]
    if factors is None:
        return km.datasets.SYNTHETIC_FACTORS
    return km.factor_ids(factors, names.DATABASES[database].release)


def shuffled_shares(motifs, targets, num_shuffles):
    """Return the shares of all motifs that are named when shuffled, as columns."""
    readable = names.readable(motifs)
    found = km.shuffled_share(readable, targets, num_shuffles=num_shuffles)
    share = len(readable) / len(motifs)
    return {
        "shuffled_tomtom": share * found.tomtom,
        "shuffled_convincing": share * found.convincing,
    }


def main():
    parser = script_options.parser(__doc__)
    folder = script_options.RESULTS / "motifs"
    parser.add_argument("--motifs", type=type(folder), default=folder)
    parser.add_argument("--num-shuffles", type=int, default=100)
    databases = list(names.DATABASES)
    parser.add_argument("--databases", nargs="+", default=databases, choices=databases)
    # Shuffling takes nearly all of the time.
    options = {"nargs": "*", "default": ["JASPAR2026"], "choices": databases}
    parser.add_argument("--shuffled", help="databases to shuffle against", **options)
    table = script_options.RESULTS / "names_trained.tsv"
    parser.add_argument("--table", default=table)
    args = parser.parse_args()
    targets = {name: names.DATABASES[name].load() for name in args.databases}
    rows = []
    for data, network, seed, motifs in read_networks(args.motifs):
        print(f"{data}, {network}, seed {seed} ...", flush=True)
        key = {"data": data, "network": network, "seed": seed}
        for name, pool in targets.items():
            is_vertebrate = names.DATABASES[name].tax_group == "vertebrates"
            relevant = relevant_ids(data, name) if is_vertebrate else None
            counted = names.count_names(motifs, pool, relevant)._asdict()
            if relevant is None:
                counted["relevant_tomtom"] = counted["relevant_convincing"] = None
            if name in args.shuffled:
                counted |= shuffled_shares(motifs, pool, args.num_shuffles)
            rows.append({**key, "database": name, **counted})
    table = pd.DataFrame(rows).sort_values("database", kind="stable")
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
