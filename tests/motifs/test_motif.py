import copy
import pickle
from dataclasses import FrozenInstanceError
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_motif.motifs.motif import Motif, is_dead
from support.motif_examples import motif_of

UNIFORM = [0.25, 0.25, 0.25, 0.25]
A = [1.0, 0.0, 0.0, 0.0]
T = [0.0, 0.0, 0.0, 1.0]

weights = arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.just(4)),
    elements=st.floats(0, 1).map(lambda x: round(x, 3)),
)


@st.composite
def motifs(draw):
    array = draw(weights) + 1e-3
    return Motif(
        array / array.sum(axis=1, keepdims=True),
        draw(st.text(max_size=5)),
        alt_name=draw(st.text(max_size=5)),
        num_sites=draw(st.none() | st.integers(0, 1000) | st.floats(0, 1e6)),
    )


def trim_oracle(information, threshold, pad):
    """Return first and last position kept, one position at a time."""
    above = [i for i, bits in enumerate(information) if bits > threshold]
    if not above:
        return 0, len(information) - 1
    return max(above[0] - pad, 0), min(above[-1] + pad, len(information) - 1)


def test_the_four_fields_are_what_was_given():
    motif = Motif([A, T], "MA0001.1", alt_name="AGL3", num_sites=97)
    assert motif.frequencies.tolist() == [A, T]
    assert motif.frequencies.dtype == np.float64
    assert (motif.name, motif.alt_name, motif.num_sites) == ("MA0001.1", "AGL3", 97)
    assert motif.width == 2


def test_defaults_are_empty_names_and_unknown_sites():
    motif = Motif([A])
    assert (motif.name, motif.alt_name, motif.num_sites) == ("", "", None)


def test_information_by_hand():
    motif = Motif([A, UNIFORM, [0.5, 0.5, 0, 0], [0.5, 0.25, 0.125, 0.125]])
    np.testing.assert_allclose(motif.information(), [2, 0, 1, 0.25], atol=1e-15)


def test_consensus_takes_the_first_base_at_ties():
    assert Motif([UNIFORM, T, [0, 0.5, 0.5, 0]]).consensus == "ATC"


def test_the_representation_names_what_tells_motifs_apart():
    assert repr(Motif([A])) == "Motif('', width=1, num_sites=None, consensus='A')"
    assert repr(Motif([A, T], "x", alt_name="y", num_sites=3)) == (
        "Motif('x', alt_name='y', width=2, num_sites=3, consensus='AT')"
    )


def test_reverse_complement_reads_the_other_strand():
    motif = Motif([[0.1, 0.2, 0.3, 0.4], A], "x", alt_name="y", num_sites=3)
    other = motif.reverse_complement()
    assert other.frequencies.tolist() == [T, [0.4, 0.3, 0.2, 0.1]]
    assert (other.name, other.alt_name, other.num_sites) == ("x", "y", 3)


def test_rows_within_rounding_stay_as_given_and_others_are_divided():
    kept = [0.333333, 0.333333, 0.333333, 0.0]
    assert Motif([kept]).frequencies.tolist() == [kept]
    np.testing.assert_allclose(
        Motif([[0.5, 0.45, 0, 0]]).frequencies, [[0.5 / 0.95, 0.45 / 0.95, 0, 0]]
    )
    np.testing.assert_allclose(
        Motif([[0.6, 0.48, 0, 0]]).frequencies, [[0.6 / 1.08, 0.48 / 1.08, 0, 0]]
    )


def test_the_array_is_a_copy_that_cannot_be_written():
    array = np.array([A, T])
    motif = Motif(array)
    array[0] = UNIFORM
    assert motif.frequencies.tolist() == [A, T]
    with pytest.raises(ValueError, match="read-only"):
        motif.frequencies[0, 0] = 0.5
    with pytest.raises(FrozenInstanceError):
        motif.name = "other"


