import numpy as np
import pytest

from keras_motif.motifs.motif import Motif
from keras_motif.profiles.positions import site_positions
from support.site_tables import random_sites, sites_of

UNIFORM = np.full((6, 4), 0.25)


def test_a_site_counts_where_its_middle_base_lies():
    # Middles 4, 5 (the right one of 4 and 5), 9 and 0; bins of 5.
    sites = sites_of(
        ("f", 0, 3, 6), ("f", 0, 3, 7), ("f", 1, 9, 10), ("g", 1, 0, 1), ("f", 2, 3, 6)
    )
    found = site_positions(sites, 10, num_bins=2)
    assert list(found.columns) == ["filter", "start", "end", "num_sites"]
    assert found.to_numpy().tolist() == [
        ["f", 0, 5, 2],
        ["f", 5, 10, 2],
        ["g", 0, 5, 1],
        ["g", 5, 10, 0],
    ]


def test_bins_are_whole_bases_and_cover_the_sequence():
    found = site_positions(sites_of(("f", 0, 0, 1)), 10, num_bins=4)
    assert found["start"].tolist() == [0, 2, 5, 7]
    assert found["end"].tolist() == [2, 5, 7, 10]


def test_positions_agree_with_a_loop(random):
    sites = random_sites(random, 20)
    found = site_positions(sites, 50, num_bins=7)
    for row in found.itertuples():
        count = sum(
            site.filter == row.filter
            and row.start <= (site.start + site.end) // 2 < row.end
            for site in sites.itertuples()
        )
        assert row.num_sites == count
    assert found["num_sites"].sum() == len(sites)


def test_filters_are_counted_in_the_order_asked_for_and_without_a_site_too():
    sites = sites_of(("filter10", 0, 0, 5), ("filter2", 0, 0, 5), ("b", 0, 0, 5))
    found = site_positions(sites, 5, num_bins=1)
    assert found["filter"].tolist() == ["b", "filter2", "filter10"]
    chosen = [Motif(UNIFORM, "filter2"), Motif(UNIFORM, "filter7")]
    found = site_positions(sites, 5, num_bins=1, filters=chosen)
    assert found[["filter", "num_sites"]].to_numpy().tolist() == [
        ["filter2", 1],
        ["filter7", 0],
    ]
    assert site_positions(sites_of(), 5, filters=[], num_bins=1).empty


def test_positions_refuse_what_cannot_be_counted():
    sites = sites_of(("f", 0, 3, 12))
    with pytest.raises(ValueError, match="`length` 10. Received sites from 3 to 12"):
        site_positions(sites, 10, num_bins=5)
    with pytest.raises(ValueError, match="`length` must be a whole number of bases"):
        site_positions(sites, 0)
    with pytest.raises(ValueError, match="`num_bins`.* 1 to the `length` 12.*True"):
        site_positions(sites, 12, num_bins=True)
    with pytest.raises(ValueError, match=r"`num_bins`.*Received 13"):
        site_positions(sites, 12, num_bins=13)
    with pytest.raises(ValueError, match="lacks the columns end. Received DataFrame"):
        site_positions(sites.drop(columns="end"), 12)
    with pytest.raises(ValueError, match="lacks the columns filter, .*Received list"):
        site_positions([], 12)
    with pytest.raises(ValueError, match="each name once. Received 'f' more than once"):
        site_positions(sites, 12, num_bins=5, filters=["f", "f"])
