"""With the exponential in deeper convolutions, do their filters read as pairs?

    python examples/paper/deeper_layers.py

Trains networks of three convolutions on sequences whose label is the distance between
two motifs, with the exponential in none of them, in one, or in the first and another,
and reads the filters of each convolution. A filter of the first sees one motif at most.
One that is deeper reads as a pair where its motif matches both factors convincingly, at
their distance. Each finished layer is a line in the trials' file; run it again to go on
after a stop. Draws a plot beside the table.
"""

from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import plots
import protocol
import script_options

import keras_motif as km

# Filters, width and pool of each convolution. A position of the second sees 43 bases,
# one of the third 51; the widest pair has 36. Pools between them would blur motifs.
CONVOLUTIONS = {"first": (30, 19, 1), "second": (32, 25, 1), "third": (64, 9, 100)}
# Where the exponential is; the others have ReLU. In all three it diverged.
SETTINGS = {
    "none": (),
    "first": ("first",),
    "second": ("second",),
    "third": ("third",),
    "first, second": ("first", "second"),
    "first, third": ("first", "third"),
}
KEYS = ["exponential", "layer", "seed"]
# Of a layer's filters: those that read as a pair, as one factor; of the pairs: those
# that some filter reads as; what sites hold, see `pairs_in_sites`; bits.
METRICS = (
    "auPR",
    "pairs",
    "single",
    "covered",
    "sites",
    "chosen",
    "expected",
    "information",
)
PAIRS = km.datasets.SYNTHETIC_PAIRS
TOLERANCE = 1  # bases, of a distance


def build(exponential, length=200):
    """Build a network with the exponential behind some convolutions."""
    x = inputs = keras.Input((length, 4), name="sequence")
    for place, (name, (filters, width, pool)) in enumerate(CONVOLUTIONS.items()):
        x = keras.layers.Conv1D(
            filters,
            width,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(1e-6),
            name=f"{name}_convolution",
        )(x)
        x = keras.layers.BatchNormalization()(x)
        chosen = km.Exponential() if name in exponential else keras.layers.ReLU()
        chosen.name = f"{name}_activation"
        x = keras.layers.Dropout(0.1 * (place + 1))(chosen(x))
        x = keras.layers.MaxPooling1D(pool)(x) if pool > 1 else x
    x = keras.layers.Dense(128, use_bias=False)(keras.layers.Flatten()(x))
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Dropout(0.5)(x)
    outputs = keras.layers.Dense(len(PAIRS), activation="sigmoid")(x)
    return keras.Model(inputs, outputs, name="deeper")


def factors_of(motifs, known):
    """Return where each motif's convincing matches of the implanted factors lie.

    Args:
        motifs: Filters' motifs.
        known: The implanted motifs by factor.

    Returns:
        For each motif that has any: factor -> position of its first base in the motif.
    """
    matches = km.motif_match(motifs, ["JASPAR2016", known])
    good = matches[km.match_support(matches)["is_convincing"]]
    good = good[good["Target_ID"].isin(known)]
    return {
        query: dict(zip(rows["Target_ID"], -rows["Optimal_offset"], strict=True))
        for query, rows in good.groupby("Query_ID")
    }


def pair_of(starts, known):
    """Return the pair whose factors lie at their distance, on either strand, or None.

    Args:
        starts: Factor -> position of its first base.
        known: The implanted motifs by factor.
    """
    for name, (first, second, gap) in PAIRS.items():
        if first in starts and second in starts:
            after = starts[second] - starts[first] - known[first].width
            before = starts[first] - starts[second] - known[second].width
            if min(abs(after - gap), abs(before - gap)) <= TOLERANCE:
                return name
    return None


def pairs_in_sites(sites, split):
    """Return what sites hold, whatever their motif spells.

    Args:
        sites: What `activation_sites` returned for the split.
        split: Sequences, with what they were drawn from.

    Returns:
        Three shares: of a filter's sites, those with both motifs of one pair at its
        distance, of the pair that has most, mean over filters; of all sites with both
        motifs of a pair, those at its distance; and how many these would be if the
        same windows lay at random.
    """
    if sites.empty:
        return 0.0, 0.0, 0.0
    truth = km.datasets.implanted_sites(split.model).groupby("sequence")
    both = truth.agg(low=("start", "min"), high=("end", "max"))
    both["pair"] = truth["factor"].agg(lambda x: "-".join(sorted(x)))
    both["together"] = split.y.any(axis=1)[both.index]
    width = (sites["end"] - sites["start"]).iloc[0]
    room = (width - (both["high"] - both["low"]) + 1).clip(lower=0)
    joined = sites.join(both, on="sequence")
    within = (joined["start"] <= joined["low"]) & (joined["end"] >= joined["high"])
    held = joined[within]
    counts = held[held["together"]].groupby(["filter", "pair"]).size()
    numbers = sites.groupby("filter").size()
    best = counts.groupby("filter").max().reindex(numbers.index, fill_value=0)
    return (
        float((best / numbers).mean()),
        float(held["together"].mean()) if len(held) else 0.0,
        float(room[both["together"]].sum() / room.sum()) if room.any() else 0.0,
    )


