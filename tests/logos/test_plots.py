import io
import pickle

import logomaker
import matplotlib.colors
import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import keras_motif.logos.layout as logo_layout
from keras_motif.logos.heatmap import plot_match_heatmap
from keras_motif.logos.plots import plot_alignment, plot_logo, plot_logos
from keras_motif.matching import motif_match
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif
from support.figures import pixels
from support.motif_examples import UNIFORM, motif_of, random_motifs


def table_of(*rows):
    columns = ["Query_ID", "Target_ID", "Optimal_offset", "Orientation"]
    return pd.DataFrame(rows, columns=columns)


# Pictures


@pytest.mark.parametrize("kind", ["information", "probability"])
@pytest.mark.parametrize("color_scheme", ["classic", "colorblind_safe"])
def test_the_grid_looks_like_logomakers(random, kind, color_scheme):
    motifs = random_motifs(random, 4)
    options = {"num_cols": 2, "kind": kind, "color_scheme": color_scheme}
    ours, theirs = plot_logos(motifs, **options), plot_logos(motifs, **options)
    for ax, motif in zip(theirs.axes, motifs, strict=True):
        limits = ax.get_xlim(), ax.get_ylim()
        for artist in [*ax.collections, *ax.lines]:
            artist.remove()
        heights = logo_layout.letter_heights(motif, kind)
        table = pd.DataFrame(heights, columns=list("ACGT"))
        logomaker.Logo(table, ax=ax, color_scheme=color_scheme)
        ax.set(xlim=limits[0], ylim=limits[1])
    difference = np.abs(pixels(ours) - pixels(theirs)).max(axis=2)
    assert (pixels(ours) < 200).any(axis=2).mean() > 0.05
    # With matplotlib 3.11 not a pixel differs. Others may round paths and
    # collections differently at edges, so a tenth of a percent may, a little.
    assert (difference > 32).mean() < 0.001
    assert difference.mean() < 0.05


def test_one_logo_is_logomakers_on_the_users_axes():
    figure = Figure()
    ax = figure.add_subplot()
    motif = motif_of("ACGT")
    assert plot_logo(motif, ax) is ax
    assert ax.get_ylim() == (0, 2)
    assert ax.get_ylabel() == "bits"
    assert len(ax.patches) == 4


def test_one_logo_makes_a_figure_of_its_own(tmp_path):
    ax = plot_logo(motif_of("ACGT"), kind="probability")
    assert ax.get_ylim() == (0, 1)
    ax.figure.savefig(tmp_path / "logo.png")
    assert (tmp_path / "logo.png").stat().st_size > 0


def letter_boxes(ax):
    (collection,) = ax.collections
    return [path.get_extents() for path in collection.get_paths()]


def test_one_logo_and_the_grid_show_the_same_letters():
    motif = motif_of("ACGTTA")
    one, many = plot_logo(motif), plot_logos([motif]).axes[0]
    assert one.get_xlim() == many.get_xlim()
    boxes = [patch.get_path().get_extents().extents for patch in one.patches]
    np.testing.assert_allclose(boxes, [box.extents for box in letter_boxes(many)])


# Options


def test_highlighted_positions_look_like_logomakers(random):
    motif = random_motifs(random, 1)[0]
    ours = plot_logos([motif], highlight={"filter0": [5, 3, 4, 9]}, axis="none")
    theirs = plot_logos([motif], axis="none")
    ax = theirs.axes[0]
    table = pd.DataFrame(logo_layout.letter_heights(motif, "information"))
    logo = logomaker.Logo(table.set_axis(list("ACGT"), axis=1), ax=ax)
    for artist in ax.collections:
        artist.remove()
    for first, last in ((3, 5), (9, 9)):
        logo.highlight_position_range(first, last, color="#fff0a8", alpha=1, ceiling=2)
    logo.style_spines(visible=False)
    ax.set(xlim=(-0.5, 11.5), ylim=(0, 2), xticks=[], yticks=[])
    difference = np.abs(pixels(ours) - pixels(theirs)).max(axis=2)
    ground = (pixels(ours) == [255, 240, 168]).all(axis=2)
    assert ground.mean() > 0.02
    # The ground's edges may fall on other pixels.
    assert (difference > 32).mean() < 0.005


def grounds_of(ax):
    boxes = [
        patch.get_extents().transformed(ax.transData.inverted()) for patch in ax.patches
    ]
    return [(round(box.x0, 6), round(box.x1, 6)) for box in boxes]


def test_neighbouring_columns_share_a_ground():
    motifs = [motif_of("ACGTACGT", "a"), motif_of("ACGT", "b")]
    figure = plot_logos(motifs, highlight={"a": [1, 6, 2], "b": range(0)})
    assert [grounds_of(ax) for ax in figure.axes] == [[(0.5, 2.5), (5.5, 6.5)], []]
    ax = plot_logo(motifs[0], highlight=range(2, 5))
    # The letters are patches too, before the ground.
    assert grounds_of(ax)[-1] == (1.5, 4.5)


