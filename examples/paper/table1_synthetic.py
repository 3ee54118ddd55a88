"""Table 1 of Koo & Ploenzke (2019) on simulated sequences.

    python examples/paper/table1_synthetic.py

Trains CNN-2, CNN-50 and CNN-deep with ReLU and exponential, five times each, by the
study's protocol, and prints auPR and match fractions beside the published ones. Each
finished trial is a line in the trials' file, its untrimmed motifs are a file beside
it; run it again to go on after a stop. What counts as a match is the study's rule,
Tomtom's.
"""

from pathlib import Path

import keras
import protocol
import script_options

import keras_motif as km

# Table 1: mean and sd of auPR, JASPAR match, relevant match.
PUBLISHED = {
    ("cnn_2", "relu"): (0.877, 0.001, 0.607, 0.013, 0.007, 0.013),
    ("cnn_50", "relu"): (0.865, 0.033, 0.993, 0.013, 0.920, 0.058),
    ("cnn_deep", "relu"): (0.873, 0.047, 0.600, 0.000, 0.000, 0.000),
    ("cnn_2", "exponential"): (0.884, 0.018, 0.987, 0.016, 0.960, 0.013),
    ("cnn_50", "exponential"): (0.885, 0.005, 1.000, 0.000, 0.913, 0.034),
    ("cnn_deep", "exponential"): (0.835, 0.044, 0.953, 0.016, 0.940, 0.039),
}


def run(args, data, trials):
    for seed in args.seeds:
        for name, activation in PUBLISHED:
            key = {"model": name, "activation": activation, "seed": seed}
            if name not in args.models or activation not in args.activations:
                continue
            if trials.is_done(**key):
                continue
            print(f"\n{name}, {activation}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            model = getattr(km.models, name)(activation=activation)
            trained = protocol.train(
                model, data, epochs=args.epochs, patience=args.patience
            )
            folder = args.output_dir / f"{name}_{activation}_{seed}"
            figures = protocol.evaluate(
                model,
                data,
                database="JASPAR2016",
                relevant=km.datasets.SYNTHETIC_FACTORS,
                output_dir=folder,
                motifs_path=protocol.motifs_path(args.trials, folder.name),
            )
            model.save(folder / "model.keras")
            row = {**key, **figures, **trained, "patience": args.patience}
            trials.add({**row, **protocol.versions()})


def main():
    parser = script_options.training_parser(__doc__, seeds=[1, 2, 3, 4, 5])
    models, both = script_options.MODELS, script_options.ACTIVATIONS
    parser.add_argument("--models", nargs="+", default=models, choices=models)
    parser.add_argument("--activations", nargs="+", default=both, choices=both)
    parser.add_argument("--output-dir", type=Path, default=Path("table1-output"))
    args = parser.parse_args()
    folder = script_options.shrink(args, args.output_dir)
    script_options.name_results(args, folder, "table1_synthetic")
    trials = protocol.Trials(args.trials, ["model", "activation", "seed"])
    run(args, km.datasets.synthetic(args.num_sequences), trials)
    by = ["model", "activation"]
    protocol.report(trials.rows(), by, args.table, PUBLISHED)


if __name__ == "__main__":
    main()
