"""Beyond the study: what makes every filter of an exponential network readable?

    python examples/recipe.py

Trains CNN-deep on simulated sequences with one change of the study's protocol after
the other, and reads each network in several ways: auPR, the shares of filters that
match, and how many of the implanted motifs they cover. Each finished trial is a line in
the trials' file; run it again to go on after a stop.
"""

import argparse
from pathlib import Path

import keras
import protocol

import keras_motif as km

RESULTS = Path(__file__).parent / "results"
SCHEDULE = {"decay": 5}
STRANDS = {"decay": 5, "reverse": True}
SPARSE = km.Exponential(activity_regularizer=keras.regularizers.L1(1e-5))
# Options of the network, of the training.
RECIPES = {
    "protocol": ({}, {}),
    "schedule": ({}, SCHEDULE),
    "strands": ({}, STRANDS),
    "scale 0.5": ({"activation": km.Exponential(0.5)}, STRANDS),
    "no batch norm": ({"batch_norm": False}, STRANDS),
    "activity penalty": ({"activation": SPARSE}, STRANDS),
    "weight decay": ({}, {**STRANDS, "weight_decay": 0.004}),
    "wider filters": ({"kernel_size": 25}, STRANDS),
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


def run(args, data, trials):
    for seed in args.seeds:
        for recipe in args.recipes:
            key = {"model": args.model, "recipe": recipe, "seed": seed}
            if all(trials.is_done(**key, reading=reading) for reading in READINGS):
                continue
            print(f"\n{args.model}, {recipe}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            network, training = RECIPES[recipe]
            model = getattr(km.models, args.model)(**network)
            trained = protocol.train(
                model, data, epochs=args.epochs, patience=args.patience, **training
            )
            folder = args.output_dir / f"{args.model}_{recipe}_{seed}".replace(" ", "_")
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    models = ["cnn_2", "cnn_50", "cnn_deep"]
    parser.add_argument("--model", default="cnn_deep", choices=models)
    names = list(RECIPES)
    parser.add_argument("--recipes", nargs="+", default=names, choices=names)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--epochs", type=int, default=100, help="at most")
    parser.add_argument("--patience", type=int, default=15, help="epochs without gain")
    parser.add_argument("--num-sequences", type=int, default=30_000)
    trials_file = RESULTS / "recipe_trials.tsv"
    parser.add_argument("--trials", type=Path, default=trials_file)
    parser.add_argument("--table", type=Path, default=RESULTS / "recipe.tsv")
    parser.add_argument("--output-dir", type=Path, default=Path("recipe-output"))
    parser.add_argument("--smoke", action="store_true", help="tiny, to see it run")
    args = parser.parse_args()
    if args.smoke:
        args.num_sequences, args.epochs, args.seeds = 300, 1, [1]
        args.trials = args.output_dir / "trials.tsv"
        args.table = args.output_dir / "table.tsv"
    keys = ["model", "recipe", "reading", "seed"]
    trials = protocol.Trials(args.trials, keys)
    run(args, km.datasets.synthetic(args.num_sequences), trials)
    table = protocol.summary(trials.rows(), keys[:-1])
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
