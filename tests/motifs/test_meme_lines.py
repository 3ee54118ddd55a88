import gzip

import pytest

from keras_motif.motifs.meme import read_meme
from support.meme_examples import ONE, VERSION


def test_gzip_is_known_by_its_bytes(tmp_path):
    for name in ("motifs.meme.gz", "motifs.meme"):
        path = tmp_path / name
        path.write_bytes(gzip.compress((VERSION + ONE).encode()))
        assert len(read_meme(str(path)).motifs) == 1


@pytest.mark.parametrize("damage", [slice(0, 40), slice(0, -8)])
def test_a_cut_gzip_file_is_a_value_error(meme, damage):
    data = gzip.compress((VERSION + ONE).encode())[damage]
    with pytest.raises(ValueError, match=r"some\.meme: expected a whole gzip file"):
        read_meme(meme(data))


def test_a_damaged_gzip_file_is_a_value_error(meme):
    data = bytearray(gzip.compress((VERSION + ONE).encode()))
    for index in range(10, len(data)):
        data[index] ^= 0xFF
        with pytest.raises(ValueError, match=r"some\.meme"):
            read_meme(meme(bytes(data)))
        data[index] ^= 0xFF


def test_a_missing_file_stays_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_meme(tmp_path / "none.meme")
