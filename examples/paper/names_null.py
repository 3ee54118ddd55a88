"""Names that untrained networks get: Tomtom's, and those with support.

    python examples/paper/names_null.py

Reads 64 filters of each width, ReLU and exponential, straight from he_normal, on random
DNA with the callback's defaults, and prints what share of them is named.
"""

import keras
import names
import numpy as np
import pandas as pd
import protocol
import script_options

import keras_motif as km

WIDTHS = list(range(7, 26, 2))


def untrained_motifs(width, activation, seed, x, num_filters=64):
    """Return the motifs of a first convolution that was not trained, untrimmed."""
    keras.utils.set_random_seed(seed)
    convolution = keras.layers.Conv1D(
        num_filters,
        width,
        padding="same",
        kernel_initializer="he_normal",
        activation=activation,
    )
    model = keras.Sequential([keras.Input(x.shape[1:]), convolution])
    return km.extract_motifs(model, x)


def main():
    parser = script_options.parser(__doc__)
    # 1 and 2 are those that the rule was found with.
    parser.add_argument("--seeds", nargs="+", type=int, default=[3, 4, 5, 6, 7])
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    parser.add_argument("--num-sequences", type=int, default=2000)
    databases = list(names.DATABASES)
    parser.add_argument("--databases", nargs="+", default=databases, choices=databases)
    table = script_options.RESULTS / "names_null.tsv"
    parser.add_argument("--table", default=table)
    args = parser.parse_args()
    bases = np.random.default_rng(0).integers(0, 4, (args.num_sequences, 200))
    x = np.eye(4, dtype="int8")[bases]
    targets = {name: names.DATABASES[name].load() for name in args.databases}
    rows = []
    for activation in script_options.ACTIVATIONS:
        for width in args.widths:
            print(f"{activation}, width {width} ...", flush=True)
            for seed in args.seeds:
                motifs = untrained_motifs(width, activation, seed, x)
                key = {"activation": activation, "width": width}
                key["readable"] = len(names.readable(motifs)) / len(motifs)
                for name, pool in targets.items():
                    counted = names.count_names(motifs, pool)
                    rows.append({"database": name, **key, **counted._asdict()})
    by = ["database", "activation", "width"]
    columns = ["readable", "tomtom", "convincing"]
    groups = pd.DataFrame(rows).groupby(by, sort=False)
    table = groups[columns].mean()
    table["convincing_max"] = groups["convincing"].max()
    table = table.reset_index().sort_values("database", kind="stable")
    table.insert(3, "seeds", len(args.seeds))
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
