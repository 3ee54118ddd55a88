"""Beyond the study: what makes every filter of an exponential network readable?

    python examples/paper/recipe.py

Trains a network on simulated sequences with one change of the study's protocol after
the other, and reads each network in several ways: auPR, the shares of filters that
match, and how many of the implanted motifs they cover. Each finished trial is a line in
the trials' file; run it again to go on after a stop.
"""

from pathlib import Path

import keras
import protocol
import script_options

import keras_motif as km

SPARSE = km.Exponential(activity_regularizer=keras.regularizers.L1(1e-5))
# First the options of the network, then of the training.
RECIPES = {
    "protocol": ({}, {}),
    "decay": ({}, {"decay": 5}),
    "strands": ({"random_strand": True}, {}),
    "strands, decay": ({"random_strand": True}, {"decay": 5}),
    "dropout 0.2": ({"first_dropout": 0.2}, {}),
    "dropout 0.3": ({"first_dropout": 0.3}, {}),
    "dropout 0.5": ({"first_dropout": 0.5}, {}),
    "scale 0.5": ({"activation": km.Exponential(0.5)}, {}),
    "shift_sigmoid": ({"activation": km.activations.shift_sigmoid}, {}),
    "no batch norm": ({"batch_norm": False}, {}),
    "strands, no batch norm": ({"random_strand": True, "batch_norm": False}, {}),
    "strands, shift_sigmoid": (
        {"random_strand": True, "activation": km.activations.shift_sigmoid},
        {},
    ),
    "activity penalty": ({"activation": SPARSE}, {}),
    "weight decay": ({}, {"weight_decay": 0.004}),
    "wider filters": ({"kernel_size": 25}, {}),
}
DROPOUTS = {
    "cnn_2": (0.1, 0.1, 0.5),
    "cnn_50": (0.1, 0.1, 0.5),
    "cnn_deep": (0.1, 0.2, 0.3, 0.4, 0.5),
}
# Options of the extraction.
READINGS = {
    "all sites": {},
    "best site": {"select": "best"},
    "both strands": {"reverse_complement": True},
    "weighted": {"weighted": True},
    "threshold 0.3": {"threshold": 0.3},
    "threshold 0.7": {"threshold": 0.7},
}


def build(model, first_dropout=0.1, **options):
    """Build a network, with another dropout rate behind the first layer."""
    dropouts = (first_dropout, *DROPOUTS[model][1:])
    return getattr(km.models, model)(dropouts=dropouts, **options)


def folder_name(model, recipe, seed):
    """Return the name of the folder that holds a trial's network."""
    return "_".join([model, *recipe.replace(",", "").split(), str(seed)])


def run(args, data, trials):
    for seed in args.seeds:
        for recipe in args.recipes:
            key = {"model": args.model, "recipe": recipe, "seed": seed}
            if all(trials.is_done(**key, reading=reading) for reading in READINGS):
                continue
            print(f"\n{args.model}, {recipe}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            network, training = RECIPES[recipe]
            model = build(args.model, **network)
            trained = protocol.train(
                model, data, epochs=args.epochs, patience=args.patience, **training
            )
            folder = args.output_dir / folder_name(args.model, recipe, seed)
            folder.mkdir(parents=True, exist_ok=True)
            model.save(folder / "model.keras")
            for reading, options in READINGS.items():
                figures = protocol.evaluate(
                    model,
                    data,
                    database="JASPAR2016",
                    relevant=km.datasets.SYNTHETIC_FACTORS,
                    **options,
                )
                row = {**key, "reading": reading, **figures, **trained}
                trials.add({**row, **protocol.versions()})


def main():
    parser = script_options.training_parser(__doc__, seeds=[1])
    parser.add_argument("--model", default="cnn_2", choices=script_options.MODELS)
    names = list(RECIPES)
    parser.add_argument("--recipes", nargs="+", default=names, choices=names)
    parser.add_argument("--output-dir", type=Path, default=Path("recipe-output"))
    args = parser.parse_args()
    folder = script_options.shrink(args, args.output_dir)
    script_options.name_results(args, folder, "recipe")
    keys = ["model", "recipe", "reading", "seed"]
    trials = protocol.Trials(args.trials, keys)
    run(args, km.datasets.synthetic(args.num_sequences), trials)
    table = protocol.summary(trials.rows(), keys[:-1])
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
