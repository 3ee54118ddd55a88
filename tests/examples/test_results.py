"""The committed result tables are the summaries of the committed trials."""

import pandas as pd
import pytest

from support.paths import ROOT

RESULTS = ROOT / "examples" / "paper" / "results"
KEYS = {
    "table1_synthetic": ["model", "activation"],
    "table1_in_vivo": ["data", "model", "activation"],
    "full_length": ["model", "activation"],
    "recipe": ["model", "recipe", "reading"],
    "sweep": ["model", "activation", "value"],
    "layers_table": ["row", "activation", "num_sequences"],
    "deeper_layers": ["exponential", "layer"],
}
METRICS = ["auPR", "jaspar", "relevant", "coverage"]
OTHERS = {
    "layers_table": [*METRICS, "convincing", "relevant_convincing", "information"],
    "deeper_layers": ["auPR", "pairs", "single", "covered", "sites", "chosen"],
}
TRIALS = sorted(RESULTS.glob("*_trials.tsv"))


def read(path, keys):
    return pd.read_csv(path, sep="\t", comment="#", dtype=dict.fromkeys(keys, str))


@pytest.mark.parametrize("path", TRIALS, ids=lambda path: path.name)
def test_tables_are_the_summaries_of_their_trials(path):
    name = path.name.removesuffix("_trials.tsv")
    keys = KEYS["sweep" if name.startswith("sweep") else name]
    metrics = OTHERS.get(name, METRICS)
    trials = read(path, keys)
    assert not trials.duplicated([*keys, "seed"]).any()
    assert trials[metrics].notna().all(axis=None)
    tables = [table for table in RESULTS.glob(f"{name}*.tsv") if table not in TRIALS]
    assert all(
        table.read_text().startswith("# python examples/paper/") for table in tables
    )
    summary = pd.concat([read(table, keys) for table in tables])
    groups = trials.groupby(keys)
    summary = summary.set_index(keys).sort_index()
    assert (summary["trials"] == groups.size()).all()
    for metric in metrics:
        mean, deviation = groups[metric].mean(), groups[metric].std(ddof=0)
        # The tables hold three decimals.
        assert (summary[metric] - mean).abs().max() < 5.1e-4
        assert (summary[f"{metric}_sd"] - deviation).abs().max() < 5.1e-4


def test_trials_are_committed():
    assert {"table1_synthetic_trials.tsv", "table1_in_vivo_trials.tsv"} <= {
        path.name for path in TRIALS
    }


def share(value):
    return f"{value:.3f}".removeprefix("0")


def cells(row, metrics):
    """Write a row's figures as the documentation has them."""
    if row["trials"] == 1:
        return " | ".join(share(row[metric]) for metric in metrics)
    return " | ".join(f"{share(row[m])} ± {share(row[f'{m}_sd'])}" for m in metrics)


@pytest.mark.parametrize(
    ("name", "page", "metrics"),
    [
        ("table1_synthetic", "reproduction.md", METRICS),
        ("table1_in_vivo_*", "reproduction.md", METRICS),
        ("match_rules", "reproduction.md", METRICS[1:]),
        ("localisation", "reproduction.md", ["AUROC", "AUPR"]),
        ("recipe", "recipe.md", METRICS),
        *[
            (f"sweep_{control}_cnn_2", "reproduction.md", METRICS)
            for control in (
                "activation",
                "batch_norm",
                "decay",
                "dropout_place",
                "initializer",
            )
        ],
    ],
)
def test_documentation_shows_the_tables(name, page, metrics):
    paths = [path for path in RESULTS.glob(f"{name}.tsv") if path not in TRIALS]
    table = pd.concat([read(path, []) for path in paths])
    if "reading" in table:
        table = table[table["reading"] == "all sites"]
    text = (ROOT / "docs" / page).read_text()
    assert len(table)
    for _, row in table.iterrows():
        assert f"| {cells(row, metrics)} |" in text


# What a name is worth


def names_tables():
    """Yield the name of each table of names and the lines that the page has of it."""
    rules = read(RESULTS / "names_rules.tsv", ["rule"])
    yield "rules", rules
    null = read(RESULTS / "names_null.tsv", [])
    shares = ["tomtom", "convincing"]
    worst = null.groupby(["database", "activation"], sort=False)[shares].max()
    yield "null", worst.reset_index()
    trained = read(RESULTS / "names_trained.tsv", ["seed"])
    trained = trained[trained["database"] == "JASPAR2026"].drop(columns="database")
    yield "trained", trained
    control = read(RESULTS / "names_control.tsv", ["sites"])
    control["cut"] = control["cut"].map({True: "yes", False: "no"})
    yield "control", control[["database", "sites", "cut", *shares]]
    consensus = read(RESULTS / "names_consensus.tsv", ["number"])
    columns = ["motifs", "number", "convincing", "relevant_convincing"]
    yield "consensus", consensus[columns]


@pytest.mark.parametrize(("name", "table"), [*names_tables()])
def test_the_page_of_names_shows_the_tables(name, table):
    text = (ROOT / "docs" / "names.md").read_text()
    assert len(table) > 3
    for row in table.itertuples(index=False):
        values = [share(x) if isinstance(x, float) else str(x) for x in row]
        assert f"| {' | '.join(values)} |" in text, name


def test_motifs_of_every_network_are_small_and_counted():
    files = {path.name for path in (RESULTS / "motifs").iterdir()}
    trained = read(RESULTS / "names_trained.tsv", ["seed"])
    starts = {"ENCODE": "deepbind_encode_multilabel13_", "IRF1": "IRF1_400_h3k27ac_"}
    counted = {
        f"{starts.get(row.data, '')}{row.network}_{row.seed}.meme.gz"
        for row in trained.itertuples()
    }
    assert files == counted
    sizes = [path.stat().st_size for path in (RESULTS / "motifs").iterdir()]
    assert max(sizes) <= 30_000
