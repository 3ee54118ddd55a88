import numpy as np
import pytest

from keras_motif.letters.glyphs import svg_glyphs, svg_stacks
from keras_motif.letters.pictures import PlacedLogo, svg_picture
from keras_motif.letters.stacks import COLOR_SCHEMES, letter_outlines


def test_svg_glyphs_are_the_outlines_upside_down():
    glyphs = svg_glyphs("base-")
    assert glyphs.count("<path ") == 4
    for base in "ACGT":
        assert f'id="base-{base}" class="base-{base}" d="M' in glyphs
    # T: its bar's upper edge is the unit square's, at y = 0 in SVG.
    outline = letter_outlines()[3]
    assert outline.get_extents().extents.tolist() == pytest.approx([0, 0, 1, 1])


def test_svg_colours_give_way_to_a_pages_style():
    glyphs = svg_glyphs("base-")
    for base, color in COLOR_SCHEMES["classic"].items():
        assert glyphs.count(f'class="base-{base}"') == 1
        assert f'fill="{color}"' in glyphs
    # Presentation attributes: any rule of a style sheet goes before them.
    assert "style=" not in glyphs
    assert "style=" not in svg_picture([PlacedLogo(0, 3, "")], "", range(1))


def test_rna_has_a_u_in_the_colour_of_t():
    dna, rna = svg_glyphs("b-").splitlines(), svg_glyphs("b-", "ACGU").splitlines()
    assert rna[:3] == dna[:3]
    assert 'id="b-U" class="b-T" d="M' in rna[3]
    assert 'fill="#ff0000"' in rna[3]
    # A U is open at its top: no part of it lies above its middle's lower half.
    outline = letter_outlines("ACGU")[3]
    assert outline.get_extents().extents.tolist()[1::2] == pytest.approx([0, 1])
    assert not outline.contains_point((0.5, 0.9))
    assert letter_outlines()[3].contains_point((0.5, 0.9))
    heights = np.array([[0.0, 0.0, 0.0, 2.0]])
    assert svg_stacks(heights, 2.0, "b-", "ACGU").count('href="#b-U"') == 1
