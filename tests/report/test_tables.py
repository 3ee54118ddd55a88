import pytest

from keras_motif.report.page import write_report
from support.report_examples import example_pairs, example_profiles


def test_profiles_must_belong_to_the_motifs(path, motifs):
    profiles = example_profiles()
    for argument, maker in (
        ("positions", "site_positions"),
        ("enrichment", "class_enrichment"),
    ):
        table = profiles[argument]
        with pytest.raises(ValueError, match=f"`{maker}` returned. It lacks.* filter"):
            write_report(path, motifs, **{argument: table.drop(columns="filter")})
        with pytest.raises(ValueError, match=f"`{argument}`.*'filter0' .1 such"):
            write_report(path, motifs[1:], **{argument: table})
    with pytest.raises(ValueError, match="`duplicates`.*'g' .1 such"):
        write_report(path, motifs, duplicates=example_pairs(("filter0", "g", 1, "+")))
    with pytest.raises(ValueError, match="lacks .* Received dict with none"):
        write_report(path, motifs, positions={})
    assert not path.exists()