def read(model, split, layer):
    """Return what the filters of a layer read as."""
    options = {"layer": f"{layer}_activation", "progress": False}
    motifs = km.extract_motifs(model, split.x, trim=True, **options)
    sites = km.activation_sites(model, split.x, **options)
    known = km.datasets.implanted_motifs()
    found = factors_of(motifs, known)
    pairs = [pair for x in found.values() if (pair := pair_of(x, known))]
    in_sites, chosen, expected = pairs_in_sites(sites, split)
    return {
        "pairs": len(pairs) / len(motifs),
        "single": (len(found) - len(pairs)) / len(motifs),
        "covered": len(set(pairs)) / len(PAIRS),
        "sites": in_sites,
        "chosen": chosen,
        "expected": expected,
        "information": float(np.mean([x.information().sum() for x in motifs])),
    }


def run(args, data, trials):
    """Train what has no line yet, and return what diverged."""
    diverged = []
    for seed in args.seeds:
        for name in args.settings:
            keys = [
                {"exponential": name, "layer": layer, "seed": seed}
                for layer in CONVOLUTIONS
            ]
            if all(trials.is_done(**key) for key in keys):
                continue
            print(f"\nexponential: {name}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            model = build(SETTINGS[name])
            try:
                trained = protocol.train(
                    model, data, epochs=args.epochs, patience=args.patience
                )
            except protocol.DivergedError as error:
                print(error)
                diverged.append(f"{name}, seed {seed}")
                continue
            folder = args.output_dir / f"{name.replace(', ', '_')}_{seed}"
            folder.mkdir(parents=True, exist_ok=True)
            model.save(folder / "model.keras")
            scores = model.predict(data.test.x, batch_size=500, verbose=0)
            trained["auPR"] = protocol.mean_aupr(data.test.y, scores)
            trained["num_sequences"] = args.num_sequences
            for key in keys:
                figures = read(model, data.test, key["layer"])
                trials.add({**key, **figures, **trained, **protocol.versions()})
    return diverged


def draw(table, path):
    """Draw what share of each layer's filters reads as a pair, or as one factor."""
    figure, axes = plt.subplots(
        1, len(CONVOLUTIONS), sharey=True, figsize=(8, 2.6), layout="constrained"
    )
    for layer, plot in zip(CONVOLUTIONS, axes, strict=True):
        part = table[table["layer"] == layer]
        left = np.zeros(len(part))
        for metric, colour in (("pairs", "#3b6ea5"), ("single", "#b9cde3")):
            plot.barh(
                part["exponential"], part[metric], left=left, color=colour, label=metric
            )
            left += part[metric].to_numpy()
        plot.set(xlim=(0, 1), title=f"{layer} convolution", xlabel="share of filters")
        plot.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()
    axes[0].set_ylabel("exponential in")
    plots.save(figure, path, legend_of=axes[0])


def main():
    parser = script_options.training_parser(
        __doc__, seeds=[1, 2], epochs=40, num_sequences=20_000
    )
    names = list(SETTINGS)
    parser.add_argument("--settings", nargs="+", default=names, choices=names)
    parser.add_argument("--output-dir", type=Path, default=Path("deeper-output"))
    parser.add_argument("--plot", type=Path, help="PNG")
    args = parser.parse_args()
    folder = script_options.shrink(args, args.output_dir)
    script_options.name_results(args, folder, "deeper_layers")
    trials = protocol.Trials(args.trials, KEYS)
    data = km.datasets.synthetic_pairs(args.num_sequences)
    diverged = run(args, data, trials)
    if not trials.rows().empty:
        table = protocol.summary(trials.rows(), KEYS[:2], METRICS)
        order = [*SETTINGS, *CONVOLUTIONS]
        table = table.sort_values(KEYS[:2], key=lambda x: x.map(order.index))
        print(table.round(3).to_string(index=False))
        protocol.write_table(table, args.table)
        draw(table, args.plot)
    if diverged:
        raise SystemExit(f"These diverged and have no line: {'; '.join(diverged)}.")


if __name__ == "__main__":
    main()
