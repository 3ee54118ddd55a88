import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, spearmanr

import keras_motif as km


def test_values_by_hand():
    # Ranks 1 to 10 against the same with the first two exchanged: 1 - 6 * 2 / 990.
    activity = np.arange(10.0)[:, None]
    target = np.array([1.0, 0, 2, 3, 4, 5, 6, 7, 8, 9])
    row = km.target_correlation(activity, target).iloc[0]
    assert row["correlation"] == pytest.approx(1 - 12 / 990)
    assert (row["filter"], row["target"]) == ("filter0", "target0")
    perfect = km.target_correlation(activity, -target[::-1]).iloc[0]
    assert perfect["correlation"] == pytest.approx(1 - 12 / 990)


def test_each_row_is_scipys(random):
    activity = np.maximum(random.normal(size=(80, 4)), 0)  # with ties, as ReLU's
    targets = random.normal(size=(80, 3)) + activity[:, :3]
    targets[random.random((80, 3)) < 0.2] = np.nan
    table = km.target_correlation(activity, targets)
    assert table["p-value"].is_monotonic_increasing
    for row in table.itertuples():
        x, y = activity[:, int(row.filter[6:])], targets[:, int(row.target[6:])]
        known = ~np.isnan(y)
        expected = spearmanr(x[known], y[known])
        assert row.correlation == pytest.approx(expected.statistic)
        assert row[5] == pytest.approx(expected.pvalue, rel=1e-6)
        assert row.num_sequences == known.sum()


@pytest.mark.parametrize("num", [12, 200])
@pytest.mark.parametrize("is_sparse", [False, True])
def test_p_is_uniform_where_nothing_goes_together(num, is_sparse):
    random = np.random.default_rng(2)
    activity = random.exponential(size=(num, 2000))
    if is_sparse:  # half of the sequences don't fire
        activity[random.random(activity.shape) < 0.5] = 0
    p = km.target_correlation(activity, random.normal(size=num))["p-value"]
    assert kstest(p, "uniform").pvalue > 0.01
    assert 0.035 < (p < 0.05).mean() < 0.065  # 2,000 draws: sd .005


def test_where_nothing_can_be_said_p_is_1(random):
    activity = random.normal(size=(30, 2))
    activity[:, 1] = 3
    table = km.target_correlation(activity, random.normal(size=30))
    flat = table[table["filter"] == "filter1"].iloc[0]
    assert np.isnan(flat["correlation"])
    assert flat["p-value"] == 1
    few = km.target_correlation(np.arange(9.0)[:, None], np.arange(9.0)).iloc[0]
    assert (few["correlation"], few["p-value"]) == (1, 1)
    none = km.target_correlation(activity, np.full(30, np.nan))
    assert none["num_sequences"].tolist() == [0, 0]
    assert none["p-value"].tolist() == [1, 1]
    ten = km.target_correlation(np.arange(10.0)[:, None], np.arange(10.0)).iloc[0]
    assert ten["p-value"] == pytest.approx(2 / 3628800)  # one order and its reverse


def test_names_come_from_tables_or_arguments(random):
    activity = pd.DataFrame(random.normal(size=(20, 2)), columns=["a", "b"])
    targets = pd.DataFrame({"Dev": range(20), "Hk": pd.array([1, None] * 10)})
    table = km.target_correlation(activity, targets)
    assert set(table["filter"]) == {"a", "b"}
    assert set(table["target"]) == {"Dev", "Hk"}
    assert table.set_index("target")["num_sequences"]["Hk"].tolist() == [10, 10]
    motifs = [km.Motif(np.eye(4), name) for name in ("x", "y")]
    table = km.target_correlation(
        activity, targets["Dev"], filters=motifs, target_names=["log2"]
    )
    assert set(table["filter"]) == {"x", "y"}
    assert set(table["target"]) == {"log2"}


@pytest.mark.parametrize(
    ("activity", "targets", "names", "message"),
    [
        (np.zeros((5, 2)), np.zeros(4), {}, "4 rows and 5"),
        (np.zeros(5), np.zeros(5), {}, r"\(n, num_filters\).*\(5,\)"),
        (np.full((5, 2), np.nan), np.zeros(5), {}, "10 of them NaN"),
        (np.zeros((5, 2)), np.full(5, np.inf), {}, "`targets` must be finite"),
        (np.zeros((5, 2)), ["x"] * 5, {}, "`targets` must be numbers"),
        (np.zeros((5, 2)), np.zeros(5), {"filters": ["a"]}, "`filters` must hold"),
        (np.zeros((5, 2)), np.zeros(5), {"target_names": ["a", "b"]}, "2 different"),
    ],
)
def test_what_cannot_be_meant_is_refused(activity, targets, names, message):
    with pytest.raises(ValueError, match=message):
        km.target_correlation(activity, targets, **names)