def test_equality_is_over_all_four_fields():
    motif = Motif([A], "x", alt_name="y", num_sites=3)
    assert motif == Motif([A], "x", alt_name="y", num_sites=3.0)
    assert motif != Motif([T], "x", alt_name="y", num_sites=3)
    assert motif != Motif([A], "z", alt_name="y", num_sites=3)
    assert motif != Motif([A], "x", alt_name="z", num_sites=3)
    assert motif != Motif([A], "x", alt_name="y", num_sites=4)
    assert motif != Motif([A], "x", alt_name="y")
    assert motif != Motif([A, A], "x", alt_name="y", num_sites=3)
    assert motif != "x"


def test_equal_motifs_are_one_in_a_set():
    twins = {Motif([A], "x", num_sites=3), Motif([A], "x", num_sites=3.0)}
    assert len(twins) == 1
    assert len({Motif([A]), Motif([T]), Motif([A, A])}) == 3


def test_minus_zero_is_zero():
    motif = Motif([[1.0, -0.0, 0.0, 0.0]])
    assert motif == Motif([A])
    assert hash(motif) == hash(Motif([A]))
    assert not np.signbit(motif.frequencies).any()


def test_layout_in_memory_does_not_matter():
    array = np.array([A, T, UNIFORM])
    assert Motif(np.asfortranarray(array)) == Motif(array)
    assert Motif(array[::-1].copy()[::-1]) == Motif(array)


@given(motifs())
def test_copies_and_pickles_are_equal_and_read_only(motif):
    for twin in (
        pickle.loads(pickle.dumps(motif)),
        copy.copy(motif),
        copy.deepcopy(motif),
    ):
        assert twin == motif
        assert hash(twin) == hash(motif)
        assert not twin.frequencies.flags.writeable


@given(motifs())
def test_the_reverse_complement_of_the_reverse_complement_is_the_motif(motif):
    other = motif.reverse_complement()
    assert other.reverse_complement() == motif
    np.testing.assert_allclose(other.information(), motif.information()[::-1])


@given(motifs())
def test_information_lies_between_0_and_2_bits(motif):
    bits = motif.information()
    assert bits.shape == (motif.width,)
    assert (bits >= 0).all()
    assert (bits <= 2).all()


@given(motifs(), st.floats(0, 2), st.integers(0, 15))
def test_trim_equals_the_oracle(motif, threshold, pad):
    first, last = trim_oracle(motif.information(), threshold, pad)
    trimmed = motif.trim(threshold, pad)
    assert trimmed.frequencies.tolist() == motif.frequencies[first : last + 1].tolist()
    assert (trimmed.name, trimmed.num_sites) == (motif.name, motif.num_sites)


def test_trim_by_hand():
    motif = Motif([UNIFORM] * 5 + [A] + [UNIFORM] * 6 + [T] + [UNIFORM] * 2, "x")
    assert motif.trim().width == 13  # 2 to 14: 3 before, all that is left behind
    assert motif.trim(pad=0).consensus == "A" * 7 + "T"
    assert motif.trim(pad=1).width == 10
    assert motif.trim(pad=99) == motif


def test_trim_keeps_a_motif_whose_only_informative_position_is_the_first():
    motif = Motif([A] + [UNIFORM] * 9)
    assert motif.trim().width == 4
    assert motif.trim(pad=0).frequencies.tolist() == [A]
    assert motif.reverse_complement().trim().width == 4


def test_trim_is_strict_and_keeps_a_motif_without_information_whole():
    motif = Motif([UNIFORM, [0.5, 0.5, 0, 0], UNIFORM])
    assert motif.trim(threshold=1.0, pad=0) == motif  # 1 bit is not above 1
    assert motif.trim(threshold=0.99, pad=0).width == 1
    assert Motif([UNIFORM] * 3).trim() == Motif([UNIFORM] * 3)


