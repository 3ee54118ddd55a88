"""Filters without a match: did they learn at all?

    python examples/paper/recipe.py
    python examples/paper/unlearned_filters.py

Compares the kernel of each filter of the networks that recipe.py trained with the one
that it started from: cosine of the two, each column less its mean, which changes no
order among sequences. Prints it for filters with and without a relevant match.
"""

import keras
import numpy as np
import pandas as pd
import protocol
import recipe
import script_options

import keras_motif as km


def first_kernel(model):
    """Return the first kernel, each column less its mean, (filters, taps x 4)."""
    kernel = np.asarray(model.get_layer("first_convolution").get_weights()[0])
    return (kernel - kernel.mean(axis=1, keepdims=True)).reshape(-1, kernel.shape[-1]).T


def kernel_cosines(before, after):
    """Return the cosine between each filter's kernels, (filters,)."""
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return (before * after).sum(axis=1) / lengths


def relevant_filters(motifs):
    """Return for each motif whether it matches what was implanted."""
    matches = km.motif_match([motif.trim() for motif in motifs], "JASPAR2016")
    ids = {i for ids in km.datasets.SYNTHETIC_FACTORS.values() for i in ids}
    found = protocol.base_ids(matches).isin(ids)
    names = set(matches.loc[found, "Query_ID"])
    return np.array([motif.name in names for motif in motifs])


def main():
    parser = script_options.reading_parser(
        __doc__, networks="recipe-output", table="unlearned_filters.tsv"
    )
    parser.add_argument("--model", default="cnn_2", choices=list(recipe.DROPOUTS))
    args = parser.parse_args()
    x = km.datasets.synthetic(args.num_sequences).test.x
    rows = []
    for name, (network, _) in recipe.RECIPES.items():
        for seed in range(1, 6):
            folder = args.networks / recipe.folder_name(args.model, name, seed)
            if not (folder / "model.keras").exists():
                continue
            print(f"Reading {folder} ...", flush=True)
            # The seed makes the kernels that the training began with.
            keras.utils.set_random_seed(seed)
            before = first_kernel(recipe.build(args.model, **network))
            model = keras.models.load_model(folder / "model.keras")
            cosines = kernel_cosines(before, first_kernel(model))
            motifs = km.extract_motifs(model, x)
            is_relevant = relevant_filters(motifs)
            sites = [motif.num_sites for motif in motifs]
            table = pd.DataFrame(
                {"recipe": name, "relevant": is_relevant, "cosine": cosines}
            )
            rows.append(table.assign(sites=sites))
    if not rows:
        parser.error(f"no network in {args.networks}: run recipe.py first")
    groups = pd.concat(rows).groupby(["recipe", "relevant"], sort=False)
    table = groups.size().rename("filters").to_frame()
    for column in ("cosine", "sites"):
        for what in ("min", "median", "max"):
            table[f"{column}_{what}"] = groups[column].agg(what)
    table = table.reset_index()
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
