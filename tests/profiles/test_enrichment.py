import keras
import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from keras_motif.extraction import activation_sites
from keras_motif.matching.qvalues import benjamini_hochberg
from keras_motif.profiles.enrichment import class_enrichment
from keras_motif.profiles.positions import site_positions
from keras_motif.sequences import one_hot
from support.site_tables import random_sites, sites_of


def test_sequences_are_counted_once_however_many_sites_they_hold():
    sites = sites_of(
        ("f", 0, 0, 5), ("f", 0, 3, 8), ("f", 0, 9, 14), ("f", 4, 0, 5), ("g", 5, 0, 5)
    )
    labels = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1]]).T
    found = class_enrichment(sites, labels, class_names=["A", "B"])
    assert list(found.columns) == [
        "filter",
        "class",
        "positives_with_site",
        "positives",
        "negatives_with_site",
        "negatives",
        "odds_ratio",
        "p-value",
        "q-value",
    ]
    row = found[(found["filter"] == "f") & (found["class"] == "A")].iloc[0]
    assert row.iloc[2:6].tolist() == [1, 3, 1, 3]
    # Cells 1, 2 / 1, 2: ratio 1; of the 15 ways to draw 2 of 6, 12 hold a positive.
    assert row["odds_ratio"] == 1
    assert row["p-value"] == pytest.approx(12 / 15, rel=1e-12)


def test_p_values_are_those_of_fishers_exact_test(random):
    sites = random_sites(random, 80, num_sites=150)
    labels = (random.random((80, 5)) < [0.05, 0.2, 0.5, 0.9, 0]).astype(int)
    found = class_enrichment(sites, labels)
    assert len(found) == 3 * 5
    for row in found.itertuples(index=False):
        _, _, hits, positives, false_hits, negatives, odds_ratio, p_value, _ = row
        table = [
            [hits, positives - hits],
            [false_hits, negatives - false_hits],
        ]
        expected = fisher_exact(table, alternative="greater")
        # Both sum the same terms; the last digits depend on the order.
        assert p_value == pytest.approx(expected.pvalue, rel=1e-9)
        if np.all(table):
            sample = table[0][0] * table[1][1] / (table[0][1] * table[1][0])
            assert odds_ratio == pytest.approx(sample, rel=1e-12)


def test_counts_agree_with_sets(random):
    sites = random_sites(random, 40)
    labels = random.integers(2, size=(40, 2))
    found = class_enrichment(sites, labels).set_index(["filter", "class"])
    for (name, label), row in found.iterrows():
        fires = set(sites.loc[sites["filter"] == name, "sequence"])
        positives = set(np.flatnonzero(labels[:, int(label[-1])]))
        assert row["positives_with_site"] == len(fires & positives)
        assert row["negatives_with_site"] == len(fires - positives)
        assert row["positives"] == len(positives)
        assert row["negatives"] == 40 - len(positives)


def test_q_values_are_over_all_rows_and_the_surest_rows_stand_first(random):
    sites = random_sites(random, 40)
    found = class_enrichment(sites, random.integers(2, size=(40, 4)))
    p_values = found["p-value"].to_numpy()
    assert (np.diff(p_values) >= 0).all()
    assert found["q-value"].tolist() == benjamini_hochberg(p_values).tolist()
    for rank, (p_value, q_value) in enumerate(
        zip(p_values, found["q-value"], strict=True)
    ):
        later = p_values[rank:] * len(found) / np.arange(rank + 1, len(found) + 1)
        assert q_value == pytest.approx(min(later.min(), 1), rel=1e-12)
        assert q_value >= p_value