@pytest.mark.parametrize(
    ("width", "numbers"),
    [
        (3, ["1", "2", "3"]),
        (12, ["1", "5", "10"]),
        (70, ["1", "10", "20", "30", "40", "50", "60", "70"]),
    ],
)
def test_positions_are_numbered_from_1(width, numbers):
    motif = motif_of("A" * width)
    panel = plot_logos([motif, motif_of("C" * 80, "n")], axis="both").axes[0]
    for ax in (plot_logo(motif, axis="both"), panel):
        labels = ax.get_xticklabels()
        assert [label.get_text() for label in labels] == numbers
        assert [label.get_position()[0] + 1 for label in labels] == list(
            map(float, numbers)
        )


def test_aligned_motifs_have_numbers_of_their_own():
    query, target = motif_of("TGACTCA", "q"), motif_of("GACT", "t")
    figure = plot_alignment(query, target, offset=-1, axis="both")
    for ax, first in zip(figure.axes, (0, 1), strict=True):
        assert ax.get_xticklabels()[0].get_text() == "1"
        assert ax.get_xticks()[0] == first


def test_numbers_have_room_below_the_panels(random):
    motifs = random_motifs(random, 4)
    plain, numbered = (
        plot_logos(motifs, num_cols=2, axis=a) for a in ("heights", "both")
    )
    inches = [
        (ax.get_position().height * figure.get_figheight())
        for figure in (plain, numbered)
        for ax in figure.axes
    ]
    assert inches == pytest.approx([inches[0]] * 8)
    renderer = numbered.canvas.get_renderer()
    upper, lower = numbered.axes[0], numbered.axes[2]
    numbers = [label.get_window_extent(renderer) for label in upper.get_xticklabels()]
    title = lower.title.get_window_extent(renderer)
    assert min(box.y0 for box in numbers) > title.y1
    lowest = [label.get_window_extent(renderer).y0 for label in lower.get_xticklabels()]
    assert min(lowest) >= 0


def test_without_axis_only_letters_and_their_line_are_left(random):
    motif = random_motifs(random, 1)[0]
    for figure in (
        plot_logo(motif, axis="none").figure,
        plot_logos([motif], axis="none"),
        plot_alignment(motif, motif, offset=0, axis="none"),
    ):
        for ax in figure.axes:
            assert ax.get_xticks().size == ax.get_yticks().size == 0
            assert ax.get_ylabel() == ""
            assert not any(spine.get_visible() for spine in ax.spines.values())


def test_letters_may_have_colours_of_ones_own():
    colors = {"A": "red", "C": "#00f", "G": (0, 1, 0), "T": "0.5"}
    for ax in (
        plot_logo(motif_of("ACGT"), color_scheme=colors),
        plot_logos([motif_of("ACGT")], color_scheme=colors).axes[0],
    ):
        shown = [patch.get_facecolor() for patch in ax.patches] or [
            tuple(color) for color in ax.collections[0].get_facecolor()
        ]
        assert [color[:3] for color in shown] == [
            (1, 0, 0),
            (0, 0, 1),
            (0, 1, 0),
            (0.5, 0.5, 0.5),
        ]


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_dead_and_uninformative_panels_say_so():
    dead = Motif(UNIFORM, "dead", num_sites=0)
    figure = plot_logos([dead, Motif(UNIFORM, "flat")])
    assert [texts_of(ax) for ax in figure.axes] == [["no sites"], ["no information"]]
    assert texts_of(plot_logo(dead)) == ["no sites"]
    assert texts_of(plot_logo(dead, kind="probability")) == ["no sites"]
    assert texts_of(plot_logo(Motif(UNIFORM))) == ["no information"]
    assert texts_of(plot_logo(Motif(UNIFORM), kind="probability")) == []


def test_titles_name_the_best_convincing_match_and_call_others_weak():
    motifs = [motif_of("ACGT", "f0"), motif_of("TTTT", "f1")]
    motifs.append(Motif(UNIFORM, "f2", num_sites=0))
    matches = table_of(["f0", "MA1.1", 0, "+"], ["f0", "MA2.1", 0, "+"])
    targets = [motif_of("ACGT", "MA1.1", alt_name="SP1")]
    titles = {}
    for what, good in {"weak": (False, False), "second": (False, True)}.items():
        support = pd.DataFrame({"is_convincing": good})
        figure = plot_logos(motifs, matches, support=support, targets=targets)
        titles[what] = [(ax.get_title(), ax.title.get_color()) for ax in figure.axes]
    pale, black = "#767676", "black"
    others = [("f1\nno match", pale), ("f2\n", pale)]
    assert titles["weak"] == [("f0\nweak: SP1 (MA1.1)", pale), *others]
    assert titles["second"] == [("f0\nMA2.1", black), *others]
    unjudged = plot_logos(motifs, matches).axes[0].title
    assert unjudged.get_text() == "f0\nnot judged: MA1.1"
    assert unjudged.get_color() == pale
    for other in (support[:1], support[::-1], matches, {"a": 1}, []):
        with pytest.raises(ValueError, match="`support` must be what `match_support`"):
            plot_logos(motifs, matches, support=other)
    assert plot_logos(motifs).axes[0].get_title() == "f0"


