import numpy as np
import pytest

from keras_motif.matching._targets import consensus


@pytest.mark.parametrize(
    ("row", "letter"),
    [
        ([0.4, 0.4, 0.1, 0.1], "A"),  # single precision rounds 0.4 up
        ([0.35, 0.35, 0.15, 0.15], "C"),  # and 0.35 down, so the second one wins
        ([0.25, 0.25, 0.25, 0.25], "A"),  # 0.25 is exact
        ([0.1, 0.2, 0.3, 0.4], "T"),
    ],
)
def test_the_consensus_breaks_ties_as_the_program_does(row, letter):
    assert consensus(np.array([row])) == letter
