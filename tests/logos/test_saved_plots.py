"""What a saved logo holds, in each format."""

import re
import zlib
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest

from keras_motif.letters.stacks import COLOR_SCHEMES
from keras_motif.logos.plots import plot_logo, plot_logos
from keras_motif.motifs.motif import Motif
from support.figures import pixels

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = {
    "one": lambda motif: plot_logo(motif).figure,
    "grid": lambda m: plot_logos([m]),
}


@pytest.fixture(params=DRAWINGS)
def drawing(request):
    """A figure of TACG: T fills its position, of the others two letters stand."""
    rows = [[0, 0, 0, 1.0], [0.9, 0.1, 0, 0], [0, 0.9, 0.1, 0], [0.1, 0, 0.9, 0]]
    return DRAWINGS[request.param](Motif(rows, "f0"))


def test_a_png_holds_the_pixels_on_the_canvas(drawing, tmp_path):
    drawing.savefig(tmp_path / "logo.png")
    saved = matplotlib.image.imread(tmp_path / "logo.png")[..., :3] * 255
    np.testing.assert_array_equal(saved.round().astype(int), pixels(drawing))
    for color in classic_colors():
        assert (pixels(drawing) == color).all(axis=2).sum() > 20


def classic_colors():
    return [
        [int(color[start : start + 2], 16) for start in (1, 3, 5)]
        for color in COLOR_SCHEMES["classic"].values()
    ]


def box_of(path_data):
    numbers = [float(text) for text in re.findall(r"-?[0-9.]+", path_data)]
    x, y = numbers[0::2], numbers[1::2]
    return min(x), min(y), max(x), max(y)


def test_an_svg_holds_letters_as_paths_in_their_places(drawing, tmp_path):
    drawing.savefig(tmp_path / "logo.svg")
    root = ElementTree.parse(tmp_path / "logo.svg").getroot()
    # Names and numbers are outlines too: no font is needed to show them.
    assert not list(root.iter(f"{SVG}text"))
    colors = COLOR_SCHEMES["classic"].values()
    letters = [
        (node.get("style"), box_of(node.get("d")))
        for node in root.iter(f"{SVG}path")
        if any(f"fill: {color}" in (node.get("style") or "") for color in colors)
    ]
    assert len(letters) == 7
    (box,) = [box for style, box in letters if "#ff0000" in style]
    ax, height = drawing.axes[0], drawing.get_figheight() * 72
    corners = ax.transData.transform([(-0.475, 0), (0.475, 2)]) / drawing.dpi * 72
    (left, bottom), (right, top) = corners
    assert box == pytest.approx((left, height - top, right, height - bottom), abs=0.1)


def test_a_pdf_holds_letters_as_paths_and_its_fonts(drawing, tmp_path):
    drawing.savefig(tmp_path / "logo.pdf")
    content = (tmp_path / "logo.pdf").read_bytes()
    size = re.search(rb"/MediaBox \[ ?0 0 ([0-9.]+) ([0-9.]+)", content)
    inches = [float(size[1]) / 72, float(size[2]) / 72]
    assert inches == pytest.approx(drawing.get_size_inches())
    # The fonts of names and numbers are in the file.
    fonts = set(re.findall(rb"/FontName /(?:[A-Z]{6}\+)?([A-Za-z]+)", content))
    assert fonts == {b"DejaVuSans"}
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    page = max((_inflated(stream) for stream in streams), key=lambda s: s.count(b" rg"))
    shown = {
        tuple(round(255 * float(share)) for share in color.split()[:3])
        for color in re.findall(rb"[0-9. ]+(?= rg)", page)
    }
    assert shown >= {tuple(color) for color in classic_colors()}
    assert len(re.findall(rb"\nf\b", page)) >= 7


def _inflated(stream):
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""
