from keras_motif.letters.pictures import PlacedLogo, svg_picture


def test_svg_pictures_escape_their_label():
    text = svg_picture([PlacedLogo(2, 3, "")], '"><script>', range(2, 4))
    assert "<script" not in text
    assert 'viewBox="0 0 50 40"' in text
    assert '<rect class="shade" x="20" y="0" width="20" height="40" ' in text
