"""What most networks learnt, against what one did: which is more often relevant?

    python examples/paper/table1_in_vivo.py deepbind_encode_multilabel13.tsv.gz
    python examples/paper/names_consensus.py

Reads the motifs of one network trained from several seeds, which that script keeps in
results/motifs, and prints the share of named and of relevant motifs: of each network's
filters, and of the consensus motifs that at least so many networks hold.
"""

import names
import names_trained
import pandas as pd
import protocol
import script_options

import keras_motif as km


def main():
    parser = script_options.parser(__doc__)
    folder = script_options.RESULTS / "motifs"
    parser.add_argument("--motifs", type=type(folder), default=folder)
    parser.add_argument("--data", default="ENCODE", choices=list(names_trained.KINDS))
    parser.add_argument("--network", default="cnn_2_exponential")
    parser.add_argument("--database", default="JASPAR2026")
    table = script_options.RESULTS / "names_consensus.tsv"
    parser.add_argument("--table", default=table)
    args = parser.parse_args()
    networks = {
        seed: motifs
        for data, network, seed, motifs in names_trained.read_networks(args.motifs)
        if (data, network) == (args.data, args.network)
    }
    groups = {f"filters of seed {seed}": motifs for seed, motifs in networks.items()}
    found = km.consensus_motifs(networks.values())
    for least in range(1, len(networks) + 1):
        held = [item.motif for item in found if item.num_networks >= least]
        groups[f"consensus of {least} or more"] = held
    targets = names.DATABASES[args.database].load()
    relevant = names_trained.relevant_ids(args.data, args.database)
    rows = []
    for group, motifs in groups.items():
        if motifs:
            counted = names.count_names(motifs, targets, relevant)
            rows.append({"motifs": group, "number": len(motifs), **counted._asdict()})
    table = pd.DataFrame(rows)
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
