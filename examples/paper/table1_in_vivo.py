"""Table 1 of Koo & Ploenzke (2019) on real sequences: ChIP-seq peaks of many factors.

    python examples/paper/table1_in_vivo.py deepsea.h5
    python examples/paper/table1_in_vivo.py deepbind_encode_multilabel13.tsv.gz
    python examples/paper/table1_in_vivo.py IRF1.h5 --factors IRF1 --both-strands

Trains CNN-2, CNN-50 and CNN-deep with ReLU and exponential, and the recommended
network, on an HDF5 file of the study's layout, or on a table of windows (overlap group,
set, source, sequence, labels as 0s and 1s, their names in the first line). A filter
counts as relevant when it matches a JASPAR matrix of one of the labels' factors. With
twelve labels the published figures, those of DeepSEA, stand beside. Each finished trial
is a line in the trials' file, its untrimmed motifs are a file beside it; run it again
to go on after a stop. What counts as a match is the study's rule, Tomtom's.
"""

import gzip
from pathlib import Path

import keras
import numpy as np
import protocol
import script_options

import keras_motif as km

# Table 1, twelve factors of DeepSEA: mean and sd of auPR, JASPAR match, relevant match.
PUBLISHED = {
    ("cnn_2", "relu"): (0.608, 0.010, 0.656, 0.042, 0.056, 0.042),
    ("cnn_50", "relu"): (0.575, 0.005, 0.900, 0.000, 0.733, 0.047),
    ("cnn_deep", "relu"): (0.639, 0.004, 0.611, 0.016, 0.011, 0.016),
    ("cnn_2", "exponential"): (0.620, 0.001, 0.922, 0.016, 0.778, 0.016),
    ("cnn_50", "exponential"): (0.597, 0.012, 0.933, 0.027, 0.656, 0.031),
    ("cnn_deep", "exponential"): (0.630, 0.014, 0.900, 0.027, 0.722, 0.016),
}
NETWORKS = [*PUBLISHED, ("recommended", "exponential")]


def read_table(path):
    """Read the table of ENCODE windows: one per overlap group, FOXA1 thinned."""
    with gzip.open(path, "rt") as file:
        names = file.readline().split()[1:]
    data = km.datasets.load_table(
        path, sequence=3, labels=4, separator="", group=0, label_names=names
    )
    merged = {}
    for name in data.label_names:
        merged.setdefault(name.split("_")[0], []).append(name)
    data = km.datasets.merge_labels(data, merged)
    data = km.datasets.one_per_group(data)
    return km.datasets.split_data(km.datasets.thin_label(data, "FOXA1", 0.25))


def read_data(args):
    """Return the sequences and the names of the labels' factors."""
    if ".tsv" in args.data.suffixes:
        data = read_table(args.data)
    else:
        data = km.datasets.load_hdf5(args.data)
    factors = args.factors or data.train.label_names
    if len(factors) != data.train.y.shape[1]:
        raise SystemExit(
            f"{args.data} has {data.train.y.shape[1]} labels; name the factor of each "
            f"with --factors. Received {list(factors)}."
        )
    if args.both_strands:
        data = data._replace(train=both(data.train), valid=both(data.valid))
    return data, factors


def both(split):
    x = np.concatenate([split.x, km.reverse_complement(split.x)])
    return split._replace(x=x, y=np.concatenate([split.y, split.y]))


def build(name, activation, data):
    """Build a network for sequences of this length: pools and widths fit it."""
    length, num_labels = data.train.x.shape[1], data.train.y.shape[1]
    options = {"width_multiplier": 2 if length >= 1000 else 1}
    if name != "recommended":
        options["activation"] = activation
    if length < 200 and name in ("cnn_2", "cnn_50"):
        options["pools"] = (2, 25) if name == "cnn_2" else (25, 2)
    return getattr(km.models, name)((length, 4), num_labels, **options)


def run(args, data, relevant, trials):
    for seed in args.seeds:
        for name, activation in NETWORKS:
            key = {"data": args.name, "model": name, "activation": activation}
            if name not in args.models or trials.is_done(**key, seed=seed):
                continue
            print(f"\n{args.name}, {name}, {activation}, seed {seed}:", flush=True)
            keras.utils.set_random_seed(seed)
            model = build(name, activation, data)
            trained = protocol.train(
                model, data, epochs=args.epochs, patience=args.patience
            )
            folder = args.output_dir / f"{args.name}_{name}_{activation}_{seed}"
            figures = protocol.evaluate(
                model,
                data,
                database=args.database,
                relevant=relevant,
                exclude=protocol.UNINFORMATIVE,
                output_dir=folder,
                motifs_path=protocol.motifs_path(args.trials, folder.name),
            )
            model.save(folder / "model.keras")
            setup = {"sequences": len(data.train.x), "database": args.database}
            trials.add(
                {**key, "seed": seed, **figures, **trained, **setup}
                | protocol.versions()
            )


def main():
    parser = script_options.training_parser(
        __doc__, seeds=[1, 2, 3], patience=5, num_sequences=None
    )
    data_help = "HDF5 file, or table of windows"
    parser.add_argument("data", nargs="?", type=Path, help=data_help)
    parser.add_argument("--name", help="of the data, in the table; the file's name")
    parser.add_argument("--factors", nargs="+", help="factor of each label")
    parser.add_argument("--both-strands", action="store_true", help="train on both")
    models = list(dict.fromkeys(name for name, _ in NETWORKS))
    parser.add_argument("--models", nargs="+", default=models, choices=models)
    parser.add_argument("--database", default="JASPAR2026", help="JASPAR release")
    parser.add_argument("--output-dir", type=Path, default=Path("in-vivo-output"))
    args = parser.parse_args()
    folder = script_options.shrink(args, args.output_dir)
    if args.smoke:
        args.data = args.output_dir / "smoke.h5"
        args.output_dir.mkdir(parents=True, exist_ok=True)
        km.datasets.write_hdf5(km.datasets.synthetic(300), args.data)
        args.factors = list(km.datasets.SYNTHETIC_FACTORS)
    elif not args.data:
        parser.error("name the file of the sequences, or pass --smoke")
    args.name = args.name or args.data.name.split(".")[0]
    args.trials = args.trials or folder / "table1_in_vivo_trials.tsv"
    args.table = args.table or folder / f"table1_in_vivo_{args.name}.tsv"
    data, factors = read_data(args)
    sizes = [len(split.x) for split in data]
    print(f"{sizes} sequences to train, validate and test; factors {list(factors)}")
    relevant = km.factor_ids(factors, args.database)
    trials = protocol.Trials(args.trials, ["data", "model", "activation", "seed"])
    run(args, data, relevant, trials)
    rows = trials.rows()
    rows = rows[rows["data"] == args.name]
    # The study's task: which of twelve factors.
    published = PUBLISHED if len(factors) == 12 else {}
    protocol.report(rows, ["data", "model", "activation"], args.table, published)


if __name__ == "__main__":
    main()
