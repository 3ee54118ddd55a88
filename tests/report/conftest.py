import pytest

from support.report_examples import example_matches, example_motifs, example_targets


@pytest.fixture
def motifs():
    return example_motifs()


@pytest.fixture
def targets():
    return example_targets()


@pytest.fixture
def matches():
    return example_matches()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.html"