@pytest.mark.parametrize(
    ("frequencies", "match"),
    [
        (np.zeros((0, 4)), r"width 1 or more.*Received shape \(0, 4\)"),
        (A, r"Received shape \(4,\)"),
        (np.zeros((2, 3, 4)), r"Received shape \(2, 3, 4\)"),
        (np.full((3, 5), 0.2), r"Received shape \(3, 5\)"),
        (np.full((4, 7), 0.25), r"\(4, 7\).*pass `frequencies\.T`"),
        ([A, [1.5, -0.5, 0, 0]], r"\[0, 1\].*at position 1.*Divide counts"),
        ([A, [np.nan] * 4], r"\[0, 1\].*nan.*at position 1"),
        ([[8, 0, 0, 2]], r"Divide counts"),
        ([A, T, [0.5, 0.3, 0, 0]], r"sum to 1 within 0\.1.*sum 0\.8, at position 2"),
        ([[0.5, 0.5, 0.2, 0]], r"sum 1\.2"),
        ([[0, 0, 0, 0]], r"sum 0, at position 0"),
    ],
)
def test_bad_frequencies_are_explained(frequencies, match):
    with pytest.raises(ValueError, match=match):
        Motif(frequencies)


@pytest.mark.parametrize("num_sites", [-1, np.nan, np.inf, "20", [20]])
def test_bad_numbers_of_sites_are_refused(num_sites):
    with pytest.raises(ValueError, match="`num_sites` must be a finite number"):
        Motif([A], num_sites=num_sites)


@pytest.mark.parametrize("num_sites", [0, 3, 2.5, np.int64(7), np.float32(0.5)])
def test_numbers_of_sites_may_be_of_any_kind(num_sites):
    assert Motif([A], num_sites=num_sites).num_sites == num_sites


@pytest.mark.parametrize("key", ["name", "alt_name"])
def test_names_must_be_strings(key):
    with pytest.raises(TypeError, match=f"`{key}` must be a string. Received 3"):
        Motif([A], **{key: 3})


def test_a_negative_pad_is_refused():
    with pytest.raises(ValueError, match="`pad` must be 0 or more. Received -1"):
        Motif([A]).trim(pad=-1)


def test_only_a_uniform_motif_without_sites_is_dead():
    assert is_dead(Motif([UNIFORM] * 5, num_sites=0))
    assert not is_dead(Motif([UNIFORM] * 5))
    assert not is_dead(Motif([UNIFORM] * 5, num_sites=3))
    assert not is_dead(motif_of("ACG", num_sites=0))


# In notebooks


def test_notebooks_show_the_logo_under_all_names():
    picture = Motif([A, T], "<b>x", alt_name="CTCF", num_sites=1200)._repr_svg_()
    root = ElementTree.fromstring(picture)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["<b>x · CTCF · 1,200 sites", "0", "1", "2", "bits"]
    uses = [node.get("href") for node in root.iter("{http://www.w3.org/2000/svg}use")]
    assert uses == ["#keras-motif-A", "#keras-motif-T"]
    ground = root.find("{http://www.w3.org/2000/svg}rect")
    assert ground.get("fill") == "#ffffff"


@pytest.mark.parametrize(
    ("fields", "title", "note"),
    [
        ({"name": "f0", "num_sites": 0}, "f0 · 0 sites", "no sites"),
        ({"name": "f0", "num_sites": 1}, "f0 · 1 site", "no information"),
        ({}, "AA", "no information"),
        ({"name": "a\x00b"}, "ab", "no information"),
    ],
)
def test_notebooks_say_what_has_no_letters(fields, title, note):
    picture = Motif([UNIFORM, UNIFORM], **fields)._repr_svg_()
    root = ElementTree.fromstring(picture)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [title, "0", "1", "2", "bits", note]
    assert "<use" not in picture


def test_a_long_name_has_room():
    short, long = (Motif([A], name)._repr_svg_() for name in ("x", "x" * 60))
    widths = [float(ElementTree.fromstring(p).get("width")) for p in (short, long)]
    assert widths[0] < 100
    assert widths[1] > 350
