import itertools

import numpy as np
import pytest

import keras_motif as km
from keras_motif.logos.heatmap import _ordered, _strengths


def none_good(matches):
    return np.zeros(len(matches), dtype=bool)


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
    names = [motif.name for motif in filters]
    columns, strengths, _ = _strengths(names, matches, none_good(matches), 40)
    for row in matches.itertuples():
        cell = strengths[int(row.Query_ID[-1]), columns.index(row.Target_ID)]
        assert cell == pytest.approx(-np.log10(row[5]))
    assert np.isfinite(strengths).sum() == len(matches)
    assert np.isnan(strengths[3]).all()


def test_columns_follow_the_rows_that_they_match_best(known, filters):
    matches = km.motif_match(filters[:3], known)
    names = [motif.name for motif in filters]
    columns, *_ = _strengths(names, matches, none_good(matches), 3)
    assert columns == [known[index].name for index in (7, 2, 5)]


def test_picture_names_rows_and_columns(known, filters):
    matches = km.motif_match(filters[:3], known)
    figure = km.plot_match_heatmap(filters, matches, targets=known, max_targets=3)
    ax = figure.axes[0]
    # By the factors of the targets: of known[7], [2] and [5], and of none.
    order = sorted((7, 2, 5), key=lambda index: known[index].alt_name.upper())
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == [*(f"filter{(7, 2, 5).index(i)}" for i in order), "filter3"]
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == [f"{known[i].alt_name} ({known[i].name})" for i in order]


def test_rows_stand_by_target_the_strongest_first(known):
    """Two filters of each of three targets, given in turn, and one of none."""
    chosen = [known[index] for index in (7, 2, 5)]
    blurred = [
        km.Motif(0.7 * motif.frequencies + 0.075, f"blurred{index}", num_sites=100)
        for index, motif in enumerate(chosen)
    ]
    sharp = [
        km.Motif(motif.frequencies, f"sharp{index}", num_sites=100)
        for index, motif in enumerate(chosen)
    ]
    none = km.Motif(np.full((9, 4), 0.25), "none", num_sites=0)
    given = [none, *blurred, *sharp]
    matches = km.motif_match([*blurred, *sharp], known)
    figure = km.plot_match_heatmap(given, matches, targets=known)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    order = sorted(range(3), key=lambda index: chosen[index].alt_name.upper())
    pairs = [[f"sharp{index}", f"blurred{index}"] for index in order]
    assert rows == [*itertools.chain(*pairs), "none"]
    # Filters of one name with numbers stand by number.
    others = [
        km.Motif(m.frequencies, f"f{n}")
        for m, n in zip(chosen, (9, 10, 1), strict=True)
    ]
    found = km.motif_match(sharp, others, threshold=1e-3)
    names = [motif.name for motif in sharp]
    ordered = _ordered(names, found, none_good(found), {})
    assert ordered == ["sharp2", "sharp0", "sharp1"]


def test_light_lines_part_the_cells(known, filters, tmp_path):
    matches = km.motif_match(filters[:3], known)
    ax = km.plot_match_heatmap(filters, matches, max_targets=3).axes[0]
    lines = ax.yaxis.get_minorticklocs(), ax.xaxis.get_minorticklocs()
    assert [line.tolist() for line in lines] == [
        [-0.5, 0.5, 1.5, 2.5, 3.5],
        [-0.5, 0.5, 1.5, 2.5],
    ]
    assert ax.yaxis.get_minor_ticks()[0].gridline.get_visible()


def test_two_sets_of_filters_can_be_compared(filters):
    others = [km.Motif(m.frequencies, f"other{m.name[-1]}") for m in filters[:3]]
    matches = km.motif_match(filters[:3], others, threshold=1e-3)
    names = [motif.name for motif in filters[:3]]
    columns, strengths, _ = _strengths(names, matches, none_good(matches), 40)
    assert columns == ["other0", "other1", "other2"]
    assert (np.diag(strengths) > 3).all()


def test_weak_matches_are_pale_and_come_after_convincing_ones(known, filters):
    matches = km.motif_match(filters[:3], known, threshold=12)
    names = [motif.name for motif in filters]
    support = km.match_support(matches)
    good = support["is_convincing"].to_numpy()
    assert 3 <= good.sum() < len(matches)
    # Where the match of the largest E-value alone convinces, its column stands first.
    worst = matches["E-value"].to_numpy().argmax()
    alone = np.arange(len(matches)) == worst
    query, target = matches.iloc[worst][["Query_ID", "Target_ID"]]
    columns, _, is_good = _strengths(names, matches, alone, 3)
    assert target in columns
    assert np.argwhere(is_good).tolist() == [[int(query[-1]), columns.index(target)]]
    figure = km.plot_match_heatmap(filters, matches, support=support, max_targets=9)
    picture = figure.axes[0].images[0]
    names = _ordered(names, matches, good, {})
    *_, is_good = _strengths(names, matches, good, 9)
    assert np.array_equal(picture.get_alpha() == 1, is_good)
    assert not is_good.all() and is_good.any()
    assert "weak" in figure.axes[1].get_ylabel()
    plain = km.plot_match_heatmap(filters, matches)
    assert (plain.axes[0].images[0].get_alpha() < 1).all()
    assert "not judged" in plain.axes[1].get_ylabel()
    with pytest.raises(ValueError, match="`support` must be what `match_support`"):
        km.plot_match_heatmap(filters, matches, support=support[:2])


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