def test_names_are_drawn_as_they_are():
    figure = plot_logos([motif_of("ACGT", r"$\alpha_{$ " + "x" * 40)])
    figure.canvas.draw()
    title = figure.axes[0].get_title()
    assert title.startswith(r"$\alpha_{$ ")
    assert title.endswith("…")
    assert len(title) == 30


def test_letters_are_equally_wide_in_all_panels():
    figure = plot_logos([motif_of("ACGT", "a"), motif_of("ACGTACGT", "b")])
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    assert figure.axes[0].get_xlim() == (-0.5, 7.5)


def test_the_grid_has_the_columns_asked_for(random):
    figure = plot_logos(random_motifs(random, 5), num_cols=2)
    places = [ax.get_position() for ax in figure.axes]
    assert len({round(place.x0, 6) for place in places}) == 2
    assert len({round(place.y0, 6) for place in places}) == 3
    assert places[0].y0 > places[-1].y0


def test_aligned_logos_stand_where_the_offset_says():
    query, target = motif_of("GGATCAAAAGTAAAC", "q"), motif_of("GTTTAC", "t")
    figure = plot_alignment(query, target, offset=-9, orientation="-")
    top, bottom = figure.axes
    assert top.get_xlim() == bottom.get_xlim() == (-0.5, 14.5)
    # Reverse complement GTAAAC, its first G under the query's tenth letter.
    assert letter_boxes(bottom)[0].x0 == pytest.approx(9 - 0.475)
    assert bottom.get_title(loc="left") == "t (reverse complement)"
    shade = top.patches[0].get_extents().transformed(top.transData.inverted())
    assert (shade.x0, shade.x1) == pytest.approx((8.5, 14.5))


def test_aligned_overlap_shows_the_same_letters_in_both_panels():
    query, target = motif_of("TGACTCA", "q"), motif_of("GGATGACTCAT", "t")
    top, bottom = plot_alignment(query, target, offset=3).axes
    picture = pixels(top.figure)
    height = picture.shape[0]

    def crop(ax):
        corners = ax.transData.transform([(2.5, 0.1), (9.5, 1.9)]).round().astype(int)
        (left, low), (right, high) = corners
        return picture[height - high : height - low, left:right]

    one, other = crop(top), crop(bottom)
    rows = min(len(one), len(other))
    # The two axes may fall on other fractions of a pixel.
    assert (np.abs(one[:rows] - other[:rows]).max(axis=2) > 64).mean() < 0.05


def test_pyplot_and_the_users_settings_are_untouched(random):
    import matplotlib.pyplot as plt

    before = plt.get_fignums(), dict(matplotlib.rcParams), plt.get_backend()
    motifs = random_motifs(random, 2)
    plot_logo(motifs[0])
    plot_logos(motifs)
    plot_alignment(*motifs, offset=0)
    after = plt.get_fignums(), dict(matplotlib.rcParams), plt.get_backend()
    assert before == after


def test_notebooks_show_a_figure_without_the_magic(random):
    motifs = random_motifs(random, 2)
    matches = motif_match(motifs, motifs)
    for figure in (
        plot_logos(motifs),
        plot_alignment(*motifs, offset=0),
        plot_match_heatmap(motifs, matches),
    ):
        shown = matplotlib.image.imread(io.BytesIO(figure._repr_png_()))
        assert shown.std() > 0.05  # not a white page
        assert pickle.loads(pickle.dumps(figure))._repr_png_()


# Errors


@pytest.mark.parametrize(
    "call",
    [
        lambda motif, **options: plot_logo(motif, **options),
        lambda motif, **options: plot_logos([motif], **options),
        lambda motif, **options: plot_alignment(motif, motif, offset=0, **options),
    ],
)
def test_unknown_options_are_refused(call):
    with pytest.raises(ValueError, match=r"`kind` must be .* Received 'bits'"):
        call(motif_of("ACGT"), kind="bits")
    with pytest.raises(ValueError, match=r"`color_scheme` must be .*'classic'"):
        call(motif_of("ACGT"), color_scheme="rainbow")
    with pytest.raises(ValueError, match="each of A C G T. Received those of A, U"):
        call(motif_of("ACGT"), color_scheme={"A": "red", "U": "blue"})
    with pytest.raises(ValueError, match="`axis` must be .*'both'.* Received 'x'"):
        call(motif_of("ACGT"), axis="x")