def test_an_empty_cell_adds_a_half_to_all_and_no_comparison_has_no_ratio():
    # All 3 positives and none of the 5 negatives: (3.5 x 5.5) / (0.5 x 0.5).
    sites = sites_of(*(("f", sequence, 0, 5) for sequence in range(3)))
    labels = np.array([[1] * 3 + [0] * 5, [0] * 8, [1] * 8]).T
    found = class_enrichment(sites, labels, filters=["f", "dead"])
    first = found.iloc[0]
    assert first[["filter", "class"]].tolist() == ["f", "class0"]
    assert first["odds_ratio"] == 3.5 * 5.5 / 0.25
    assert first["p-value"] == pytest.approx(1 / 56, rel=1e-12)  # 8 choose 3
    others = found.iloc[1:]
    assert others["odds_ratio"].isna().all()
    assert (others["p-value"] == 1).all()
    assert set(others["filter"]) == {"f", "dead"}


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_p_values_are_valid_when_labels_say_nothing(share):
    """The chance of a p-value of at most t is at most t, with clustered sites too."""
    random = np.random.default_rng(11)
    trials, num_sequences = 4000, 120
    labels = random.random((num_sequences, trials)) < share
    fires = random.choice(num_sequences, 30, replace=False)
    # A repeat makes ten sites in each sequence that it fires in.
    sites = sites_of(*(("f", n, 7 * k, 7 * k + 7) for n in fires for k in range(10)))
    p_values = class_enrichment(sites, labels)["p-value"].to_numpy()
    for level in (0.001, 0.01, 0.05, 0.1, 0.3):
        # Three standard errors of a share of 4,000 independent trials.
        error = 3 * np.sqrt(level * (1 - level) / trials)
        assert (p_values <= level).mean() <= level + error
    # And not so large as to be useless: only the test's discreteness is lost.
    assert (p_values <= 0.1).mean() > 0.02
    # Were sites the unit, the same labels would give many small p-values.
    hits = labels[fires].sum(axis=0) * 10
    naive = np.array(
        [
            fisher_exact(
                [[hit, 300 - hit], [10 * total - hit, 900 - 10 * total + hit]],
                alternative="greater",
            ).pvalue
            for hit, total in zip(hits[:300], labels.sum(axis=0)[:300], strict=True)
        ]
    )
    assert (naive <= 0.05).mean() > 0.15


def test_a_planted_word_is_found_where_and_in_whom_it_was_planted(random):
    word = one_hot(["TGACTCAG"])[0]
    inputs = keras.Input((60, 4))
    convolution = keras.layers.Conv1D(2, 8, activation="relu", bias_initializer="ones")
    model = keras.Model(inputs, convolution(inputs))
    # One filter reads the word and fires on nothing else, the other never fires.
    kernel = np.stack([word, -np.ones((8, 4))], axis=-1)
    convolution.set_weights([kernel, np.array([-6.5, -1])])
    x = np.eye(4, dtype=np.int8)[random.integers(4, size=(200, 60))]
    labels = np.stack([np.arange(200) < 60, np.arange(200) % 2], axis=1)
    x[:50, 30:38] = word  # 50 of the 60 positives of the first class
    sites = activation_sites(model, x)
    names = ["filter0", "filter1"]
    found = class_enrichment(sites, labels, class_names=["A", "B"], filters=names)
    assert found.iloc[0, :3].tolist() == ["filter0", "A", 50]
    assert found.loc[0, "q-value"] < 1e-20
    assert (found.loc[1:, "q-value"] > 0.1).all()
    positions = site_positions(sites, 60, num_bins=6, filters=names)
    assert positions["num_sites"].idxmax() == 3  # of filter0, bases 30 to 40
    assert positions["num_sites"].max() >= 50
    assert positions["num_sites"][6:].sum() == 0


def test_labels_may_be_one_class_or_a_table_with_names():
    sites = sites_of(("f", 0, 0, 5), ("f", 1, 0, 5))
    assert class_enrichment(sites, [True, True, False])["class"].tolist() == ["class0"]
    table = pd.DataFrame({"K562": [1, 1, 0], "HepG2": [0.0, 1.0, 1.0]})
    assert class_enrichment(sites, table)["class"].tolist() == ["K562", "HepG2"]
    found = class_enrichment(sites, table, class_names=["a", "b"])
    assert found["class"].tolist() == ["a", "b"]
    assert class_enrichment(sites_of(), table).empty


def test_enrichment_refuses_labels_that_cannot_be_meant():
    sites = sites_of(("f", 3, 0, 5))
    with pytest.raises(ValueError, match="3 rows and sites in sequences 3 to 3"):
        class_enrichment(sites, [0, 1, 0])
    with pytest.raises(ValueError, match="Received 2 at row 1, column 0.*np.eye"):
        class_enrichment(sites, [0, 2, 0, 1])
    with pytest.raises(ValueError, match="must be finite.*inf at row 0"):
        class_enrichment(sites, [[np.inf], [1], [0], [1]])
    with pytest.raises(ValueError, match="must be numbers"):
        class_enrichment(sites, ["no", "yes", "no", "yes"])
    with pytest.raises(ValueError, match=r"shape \(n, num_labels\).*\(0,\)"):
        class_enrichment(sites, [])
    with pytest.raises(ValueError, match=r"Received shape \(1, 1, 1\)"):
        class_enrichment(sites, [[[1]]])
    with pytest.raises(ValueError, match="Received 2 names, 2 different, for 1 col"):
        class_enrichment(sites, [0, 1, 0, 1], class_names=["a", "b"])
    with pytest.raises(ValueError, match="Received 2 names, 1 different, for 2 col"):
        class_enrichment(sites, np.eye(4, 2), class_names=["a", "a"])
    with pytest.raises(ValueError, match="lacks the columns sequence"):
        class_enrichment(sites.drop(columns="sequence"), [0, 1, 0, 1])
