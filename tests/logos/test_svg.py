from xml.etree import ElementTree

import numpy as np
import pytest

from keras_motif.letters.stacks import COLOR_SCHEMES, letter_outlines
from keras_motif.letters.svg import PlacedLogo, svg_glyphs, svg_picture
from keras_motif.logos.svg import svg_alignment, svg_letters
from keras_motif.motifs.motif import Motif

UNIFORM = np.full((5, 4), 0.25)


def test_svg_glyphs_are_the_outlines_upside_down():
    glyphs = svg_glyphs("base-")
    assert glyphs.count("<path ") == 4
    for base in "ACGT":
        assert f'id="base-{base}" class="base-{base}" d="M' in glyphs
    # T: its bar's upper edge is the unit square's, at y = 0 in SVG.
    outline = letter_outlines()[3]
    assert outline.get_extents().extents.tolist() == pytest.approx([0, 0, 1, 1])


def test_svg_letters_use_the_same_layout():
    text = svg_letters(Motif([[0, 0, 0.25, 0.75]]), kind="probability", prefix="p-")
    assert text == (
        '<use href="#p-G" transform="matrix(9.5 0 0 10.00 0.25 30.00)"/>'
        '<use href="#p-T" transform="matrix(9.5 0 0 30.00 0.25 0.00)"/>'
    )


def test_svg_leaves_out_letters_that_nobody_could_see():
    text = svg_letters(Motif([[0.997, 0.001, 0.001, 0.001]]))
    assert text.count("<use") == 1
    assert svg_letters(Motif(UNIFORM)) == ""


def test_svg_pictures_escape_their_label():
    text = svg_picture([PlacedLogo(2, 3, "")], '"><script>', range(2, 4))
    assert "<script" not in text
    assert 'viewBox="0 0 50 40"' in text
    assert '<rect class="shade" x="20" y="0" width="20" height="40" ' in text


def test_svg_colours_give_way_to_a_pages_style():
    glyphs = svg_glyphs("base-")
    for base, color in COLOR_SCHEMES["classic"].items():
        assert glyphs.count(f'class="base-{base}"') == 1
        assert f'fill="{color}"' in glyphs
    # Presentation attributes: any rule of a style sheet goes before them.
    assert "style=" not in glyphs
    assert "style=" not in svg_picture([PlacedLogo(0, 3, "")], "", range(1))


def test_svg_of_an_alignment_stands_alone():
    query = Motif(np.eye(4)[[0, 1, 2]], "q")
    target = Motif(np.eye(4)[[1, 2, 0, 0]], "t")
    picture = svg_alignment(query, target, -1, "+")
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    names = [node.get("id") for node in root.iter("{http://www.w3.org/2000/svg}path")]
    assert names[:4] == ["A", "C", "G", "T"]
    assert root.get("viewBox") == "0 0 58 94"
    assert root.get("aria-label") == "ACG above CGAA"
    with pytest.raises(ValueError, match="`offset` must lie between"):
        svg_alignment(query, target, 4, "+")
