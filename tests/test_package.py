import subprocess
import sys

import pytest

import keras_motif as km

HEAVY = ["matplotlib", "pandas", "logomaker", "pyjaspar", "pymemesuite", "jinja2"]


@pytest.mark.keras
def test_importing_adds_no_heavy_module():
    code = (
        "import sys, keras\n"
        "before = set(sys.modules)\n"
        "import keras_motif\n"
        f"print(*(set({HEAVY}) & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


def test_every_public_name_is_there_and_documented():
    for name in km.__all__:
        assert getattr(km, name).__doc__


def test_version_is_the_distributions():
    from importlib.metadata import version

    assert km.__version__ == version("keras-motif")
