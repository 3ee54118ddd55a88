"""What is each layer and each architecture worth, beside CNN-2 and `recommended`?

    python examples/paper/layers_table.py

Trains every row on half of the study's simulated sequences, and reads its filters:
auPR, the shares of filters with a match, with a relevant and with a convincing one, how
many of the implanted factors they cover, their information, parameters and seconds an
epoch. Each finished trial is a line in the trials' file; run it again to go on after a
stop, or several times at once. Draws a plot beside the table. `--rows`, `--seeds`,
`--epochs` and `--num-sequences` train some rows at full size into the same files.
"""

from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import plots
import protocol
import script_options

import keras_motif as km

KEYS = ["row", "activation", "num_sequences", "seed"]
METRICS = (
    "auPR",
    "jaspar",
    "relevant",
    "convincing",
    "relevant_convincing",
    "coverage",
    "information",
    "parameters",
    "seconds_an_epoch",
)
DRAWN = ("auPR", "relevant", "convincing", "coverage")
CIRCULAR = ("from motifs",)  # its filters match what they started from


def with_first_convolution(model, change):
    """Return a new network whose first convolution is what `change` makes of it."""

    def copy(layer):
        if layer.name == "first_convolution":
            return change(layer)
        return layer.__class__.from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=copy)


def pwm_kernels(build=km.models.cnn_2, **options):
    def change(layer):
        names = ("filters", "kernel_size", "padding", "kernel_regularizer", "name")
        return km.layers.PWMConv1D(**{name: getattr(layer, name) for name in names})

    return with_first_convolution(build(**options), change)


def penalised(penalty, **options):
    def change(layer):
        config = layer.get_config() | {"kernel_regularizer": penalty}
        return layer.__class__.from_config(config)

    return with_first_convolution(km.models.cnn_2(**options), change)


def from_motifs(**options):
    """Build CNN-2, twelve of whose filters start at the implanted motifs."""
    start = km.initializers.FromMotifs(km.datasets.implanted_motifs())
    return km.models.cnn_2(kernel_initializer=start, **options)


BOTH = {name: {"activation": name} for name in ("relu", "exponential")}
ONE = {"exponential": BOTH["exponential"]}
OWN = {"exponential": {}}  # of a network that takes no other
POLYNOMIALS = {
    f"polynomial {n}": {"activation": km.layers.RectifiedPolynomial(n)} for n in (2, 3)
}
# Of each row: what builds it, its options, and those of each first activation.
ROWS = {
    "cnn_2": (km.models.cnn_2, {}, {**BOTH, **POLYNOMIALS}),
    "recommended": (km.models.recommended, {}, OWN),
    "either strand": (km.models.cnn_2, {"random_strand": True}, BOTH),
    "equivariant": (km.models.cnn_2, {"strands": "equivariant"}, BOTH),
    "recommended, equivariant": (
        km.models.recommended,
        {"strands": "equivariant"},
        OWN,
    ),
    "PWM kernels": (pwm_kernels, {}, BOTH),
    "recommended, PWM kernels": (pwm_kernels, {"build": km.models.recommended}, OWN),
    "from motifs": (from_motifs, {}, ONE),
    **{
        f"information {strength:g}": (
            penalised,
            {"penalty": km.regularizers.InformationContent(strength)},
            ONE,
        )
        for strength in (1e-3, 1e-2)
    },
    **{
        f"diversity {strength:g}": (
            penalised,
            {"penalty": km.regularizers.FilterDiversity(strength)},
            ONE,
        )
        for strength in (0.1, 1)
    },
    "explainn": (km.models.explainn, {}, BOTH),
    "dilated": (km.models.dilated, {}, BOTH),
    "attention, pool 2": (km.models.cnn_attention, {"pools": (2, 12)}, BOTH),
    "attention, pool 24": (km.models.cnn_attention, {"pools": (24, 1)}, BOTH),
}


def settings(rows):
    """Return the rows with each activation that they are trained with."""
    return [(row, activation) for row in rows for activation in ROWS[row][2]]


