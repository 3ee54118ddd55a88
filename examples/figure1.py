"""Figure 1 of Koo & Ploenzke (2019): filters of CNN-2 and CNN-deep as logos.

    python examples/table1_synthetic.py
    python examples/figure1.py

ReLU on the left, exponential on the right, each filter with its best match in JASPAR
2016; below what was implanted, and its reverse complements. Reads the motifs that
table1_synthetic.py wrote.
"""

import argparse
from pathlib import Path

import panels

import keras_motif as km

NAMES = {"cnn_2": "CNN-2", "cnn_deep": "CNN-deep"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=Path, default=Path("table1-output"))
    parser.add_argument("--seed", type=int, default=1)
    output = Path(__file__).parent / "results" / "figure1.png"
    parser.add_argument("--output", type=Path, default=output)
    args = parser.parse_args()
    rows = []
    for model, name in NAMES.items():
        row = []
        for activation in ("relu", "exponential"):
            path = args.networks / f"{model}_{activation}_{args.seed}" / "filters.meme"
            if not path.exists():
                parser.error(f"{path} is missing: run table1_synthetic.py first")
            print(f"Drawing {path} ...", flush=True)
            motifs = km.read_meme(path).motifs
            panel = panels.logo_panel(motifs, database="JASPAR2016")
            row.append((f"{name}, {activation}", panel))
        rows.append(row)
    truth = [
        km.Motif(motif.frequencies, factor)
        for factor, motif in km.datasets.implanted_motifs().items()
    ]
    reverse = [motif.reverse_complement() for motif in truth]
    rows.append(
        [
            ("Implanted", panels.logo_panel(truth)),
            ("Their reverse complements", panels.logo_panel(reverse)),
        ]
    )
    panels.join_panels(rows, args.output)
    print(f"Wrote {args.output}")


if __name__ == "__main__":
    main()
