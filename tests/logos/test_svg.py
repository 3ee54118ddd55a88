from xml.etree import ElementTree

import numpy as np
import pytest

from keras_motif.logos.svg import svg_alignment, svg_letters
from keras_motif.motifs.motif import Motif
from support.motif_examples import UNIFORM


def test_svg_letters_use_the_same_layout():
    text = svg_letters(Motif([[0, 0, 0.25, 0.75]]), kind="probability", prefix="p-")
    assert text == (
        '<use href="#p-G" transform="matrix(9.5 0 0 10.0 0.25 30.0)"/>'
        '<use href="#p-T" transform="matrix(9.5 0 0 30.0 0.25 0.0)"/>'
    )


def test_svg_leaves_out_letters_that_nobody_could_see():
    text = svg_letters(Motif([[0.997, 0.001, 0.001, 0.001]]))
    assert text.count("<use") == 1
    assert svg_letters(Motif(UNIFORM)) == ""


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


def test_svg_of_an_rna_alignment_has_u_for_t():
    query = Motif(np.eye(4)[[3, 1, 2]], "q")
    picture = svg_alignment(query, query, 0, "+", "ACGU")
    root = ElementTree.fromstring(picture)
    ids = {node.get("id") for node in root.iter("{http://www.w3.org/2000/svg}path")}
    uses = [node.get("href") for node in root.iter("{http://www.w3.org/2000/svg}use")]
    assert uses == ["#U", "#C", "#G"] * 2
    assert {use[1:] for use in uses} < ids
    assert "T" not in ids
    assert root.get("aria-label") == "UCG above UCG"
