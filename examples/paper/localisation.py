"""How well do scans find the implanted sites? Filters against FIMO and log-odds.

    python examples/paper/table1_synthetic.py
    python examples/paper/localisation.py

For each factor, the bases of test sequences that hold it are scored by the filters that
match it, by FIMO's p-values of the true motif and by its log-odds, and compared with
where it was implanted: AUROC and AUPR, means over the factors that a network has
filters for. Reads the networks that table1_synthetic.py trained.
"""

import keras
import numpy as np
import pandas as pd
import protocol
import script_options
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.metrics import average_precision_score, roc_auc_score

import keras_motif as km


def spread(scores, width, length):
    """Give each base the highest score of the windows that hold it.

    `scores` has one column per window's first base, from 0.
    """
    padded = np.full((len(scores), length + width - 1), scores.min())
    padded[:, width - 1 : width - 1 + scores.shape[1]] = scores
    return sliding_window_view(padded, width, axis=1).max(axis=2)


def filter_scores(maps, motifs, x):
    """Score bases by the filters' activations, each a share of its largest.

    A filter's window is what is informative of its motif: from the first to the last
    position above 0.5 bits.
    """
    values = np.asarray(keras.ops.convert_to_numpy(maps(x)))
    best = np.zeros(x.shape[:2])
    for index, motif in motifs.items():
        share = values[..., index] / values[..., index].max()
        informative = np.flatnonzero(motif.information() > 0.5)
        first, last = informative[[0, -1]]
        # Position p sees the bases from p - half on, padded at the ends.
        half = motif.width // 2
        padded = np.pad(share, ((0, 0), (half, half)))
        windows = padded[:, 2 * half - first : len(padded[0]) - last]
        np.maximum(best, spread(windows, last - first + 1, x.shape[1]), out=best)
    return best


def log_odds_scores(motif, x):
    """Score bases by the motif's log-odds on the better strand."""
    best = []
    for strand in (motif, motif.reverse_complement()):
        weights = np.log2((strand.frequencies + 0.001) / 1.004 / 0.25)
        windows = sliding_window_view(x, motif.width, axis=1)
        best.append(np.einsum("npbw,wb->np", windows, weights, optimize=True))
    return spread(np.maximum(*best), motif.width, x.shape[1])


def fimo_scores(motif, x):
    """Score bases by -log10 of the p-value of the best hit over them."""
    scores = np.zeros(x.shape[:2])
    hits = km.motif_scan([motif], x, threshold=0.01)
    best = -np.log10(hits["p-value"])
    places = zip(hits["sequence_name"], hits["start"], hits["stop"], strict=True)
    for (sequence, start, stop), score in zip(places, best, strict=True):
        part = scores[int(sequence), start - 1 : stop]
        np.maximum(part, score, out=part)
    return scores


def score_network(folder, data, truth, motif_scores):
    """Return a row per factor and way of scanning."""
    model = keras.models.load_model(folder / "model.keras")
    maps = keras.Model(model.inputs[0], model.get_layer("first_activation").output)
    motifs = km.extract_motifs(model, data.x)
    matches = km.motif_match([motif.trim() for motif in motifs], "JASPAR2016")
    rows = []
    for index, (factor, ids) in enumerate(km.datasets.SYNTHETIC_FACTORS.items()):
        is_match = protocol.base_ids(matches).isin(ids)
        names = set(matches.loc[is_match, "Query_ID"])
        found = {i: motif for i, motif in enumerate(motifs) if motif.name in names}
        if not found:
            continue
        chosen = data.y[:, index] == 1
        ways = {"filters": filter_scores(maps, found, data.x[chosen].astype("float32"))}
        expected = truth[factor][chosen].ravel()
        for way, scores in (ways | motif_scores[factor]).items():
            key = {"network": folder.name, "factor": factor, "scan": way}
            auroc = roc_auc_score(expected, scores.ravel())
            aupr = average_precision_score(expected, scores.ravel())
            rows.append({**key, "AUROC": auroc, "AUPR": aupr})
    return rows


def main():
    parser = script_options.reading_parser(
        __doc__, networks="table1-output", table="localisation.tsv"
    )
    args = parser.parse_args()
    folders = protocol.trained_networks(args.networks)
    data = km.datasets.synthetic(args.num_sequences).test
    sites = km.datasets.implanted_sites(data.model)
    truth, motif_scores = {}, {}
    for index, (factor, motif) in enumerate(km.datasets.implanted_motifs().items()):
        print(f"Scanning for {factor} ...", flush=True)
        truth[factor] = np.zeros(data.x.shape[:2], dtype=bool)
        for site in sites[sites["factor"] == factor].itertuples():
            truth[factor][site.sequence, site.start : site.end] = True
        x = data.x[data.y[:, index] == 1]
        motif_scores[factor] = {
            "FIMO": fimo_scores(motif, x),
            "log-odds": log_odds_scores(motif, x),
        }
    rows = []
    for folder in folders:
        print(f"Scanning with the filters of {folder.name} ...", flush=True)
        scored = score_network(folder, data, truth, motif_scores)
        if not scored:
            print(f"No filter of {folder.name} matches what was implanted.")
        rows += scored
    if not rows:
        raise SystemExit("No filter of any network matches: there is no table.")
    groups = pd.DataFrame(rows).groupby(["network", "scan"], sort=False)
    means = groups[["AUROC", "AUPR"]].mean().assign(factors=groups.size()).reset_index()
    means["network"] = means["network"].str.rsplit("_", n=1).str[0]
    metrics = ["factors", "AUROC", "AUPR"]
    table = protocol.summary(means, ["network", "scan"], metrics)
    print(table.round(3).to_string(index=False))
    protocol.write_table(table, args.table)


if __name__ == "__main__":
    main()