def build(row, activation):
    """Build a row's network."""
    make, options, activations = ROWS[row]
    return make(**options, **activations[activation])


def run(args, data, trials):
    """Train what has no line yet, and return what diverged."""
    diverged = []
    for seed in args.seeds:
        for row, activation in settings(args.rows):
            size = {"num_sequences": args.num_sequences}
            key = {"row": row, "activation": activation, **size, "seed": seed}
            if trials.is_done(**key):
                continue
            print(f"\n{row}, {activation}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            model = build(row, activation)
            try:
                trained = protocol.train(
                    model, data, epochs=args.epochs, patience=args.patience, timed=True
                )
            except protocol.DivergedError as error:
                print(error)
                diverged.append(f"{row}, {activation}, seed {seed}")
                continue
            found = figures(model, data)
            trials.add({**key, **found, **trained, **protocol.versions()})
    return diverged


def figures(model, data):
    """Return what a trained network is worth."""
    found = protocol.evaluate(
        model,
        data,
        database="JASPAR2016",
        relevant=km.datasets.SYNTHETIC_FACTORS,
        with_convincing=True,
    )
    found["information"] = found.pop("bits")
    return {**found, "parameters": model.count_params()}


def summary(rows):
    """Return the means of the trials, in the order of the script."""
    table = protocol.summary(rows, KEYS[:3], METRICS).drop(columns="parameters_sd")
    table = table.astype({"parameters": int, "num_sequences": int})
    table["circular"] = table["row"].isin(CIRCULAR)
    order = {key: place for place, key in enumerate(settings(ROWS))}
    places = zip(table["row"], table["activation"], strict=True)
    table["place"] = [order[key] for key in places]
    table = table.sort_values(["num_sequences", "place"]).drop(columns="place")
    return table.reset_index(drop=True)


def draw(table, path):
    """Draw auPR and the shares of filters, one line a row, for each size."""
    sizes = table["num_sequences"].unique()
    figure, axes = plt.subplots(
        len(sizes),
        squeeze=False,
        figsize=(7, 1 + 0.32 * len(table) + 0.8 * len(sizes)),
        height_ratios=table.groupby("num_sequences", sort=False).size().tolist(),
        layout="constrained",
    )
    for size, plot in zip(sizes, axes[:, 0], strict=True):
        part = table[table["num_sequences"] == size]
        labels = part["row"] + ", " + part["activation"]
        labels += np.where(part["circular"], " (circular)", "")
        for metric, marker in zip(DRAWN, "so^d", strict=True):
            options = {"fmt": marker, "label": metric.replace("_", ", "), "ms": 5}
            plot.errorbar(
                part[metric], labels, xerr=part[f"{metric}_sd"], lw=1, **options
            )
        plot.invert_yaxis()
        plot.set(xlim=(-0.03, 1.03), title=f"{size} sequences")
        plot.grid(axis="y", lw=0.4)
        plot.spines[["top", "right"]].set_visible(False)
    plots.save(figure, path, legend_of=axes[0, 0])


def main():
    parser = script_options.training_parser(
        __doc__, seeds=[1, 2], epochs=40, num_sequences=15_000
    )
    names = list(ROWS)
    parser.add_argument("--rows", nargs="+", default=names, choices=names)
    parser.add_argument("--plot", type=Path, help="PNG")
    args = parser.parse_args()
    folder = script_options.shrink(args, Path("layers-output"))
    script_options.name_results(args, folder, "layers_table")
    trials = protocol.Trials(args.trials, KEYS)
    data = km.datasets.synthetic(args.num_sequences)
    diverged = run(args, data, trials)
    if not trials.rows().empty:
        table = summary(trials.rows())
        print(table.round(3).to_string(index=False))
        protocol.write_table(table, args.table)
        draw(table, args.plot)
    if diverged:
        raise SystemExit(f"These diverged and have no line: {'; '.join(diverged)}.")


if __name__ == "__main__":
    main()
