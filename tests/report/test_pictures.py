import re

from keras_motif.report.page import write_report
from support.report_examples import table_of
from support.report_page import Page


def test_logos_are_labelled_and_all_their_parts_are_defined(
    path, motifs, matches, targets
):
    write_report(path, motifs, matches, targets=targets)
    page = Page(path)
    assert page.source.count('<svg class="logo"') == len(
        [label for label in page.labels if label.startswith("Logo of")]
    )
    label = (
        "Logo of filter0, consensus TGACTCA, above the logo of FOS::JUN (MA0099.2), "
        "reverse complement, consensus TGACTCA; 7 columns overlap"
    )
    assert label in page.labels
    assert set(page.uses) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_aligned_logos_stand_where_the_offset_says(path, motifs, targets):
    row = ("filter0", "MA0490.1", 3, 1e-3, "+")
    matches = table_of(row, motifs=motifs, targets=targets)
    write_report(path, motifs, matches, targets=targets)
    picture = re.search(
        r'<svg class="logo"[^>]*GGATGACTCAT.*?</svg>', Page(path).source
    )
    assert 'viewBox="0 0 110 86"' in picture[0]
    assert '<rect class="shade" x="30" y="0" width="70"' in picture[0]
    places = re.findall(r"translate\((\d+) (\d+)\)", picture[0])
    assert places == [("30", "0"), ("0", "46")]
