import pytest


@pytest.fixture
def meme(tmp_path):
    """Return a function that writes text to a file and gives its path."""

    def write(text):
        path = tmp_path / "some.meme"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