@pytest.mark.parametrize("columns", [[4], [-1], range(2, 6)])
def test_columns_to_highlight_must_be_there(columns):
    motif = motif_of("ACGT", "f0")
    with pytest.raises(ValueError, match="columns from 0 to 3 of 'f0'. Received"):
        plot_logo(motif, highlight=columns)
    with pytest.raises(ValueError, match="columns from 0 to 3 of 'f0'. Received"):
        plot_logos([motif], highlight={"f0": columns})


def test_a_grid_highlights_by_name():
    motif = motif_of("ACGT", "f0")
    with pytest.raises(ValueError, match="must name motifs of the grid. Received 'f1'"):
        plot_logos([motif], highlight={"f1": [1]})
    with pytest.raises(TypeError, match="dict of a motif's name .* Received range"):
        plot_logos([motif], highlight=range(2))


def test_a_grid_needs_motifs_and_columns():
    with pytest.raises(ValueError, match="at least one motif"):
        plot_logos([])
    with pytest.raises(ValueError, match=r"`num_cols` must be 1 or more. Received 0"):
        plot_logos([motif_of("A")], num_cols=0)


def test_matches_of_other_motifs_are_refused():
    motifs = [motif_of("ACGT", "f0")]
    with pytest.raises(ValueError, match="'g0'.*not among the motifs.*f0"):
        plot_logos(motifs, table_of(["g0", "MA1.1", 0, "+"]))
    with pytest.raises(ValueError, match="lacks the columns Query_ID"):
        plot_logos(motifs, pd.DataFrame({"a": [1]}))
    with pytest.raises(ValueError, match="different `name` each.*'f0'"):
        plot_logos(motifs * 2, table_of(["f0", "MA1.1", 0, "+"]))


def test_motifs_are_a_list_of_motifs():
    with pytest.raises(TypeError, match="Received one motif; pass `\\[motif\\]`"):
        plot_logos(motif_of("A"))
    with pytest.raises(TypeError, match="Received ndarray at index 1"):
        plot_logos([motif_of("A"), np.eye(4)])


# RNA


@pytest.mark.parametrize("color_scheme", ["classic", dict.fromkeys("ACGU", "#ff0000")])
def test_rna_is_drawn_with_u_as_logomaker_does(color_scheme):
    motif = Motif(np.eye(4)[[3, 3]], "U")
    options = {"color_scheme": color_scheme, "alphabet": "ACGU"}
    ours = plot_logos([motif], num_cols=1, **options)
    theirs = plot_logos([motif], num_cols=1, **options)
    ax = theirs.axes[0]
    limits = ax.get_xlim(), ax.get_ylim()
    for artist in [*ax.collections, *ax.lines]:
        artist.remove()
    heights = pd.DataFrame({"U": [2.0, 2.0]})
    logomaker.Logo(heights, ax=ax, color_scheme={"U": "#ff0000"})
    ax.set(xlim=limits[0], ylim=limits[1])
    difference = np.abs(pixels(ours) - pixels(theirs)).max(axis=2)
    assert (difference > 32).mean() < 0.001
    assert (pixels(ours) != pixels(plot_logos([motif], num_cols=1))).any()
    with_u = plot_logo(motif, **options).figure
    assert (pixels(with_u) != pixels(plot_logo(motif).figure)).any()
    with_u = plot_alignment(motif, motif, offset=0, **options)
    assert (pixels(with_u) != pixels(plot_alignment(motif, motif, offset=0))).any()


def test_a_grid_takes_the_alphabet_of_its_matches():
    motif = motif_of("TGTAAATA", "f")
    rna = motif_match(motif, MemeFile([motif], alphabet="ACGU"), threshold=1e9)
    drawn = [
        pixels(plot_logos([motif], matches, **options))
        for matches, options in (
            (rna, {}),
            (rna, {"alphabet": "ACGU"}),
            (rna, {"alphabet": "ACGT"}),
            (motif_match(motif, [motif], threshold=1e9), {}),
        )
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[2], drawn[3])
    assert (drawn[0] != drawn[2]).any()


def test_other_alphabets_are_refused():
    motif = motif_of("ACGT")
    message = '`alphabet` must be "ACGT", or "ACGU" for RNA. Received \'ACGN\''
    for draw in (
        lambda: plot_logo(motif, alphabet="ACGN"),
        lambda: plot_logos([motif], alphabet="ACGN"),
        lambda: plot_alignment(motif, motif, offset=0, alphabet="ACGN"),
    ):
        with pytest.raises(ValueError, match=message):
            draw()
    with pytest.raises(ValueError, match="a colour for each of A C G T"):
        plot_logo(motif, color_scheme=dict.fromkeys("ACGU", "red"))
