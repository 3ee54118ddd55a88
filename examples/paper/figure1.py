"""Figure 1 of Koo & Ploenzke (2019): filters of CNN-2 and CNN-deep as logos.

    python examples/paper/table1_synthetic.py
    python examples/paper/figure1.py

ReLU on the left, exponential on the right, each filter with its best match in JASPAR
2016, green where it matches what was implanted; below, that, and its reverse
complements. Reads the motifs that table1_synthetic.py wrote.
"""

from pathlib import Path

import panels
import script_options

import keras_motif as km


def main():
    parser = script_options.parser(__doc__)
    parser.add_argument("--networks", type=Path, default=Path("table1-output"))
    parser.add_argument("--seed", type=int, default=1)
    output = script_options.PICTURES / "figure1.png"
    parser.add_argument("--output", type=Path, default=output)
    args = parser.parse_args()
    rows = panels.network_rows(
        args.networks,
        f"{{model}}_{{activation}}_{args.seed}",
        database="JASPAR2016",
        relevant=km.datasets.SYNTHETIC_FACTORS,
    )
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


if __name__ == "__main__":
    main()
