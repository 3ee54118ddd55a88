import keras
import numpy as np
import pytest

import keras_motif as km
from keras_motif.extraction import _map_batches as map_batches
from keras_motif.extraction import _search as search
from keras_motif.extraction import _site_products as site_products
from keras_motif.extraction._compiled import to_device
from keras_motif.extraction._site_products import SiteProducts
from keras_motif.extraction._sites import Windows
from support.networks import small_model
from support.oracles import count_bases, find_sites

pytestmark = pytest.mark.keras


@pytest.fixture
def large(monkeypatch):
    """Every batch is large enough for compiled functions."""
    monkeypatch.setattr(map_batches, "_SMALL", 0)


@pytest.fixture
def dense(large, monkeypatch):
    """Every search has too many candidates, and multiplies instead."""
    monkeypatch.setattr(search, "_has_many", lambda *_: True)


@pytest.fixture
def unknown(sequences, random):
    """Sequences with N, some of them all zero and some a quarter of each."""
    x = sequences.astype("float32")
    x[random.random(x.shape[:2]) < 0.1] = 0
    x[random.random(x.shape[:2]) < 0.1] = 0.25
    x[3] = 0
    return x


def without_n(x):
    """Return sequences whose N is all zero."""
    return np.where(x == 0.25, 0, x)


def maps_of(model, x):
    part = keras.Model(model.inputs[0], model.get_layer("conv").output)
    return keras.ops.convert_to_numpy(part(np.asarray(x, "float32")))


def check(model, x, *, start, width, stride=1, threshold=0.5, margin=0, **options):
    """Compare motifs with those of the obvious loops."""
    both = options.get("reverse_complement", False)
    strands = [x, x[:, ::-1, ::-1]] if both else [x]
    values = [maps_of(model, strand) for strand in strands]
    num_filters = values[0].shape[2]
    sites = find_sites(
        values,
        length=x.shape[1],
        start=start,
        stride=stride,
        width=width,
        threshold=threshold,
        select=options.get("select", "all"),
        margin=margin,
    )
    counts, num_sites = count_bases(
        sites,
        [without_n(strand) for strand in strands],
        width=width,
        filters=num_filters,
    )
    motifs = km.extract_motifs(model, x, threshold=threshold, **options)
    assert [motif.num_sites for motif in motifs] == num_sites.tolist()
    assert num_sites.sum() > 0
    for motif, count in zip(motifs, counts, strict=True):
        if motif.num_sites:
            expected = count / count.sum(axis=1, keepdims=True)
            np.testing.assert_array_equal(motif.frequencies, expected)
    return num_sites


@pytest.mark.parametrize("density", [0, 0.003, 0.5, 1])
@pytest.mark.parametrize(
    ("rows", "positions", "num_filters"), [(7, 40, 5), (60, 90, 6), (1, 9000, 1)]
)
def test_products_equal_the_slow_count(rows, positions, num_filters, density, random):
    codes = random.integers(0, 5, size=(rows, positions)).astype(np.uint8)
    values = random.uniform(size=(rows + 2, positions, num_filters)).astype("float32")
    limits = np.full(num_filters, 1 - density) + 0.01 * np.arange(num_filters)
    starts = np.arange(positions) - 3
    found = Windows(starts, (starts >= 0) & (starts + 8 <= positions), 8, positions)
    products = SiteProducts(limits)
    for _ in range(2):
        products.add(to_device(values), codes, found)
    expected = np.zeros((num_filters, 8, 5))
    for i, p, f in np.argwhere(values[:rows] > limits.astype("float32")):
        if found.inside[p]:
            window = codes[i, starts[p] : starts[p] + 8]
            expected[f, np.arange(8), window] += 2
    number = expected[:, 0].sum(axis=1)
    np.testing.assert_array_equal(products.num_sites, number)
    np.testing.assert_array_equal(
        products.bases, expected[..., 1:] + expected[..., :1] / 4
    )


def test_products_take_windows_in_any_order(random):
    codes = random.integers(0, 5, size=(4, 50)).astype(np.uint8)
    values = np.ones((4, 6, 3), "float32")
    starts = np.array([40, 31, 33, 0, 5, 45])
    found = Windows(starts, starts + 7 <= 50, 7, 50)
    products = SiteProducts(np.zeros(3))
    products.add(to_device(values), codes, found)
    expected = np.zeros((7, 5))
    for start in starts[:-1]:
        for place in range(7):
            expected[place] += np.bincount(codes[:, start + place], minlength=5)
    assert products.num_sites.tolist() == [20] * 3
    for bases in products.bases:
        np.testing.assert_array_equal(bases, expected[:, 1:] + expected[:, :1] / 4)


@pytest.mark.parametrize("num_places", [1, 3, 4])
def test_some_places_of_the_windows_at_a_time_give_the_same(
    num_places, random, monkeypatch
):
    codes = random.integers(0, 5, size=(4, 50)).astype(np.uint8)
    values = to_device(random.uniform(size=(4, 50, 3)).astype("float32"))
    found = Windows(np.arange(50), np.arange(50) <= 43, 7, 50)
    whole, parts = SiteProducts(np.full(3, 0.5)), SiteProducts(np.full(3, 0.5))
    whole.add(values, codes, found)

    monkeypatch.setattr(site_products, "_places_at_once", lambda *_: num_places)
    parts.add(values, codes, found)
    np.testing.assert_array_equal(parts.bases, whole.bases)
    np.testing.assert_array_equal(parts.num_sites, whole.num_sites)


@pytest.mark.usefixtures("dense")
@pytest.mark.parametrize("threshold", [0, 0.4, 0.9])
@pytest.mark.parametrize("options", [{}, {"reverse_complement": True}])
@pytest.mark.parametrize("activation", ["relu", "exponential"])
def test_dense_sites_equal_the_obvious_loop(threshold, options, activation, unknown):
    model = small_model(activation)
    for size in (17, 64):
        check(
            model,
            unknown,
            start=-3,
            width=7,
            threshold=threshold,
            batch_size=size,
            **options,
        )


@pytest.mark.usefixtures("dense")
def test_dense_sites_in_wider_windows_and_by_the_released_rules(unknown):
    model = small_model("exponential")
    check(model, unknown, start=-5, width=11, window=11, batch_size=17)
    check(model, unknown, start=-10, width=20, margin=1, compat="released")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("select", ["all", "best"])
@pytest.mark.parametrize("threshold", [0.5, 0.95])
def test_candidates_from_runs_equal_the_obvious_loop(select, threshold, unknown):
    model = small_model("exponential")
    for options in ({}, {"reverse_complement": True}):
        check(
            model,
            unknown,
            start=-3,
            width=7,
            threshold=threshold,
            batch_size=17,
            select=select,
            **options,
        )
