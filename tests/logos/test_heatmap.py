import numpy as np
import pytest

import keras_motif as km
from keras_motif.logos.heatmap import _strengths


@pytest.fixture(scope="module")
def known():
    return km.load_jaspar("JASPAR2016")[:12]


@pytest.fixture(scope="module")
def filters(known):
    chosen = [known[index] for index in (7, 2, 5)]
    named = [
        km.Motif(motif.frequencies, f"filter{index}", num_sites=100)
        for index, motif in enumerate(chosen)
    ]
    return [*named, km.Motif(np.full((9, 4), 0.25), "filter3", num_sites=0)]


def test_cells_hold_the_e_values(known, filters):
    matches = km.motif_match(filters[:3], known)
    columns, strengths = _strengths([m.name for m in filters], matches, 40)
    for row in matches.itertuples():
        cell = strengths[int(row.Query_ID[-1]), columns.index(row.Target_ID)]
        assert cell == pytest.approx(-np.log10(row[5]))
    assert np.isfinite(strengths).sum() == len(matches)
    assert np.isnan(strengths[3]).all()


def test_columns_follow_the_rows_that_they_match_best(known, filters):
    matches = km.motif_match(filters[:3], known)
    columns, _ = _strengths([m.name for m in filters], matches, 3)
    assert columns == [known[index].name for index in (7, 2, 5)]


def test_picture_names_rows_and_columns(known, filters):
    matches = km.motif_match(filters[:3], known)
    figure = km.plot_match_heatmap(filters, matches, targets=known, max_targets=3)
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        motif.name for motif in filters
    ]
    best = known[7]
    assert ax.get_xticklabels()[0].get_text() == f"{best.alt_name} ({best.name})"


def test_two_sets_of_filters_can_be_compared(filters):
    others = [km.Motif(m.frequencies, f"other{m.name[-1]}") for m in filters[:3]]
    matches = km.motif_match(filters[:3], others, threshold=1e-3)
    columns, strengths = _strengths([m.name for m in filters[:3]], matches, 40)
    assert columns == ["other0", "other1", "other2"]
    assert (np.diag(strengths) > 3).all()


def test_no_match_is_said(known, filters, tmp_path):
    figure = km.plot_match_heatmap(filters, km.motif_match([], known))
    assert [text.get_text() for text in figure.axes[0].texts] == ["no match"]
    figure.savefig(tmp_path / "heatmap.png")


def test_heat_map_refuses_what_does_not_fit(known, filters):
    matches = km.motif_match(filters[:3], known)
    with pytest.raises(ValueError, match="`max_targets` must be 1 or more"):
        km.plot_match_heatmap(filters, matches, max_targets=0)
    with pytest.raises(ValueError, match="must be the matches of `motifs`"):
        km.plot_match_heatmap(filters[1:], matches)
