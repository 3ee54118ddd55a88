import re
from xml.etree import ElementTree

import numpy as np
import pytest

import keras_motif as km
from keras_motif.logos.filmstrip import filmstrip_svg

SVG = "{http://www.w3.org/2000/svg}"


def motif(word, name="filter0", **options):
    return km.Motif(km.one_hot(word)[0] * 0.96 + 0.01, name, **options)


def uniform(width, name="filter0", **options):
    return km.Motif(np.full((width, 4), 0.25), name, **options)


def texts(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def letters(svg):
    """Return the letters in the order of the document: row by row, epoch by epoch."""
    uses = ElementTree.fromstring(svg).iter(f"{SVG}use")
    return "".join(use.get("href")[-1] for use in uses)


def test_rows_are_filters_and_columns_epochs():
    snapshots = {
        4: [motif("GAT"), motif("CCC", "filter1")],
        0: [motif("GGG"), motif("TTT", "filter1")],
    }
    svg = filmstrip_svg(snapshots)
    assert texts(svg) == ["epoch 1", "epoch 5", "filter0", "filter1"]
    assert letters(svg) == "GGG" + "GAT" + "TTT" + "CCC"
    # The cells of one column stand below each other, those of a row beside.
    places = re.findall(r'<g transform="translate\(([\d.]+) ([\d.]+)\)">', svg)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = places
    assert (x0, x1) == (x2, x3)
    assert (y0, y2) == (y1, y3)
    assert float(x1) > float(x0) + 30


def test_letters_too_low_to_be_seen_are_left_out():
    assert letters(filmstrip_svg({0: [motif("G")]})) == "G"
    assert letters(filmstrip_svg({0: [uniform(3)]})) == ""


def test_filter_without_a_site_says_so():
    svg = filmstrip_svg({0: [uniform(3, num_sites=0)], 1: [motif("GAT")]})
    assert texts(svg).count("no site") == 1


@pytest.mark.parametrize(
    ("count", "limit", "shown"),
    [
        (3, 10, [1, 2, 3]),
        (20, 10, [1, 2, 3, 5, 7, 9, 12, 16, 20]),
        (100, 3, [1, 26, 100]),
        (100, 1, [100]),
    ],
)
def test_many_epochs_are_thinned_out_more_towards_the_end(count, limit, shown):
    snapshots = {epoch: [motif("G")] for epoch in range(count)}
    svg = filmstrip_svg(snapshots, max_epochs=limit)
    assert texts(svg)[:-1] == [f"epoch {number}" for number in shown]


def test_document_loads_nothing_and_no_name_breaks_it():
    name = '<script>alert("x")</script>\x00&'
    svg = filmstrip_svg({0: [motif("GATTACA", name)]})
    assert texts(svg)[1] == name.replace("\x00", "")
    assert "<script" not in svg
    assert re.findall(r'(?:href|src)="([^"#][^"]*)"', svg) == []


def test_filters_missing_in_an_epoch_leave_their_place_empty():
    svg = filmstrip_svg({0: [motif("GAT")], 1: [motif("GAT"), motif("C", "filter1")]})
    assert texts(svg)[2:] == ["filter0", "filter1"]
    assert letters(svg) == "GATGATC"


@pytest.mark.parametrize("snapshots", [{}, {0: []}])
def test_epochs_without_motifs_are_refused(snapshots):
    with pytest.raises(ValueError, match="at least one epoch, and a motif in each"):
        filmstrip_svg(snapshots)


def test_max_epochs_must_be_1_or_more():
    with pytest.raises(ValueError, match="`max_epochs` must be 1 or more"):
        filmstrip_svg({0: [motif("G")]}, max_epochs=0)


def test_rna_has_u_for_t():
    svg = filmstrip_svg({0: [motif("GAT")]}, alphabet="ACGU")
    assert letters(svg) == "GAU"
    assert 'id="film-U"' in svg
    assert 'id="film-T"' not in svg
    with pytest.raises(ValueError, match="`alphabet` must be"):
        filmstrip_svg({0: [motif("GAT")]}, alphabet="RNA")
