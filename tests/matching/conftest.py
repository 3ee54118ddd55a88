import pytest

from keras_motif.matching.match import motif_match
from keras_motif.motifs.meme import read_meme
from support.tomtom_tables import QUERIES, TARGETS


@pytest.fixture(scope="module")
def filters():
    """The six decimals of the golden queries."""
    return read_meme(QUERIES).motifs


@pytest.fixture(scope="module")
def database():
    return read_meme(TARGETS).motifs


@pytest.fixture(scope="module")
def table():
    return motif_match(QUERIES, TARGETS)
