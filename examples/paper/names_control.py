"""Do known motifs keep their name? A control that a harsh rule fails.

    python examples/paper/names_control.py

Draws 200 matrices of each database, counts each from 20 or 200 sites drawn from it,
whole or cut to its best 6 to 8 columns, and prints how many match their own id; and how
many of the same are named with their columns shuffled.
"""

import names
import numpy as np
import pandas as pd
import protocol
import script_options

import keras_motif as km


def control_motifs(pool, count, num_sites, is_cut, seed):
    """Return samples of matrices of a database."""
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(pool), count, replace=False))
    motifs = [names.sample_motif(pool[index], num_sites, random) for index in chosen]
    if is_cut:
        motifs = [names.best_columns(m, int(random.integers(6, 9))) for m in motifs]
    return motifs


def main():
    parser = script_options.parser(__doc__)
    # 1 and 2 are those that the rule was found with.
    parser.add_argument("--seeds", nargs="+", type=int, default=[3])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--num-shuffles", type=int, default=5)
    databases = list(names.DATABASES)
    parser.add_argument("--databases", nargs="+", default=databases, choices=databases)
    table = script_options.RESULTS / "names_control.tsv"
    parser.add_argument("--table", default=table)
    args = parser.parse_args()
    rows = []
    for name in args.databases:
        pool = names.DATABASES[name].load()
        for num_sites in (20, 200):
            for is_cut in (False, True):
                print(f"{name}, {num_sites} sites, cut {is_cut} ...", flush=True)
                for seed in args.seeds:
                    motifs = control_motifs(pool, args.count, num_sites, is_cut, seed)
                    kept = names.keep_their_name(motifs, pool)
                    shuffled = km.shuffled_share(
                        motifs, pool, num_shuffles=args.num_shuffles, seed=seed
                    )
                    key = {"database": name, "sites": num_sites, "cut": is_cut}
                    figures = dict(zip(["tomtom", "convincing"], kept, strict=True))
                    figures["shuffled_tomtom"] = shuffled.tomtom
                    figures["shuffled_convincing"] = shuffled.convincing
                    rows.append({**key, **figures})
    table = pd.DataFrame(rows).groupby(["database", "sites", "cut"], sort=False).mean()
    table = table.reset_index()
    table.insert(3, "matrices", args.count * len(args.seeds))
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
