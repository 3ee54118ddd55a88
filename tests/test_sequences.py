import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_motif._checks import check_one_hot_shape, check_one_hot_values
from keras_motif.sequences import from_one_hot, one_hot, reverse_complement


@st.composite
def equal_length(draw):
    length = draw(st.integers(1, 30))
    return draw(
        st.lists(
            st.text("ACGTN", min_size=length, max_size=length), min_size=1, max_size=5
        )
    )


def one_hot_oracle(strings):
    """Encode letter by letter."""
    array = np.zeros((len(strings), len(strings[0]), 4))
    for n, string in enumerate(strings):
        for position, letter in enumerate(string.upper()):
            if letter != "N":
                array[n, position, "ACGT".index(letter)] = 1
    return array


def test_each_letter_has_its_column_and_n_has_none():
    assert one_hot(["ACGTN"]).tolist() == [
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    ]


def test_a_single_string_is_one_sequence():
    assert one_hot("ACG").shape == (1, 3, 4)


def test_small_letters_are_the_same_bases():
    assert (one_hot("acgtn") == one_hot("ACGTN")).all()


@pytest.mark.parametrize("dtype", ["int8", "float32", "float64", bool])
def test_the_dtype_is_the_callers(dtype):
    assert one_hot("AC", dtype=dtype).dtype == np.dtype(dtype)
    assert one_hot("AC").dtype == np.int8
    assert from_one_hot(one_hot("AC", dtype=dtype)) == ["AC"]


@given(equal_length())
def test_encoding_equals_the_oracle_and_decodes_to_the_same(strings):
    array = one_hot(strings)
    np.testing.assert_array_equal(array, one_hot_oracle(strings))
    assert from_one_hot(array) == strings


@given(equal_length())
def test_the_other_strand_is_the_complement_backwards(strings):
    table = str.maketrans("ACGT", "TGCA")
    other = reverse_complement(one_hot(strings))
    assert from_one_hot(other) == [string.translate(table)[::-1] for string in strings]
    np.testing.assert_array_equal(reverse_complement(other), one_hot(strings))


def test_the_other_strand_is_a_new_array_of_the_same_kind():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    other = reverse_complement(array)
    assert other.dtype == np.float32
    assert other.flags.owndata
    assert other.tolist() == [[11, 10, 9, 8], [7, 6, 5, 4], [3, 2, 1, 0]]
    other[:] = 0
    assert array[0, 1] == 1


def test_any_iterable_of_strings_is_encoded():
    assert (one_hot(s for s in ("AC", "GT")) == one_hot(["AC", "GT"])).all()
    assert (one_hot(np.array(["AC", "GT"])) == one_hot(["AC", "GT"])).all()


@pytest.mark.parametrize(
    ("strings", "match"),
    [
        ([], r"at least one non-empty sequence\. Received \[\]"),
        ("", r"at least one non-empty"),
        (["", ""], r"at least one non-empty"),
        (["ACG", "AC"], r"0 has 3 letters, sequence 1 has 2.*pad"),
        (["ACGT", "ACRT"], r"'R' in sequence 1, position 2.*ambiguity codes by N"),
        (["ACGU"], r"'U' in sequence 0, position 3\. Replace U of RNA by T"),
        (["AC-T"], r"'-' in sequence 0, position 2"),
        (["ACéT"], r"'é' in sequence 0, position 2"),
        (["A😀CX"], r"'😀' in sequence 0, position 1"),
        (["AC GT"], r"' ' in sequence 0, position 2"),
        (["MKV"], r"protein sequences cannot be used"),
    ],
)
def test_what_is_no_dna_is_explained(strings, match):
    with pytest.raises(ValueError, match=match):
        one_hot(strings)


@pytest.mark.parametrize(
    ("shape", "match"),
    [
        ((5, 4, 20), r"\(5, 4, 20\).*pass `array\.transpose\(0, 2, 1\)`"),
        ((20, 4), r"pass `array\[None\]`"),
        ((4, 20), r"pass `array\.T\[None\]`"),
        ((5, 20), r"Received shape \(5, 20\).*one_hot"),
        ((5, 20, 5), r"Received shape \(5, 20, 5\)"),
        ((5, 4, 20, 1), r"Received shape \(5, 4, 20, 1\)"),
        ((0, 20, 4), r"holds no base"),
        ((5, 0, 4), r"holds no base"),
        ((), r"Received shape \(\)"),
    ],
)
def test_other_shapes_name_the_fix(shape, match):
    with pytest.raises(ValueError, match=match):
        from_one_hot(np.zeros(shape))


def test_four_by_four_is_taken_as_length_first():
    check_one_hot_shape((7, 4, 4))
    assert from_one_hot(np.eye(4)[None]) == ["ACGT"]


@pytest.mark.parametrize(
    "row",
    [[0.5, 0, 0.5, 0], [1, 1, 0, 0], [2, 0, 0, 0], [-1, 0, 0, 0], [np.nan, 0, 0, 1]],
)
def test_rows_that_are_no_base_are_named(row):
    array = one_hot(["ACGT", "ACGT"], dtype=float)
    array[1, 2] = row
    with pytest.raises(ValueError, match=r"`array` .* at sequence 1, position 2"):
        from_one_hot(array)


def test_the_check_counts_sequences_from_the_callers_first():
    with pytest.raises(ValueError, match=r"`x` .* sequence 101, position 0"):
        check_one_hot_values(np.array([[[1, 0, 0, 0]], [[3, 0, 0, 0]]]), 100, "x")


@pytest.mark.parametrize("shape", [(4,), (5, 3), (2, 4, 5), (1, 2, 3, 4)])
def test_the_other_strand_needs_bases_last(shape):
    with pytest.raises(ValueError, match=r"\(n, length, 4\) or \(length, 4\)"):
        reverse_complement(np.zeros(shape))
