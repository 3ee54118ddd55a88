"""What deeper filters read as."""

import numpy as np
import pandas as pd
import pytest

import keras_motif as km
from support.paths import ROOT


@pytest.fixture
def deeper_layers(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "examples" / "paper")
    import deeper_layers

    return deeper_layers


def composite(known, name, gap, before=3):
    """Return the motif of a filter that sees a pair, with so many bases between."""
    flat = [np.full((n, 4), 0.25) for n in (before, gap, 5)]
    pair = km.datasets.SYNTHETIC_PAIRS[name]
    first, second = (known[x].frequencies for x in pair[:2])
    return np.concatenate([flat[0], first, flat[1], second, flat[2]])


@pytest.mark.parametrize("name", km.datasets.SYNTHETIC_PAIRS)
def test_filters_read_as_a_pair_at_its_distance_on_either_strand(deeper_layers, name):
    known = km.datasets.implanted_motifs()
    pair = km.datasets.SYNTHETIC_PAIRS[name]
    right = composite(known, name, pair.gap)
    shapes = {
        "forward": right,
        "reverse": right[::-1, ::-1],
        "beside": composite(known, name, pair.gap + 1),
        "apart": composite(known, name, pair.gap + 3),
        "first": right[: 3 + known[pair.first].width],
        "flat": np.full((30, 4), 0.25),
    }
    motifs = [km.Motif(x, query, num_sites=500) for query, x in shapes.items()]
    found = deeper_layers.factors_of(motifs, known)
    assert found["forward"][pair.first] == 3
    second = 3 + known[pair.first].width + pair.gap
    assert found["forward"][pair.second] == second
    assert "flat" not in found
    assert pair.first in found["first"]
    read = {query: deeper_layers.pair_of(x, known) for query, x in found.items()}
    assert read == {
        "forward": name,
        "reverse": name,
        "beside": name,
        "apart": None,
        "first": None,
    }


def test_sites_are_counted_by_what_lies_in_them(deeper_layers):
    split = km.datasets.synthetic_pairs(300, seed=2).train
    truth = km.datasets.implanted_sites(split.model).groupby("sequence")
    low, high = truth["start"].min(), truth["end"].max()
    spans = high - low
    label = split.y.any(axis=1)
    width = 60
    # Filter a: around both motifs of one pair at its distance, and once elsewhere.
    pair = split.y[:, 1].astype(bool)
    rows = [("a", row, low[row] - 5) for row in np.flatnonzero(pair)[:3]]
    rows += [("a", rows[0][1], low[rows[0][1]] + 1)]
    # Filter b: around both motifs that are apart.
    apart = [row for row in np.flatnonzero(~label) if spans[row] <= width]
    rows += [("b", row, high[row] - width) for row in apart[:2]]
    sites = pd.DataFrame(rows, columns=["filter", "sequence", "start"])
    sites["end"] = sites["start"] + width
    in_sites, chosen, expected = deeper_layers.pairs_in_sites(sites, split)
    assert in_sites == pytest.approx((3 / 4 + 0) / 2)
    assert chosen == pytest.approx(3 / 5)
    room = {row: max(0, width - spans[row] + 1) for row in range(len(label))}
    together = sum(room[row] for row in np.flatnonzero(label))
    assert expected == pytest.approx(together / sum(room.values()))
    assert deeper_layers.pairs_in_sites(sites[:0], split) == (0, 0, 0)
    narrow = sites.assign(end=sites["start"] + 9)
    assert deeper_layers.pairs_in_sites(narrow, split) == (0, 0, 0)


def test_the_exponential_is_where_it_is_said(deeper_layers):
    from keras_motif.extraction import activation_map

    for name, exponential in deeper_layers.SETTINGS.items():
        model = deeper_layers.build(exponential)
        assert model.output_shape == (None, 4)
        for layer in deeper_layers.CONVOLUTIONS:
            kind = model.get_layer(f"{layer}_activation")
            has_it = isinstance(kind, km.Exponential)
            assert has_it == (layer in name.split(", "))
    fields = [
        activation_map(model, layer=f"{layer}_activation")[0].receptive_field(200)
        for layer in deeper_layers.CONVOLUTIONS
    ]
    assert [field.size for field in fields] == [19, 43, 51]
    known = km.datasets.implanted_motifs()
    spans = [
        known[a].width + gap + known[b].width
        for a, b, gap in km.datasets.SYNTHETIC_PAIRS.values()
    ]
    assert min(spans) > 19
    assert max(spans) == 36
