import matplotlib.colors
import numpy as np
import pytest

from keras_motif.letters.stacks import COLOR_SCHEMES


@pytest.mark.parametrize("name", COLOR_SCHEMES)
def test_color_schemes_are_logomakers(name):
    from logomaker.src.colors import get_color_dict

    theirs = get_color_dict(name, list("ACGT"))
    for base, color in COLOR_SCHEMES[name].items():
        # logomaker gives shares of 1, rounded here to 255.
        expected = np.array(matplotlib.colors.to_rgb(theirs[base])) * 255
        ours = np.array(matplotlib.colors.to_rgb(color)) * 255
        assert np.abs(ours - expected).max() <= 0.51
