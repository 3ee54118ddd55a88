"""Figure 2 of Koo & Ploenzke (2019): the same of real sequences.

    python examples/paper/table1_in_vivo.py deepbind_encode_multilabel13.tsv.gz
    python examples/paper/figure2.py --name deepbind_encode_multilabel13

ReLU on the left, exponential on the right, each filter with its best match in JASPAR,
green where it matches one of the labels' factors; below, the motifs of these factors.
Reads the motifs that table1_in_vivo.py wrote.
"""

from pathlib import Path

import panels
import protocol
import script_options

import keras_motif as km

# Those of deepbind_encode_multilabel13.
FACTORS = "ARID3A CTCFL ELK1 FOXA1 FOXM1 GABPA GATA3 MYC REST SP1 USF1 ZBTB7A"


def main():
    parser = script_options.parser(__doc__)
    parser.add_argument("--name", required=True, help="of the data, as in the table")
    parser.add_argument(
        "--factors", nargs="+", default=FACTORS.split(), help="of the labels"
    )
    parser.add_argument("--networks", type=Path, default=Path("in-vivo-output"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="JASPAR2026", help="JASPAR release")
    output = script_options.PICTURES / "figure2.png"
    parser.add_argument("--output", type=Path, default=output)
    args = parser.parse_args()
    relevant = km.factor_ids(args.factors, args.database)
    rows = panels.network_rows(
        args.networks,
        f"{args.name}_{{model}}_{{activation}}_{args.seed}",
        database=args.database,
        relevant=relevant,
        exclude=protocol.UNINFORMATIVE,
    )
    known = {motif.name.split(".")[0]: motif for motif in km.load_jaspar(args.database)}
    truth = [
        km.Motif(known[ids[0]].frequencies, factor) for factor, ids in relevant.items()
    ]
    reverse = [motif.reverse_complement() for motif in truth]
    rows.append(
        [
            (f"The factors in {args.database}", panels.logo_panel(truth)),
            ("Their reverse complements", panels.logo_panel(reverse)),
        ]
    )
    panels.join_panels(rows, args.output)


if __name__ == "__main__":
    main()
