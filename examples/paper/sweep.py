"""Controls of the study: what else, besides the exponential, makes filters motifs?

    python examples/paper/sweep.py threshold

Trains a network on simulated sequences for every value of one control and tells how
many filters match what was implanted. Each finished trial is a line in the trials'
file; run it again to go on after a stop. Draws a plot beside the table.
"""

import itertools
from pathlib import Path
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import plots
import protocol
import script_options

import keras_motif as km

SCALES = (0.1, 0.25, 0.5, 1, 2, 3, 5)
CONTROLS = (
    "activation",
    "scale",
    "threshold",
    "batch_norm",
    "dropout_place",
    "initializer",
    "learning_rate",
    "decay",
    "first_pool",
    "num_filters",
)
# Those whose values are no scale.
CATEGORIES = ("activation", "batch_norm", "dropout_place", "initializer", "decay")


class Setting(NamedTuple):
    """One value of a control, and the options that it stands for."""

    activation: str
    value: str | float
    network: dict
    training: dict
    extraction: dict


def settings(control):
    """Return the settings of a control."""
    if control == "activation":
        return [
            Setting(name, name, {"activation": activation}, {}, {})
            for name, activation in km.activations.STUDY.items()
        ]
    if control == "scale":
        return [
            Setting("exponential", s, {"activation": km.Exponential(scale=s)}, {}, {})
            for s in SCALES
        ]
    return [
        Setting(activation, value, {"activation": activation, **network}, *others)
        for activation in ("relu", "exponential")
        for value, network, *others in values(control)
    ]


def values(control):
    """Return the values that both activations take, with the options of each."""
    if control == "threshold":
        thresholds = [round(0.1 * step, 1) for step in range(1, 10)]
        return [(value, {}, {}, {"threshold": value}) for value in thresholds]
    if control == "learning_rate":
        rates = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
        return [(rate, {}, {"learning_rate": rate}, {}) for rate in rates]
    if control == "decay":
        # Off, and a fifth of the learning rate after 5 epochs without gain.
        return [(epochs, {}, {"decay": epochs}, {}) for epochs in (0, 5)]
    if control == "batch_norm":
        options = [(value, {"batch_norm": value}) for value in (True, False)]
    elif control == "dropout_place":
        options = [("before pool", {}), ("behind pool", {"pool_first": True})]
    elif control == "initializer":
        names = ("glorot_normal", "he_normal", "lecun_normal")
        options = [(name, {"kernel_initializer": name}) for name in names]
    elif control == "first_pool":
        pools = (1, 2, 4, 10, 25, 50)
        options = [(pool, {"pools": (pool, 100 // pool)}) for pool in pools]
    else:
        options = [(number, {"num_filters": number}) for number in (10, 30, 60, 120)]
    return [(value, network, {}, {}) for value, network in options]


def build(model, pool_first=False, **options):
    """Build a network, with each layer's pool before its dropout if asked for."""
    network = getattr(km.models, model)(**options)
    if not pool_first:
        return network
    layers = [layer.from_config(layer.get_config()) for layer in network.layers]
    for place, pair in enumerate(itertools.pairwise(network.layers)):
        kinds = keras.layers.Dropout, keras.layers.MaxPooling1D
        if all(map(isinstance, pair, kinds)):
            layers[place : place + 2] = layers[place + 1], layers[place]
    return keras.Sequential(layers, name=network.name)


def run(args, data, trials):
    for seed in args.seeds:
        trained_as, model, trained = None, None, {}
        for setting in settings(args.control):
            activation, value, network, training, extraction = setting
            key = {"model": args.model, "activation": activation, "value": value}
            if trials.is_done(**key, seed=seed):
                continue
            print(f"\n{args.model}, {activation}, {value}, seed {seed}:", flush=True)
            # One network serves all thresholds.
            if (network, training) != trained_as:
                keras.utils.set_random_seed(seed)
                model = build(args.model, **network)
                trained_as = network, training
                trained = protocol.train(
                    model,
                    data,
                    epochs=args.epochs,
                    patience=args.patience,
                    **training,
                )
            figures = protocol.evaluate(
                model,
                data,
                database="JASPAR2016",
                relevant=km.datasets.SYNTHETIC_FACTORS,
                **extraction,
            )
            size = {"num_sequences": args.num_sequences}
            trials.add(
                {**key, "seed": seed, **figures, **trained, **size}
                | protocol.versions()
            )


def report(trials, args):
    rows = trials.rows()
    table = protocol.summary(rows, ["model", "activation", "value"])
    protocol.write_table(table, args.table)
    print(table.round(3).to_string(index=False))
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    if args.control in CATEGORIES:
        labels = table["value"]
        if args.control != "activation":
            name = args.control.replace("_", " ")
            labels = table["activation"] + f", {name}: " + labels
        axes.barh(labels, table["relevant"], xerr=table["relevant_sd"], color="#3b6ea5")
        axes.invert_yaxis()
        axes.set(xlabel="relevant match", xlim=(0, 1))
    else:
        for activation, part in table.groupby("activation", sort=False):
            values = part["value"].astype(float)
            axes.errorbar(
                values,
                part["relevant"],
                part["relevant_sd"],
                marker="o",
                label=activation,
            )
        axes.set(xlabel=args.control.replace("_", " "), ylim=(-0.03, 1.03))
        axes.set_ylabel("relevant match")
        if args.control in ("scale", "learning_rate"):
            axes.set_xscale("log")
        axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    plots.save(figure, args.plot)


def main():
    parser = script_options.training_parser(
        __doc__, seeds=[1, 2, 3], epochs=40, num_sequences=15_000
    )
    parser.add_argument("control", choices=CONTROLS)
    parser.add_argument("--model", default="cnn_2", choices=["cnn_2", "cnn_deep"])
    parser.add_argument("--plot", type=Path, help="PNG")
    args = parser.parse_args()
    if args.control == "first_pool" and args.model != "cnn_2":
        parser.error("first_pool needs --model cnn_2, whose two pools share out 100")
    folder = script_options.shrink(args, Path("sweep-output"))
    script_options.name_results(args, folder, f"sweep_{args.control}_{args.model}")
    trials = protocol.Trials(args.trials, ["model", "activation", "value", "seed"])
    run(args, km.datasets.synthetic(args.num_sequences), trials)
    report(trials, args)


if __name__ == "__main__":
    main()
