import re

from keras_motif.report._histograms import svg_histogram


def test_bars_are_as_high_as_their_share_of_the_highest():
    picture = svg_histogram([1, 0, 4, 2], "A & B")
    # Bars of 30 less the gap of 1, the highest 34 high.
    assert re.search('class="bars" d="(.*?)"', picture)[1] == (
        "M0.5 34v-8.5h29v8.5zM60.5 34v-34h29v34zM90.5 34v-17h29v17z"
    )
    assert 'aria-label="A &amp; B"' in picture
    assert '<path class="bars" d=""/>' in svg_histogram([0, 0], "none")
