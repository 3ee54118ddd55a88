"""What an extraction of the callback knows beside the motifs, and what it says."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.callbacks._layer_reader import LayerReader
from support.networks import small_model

pytestmark = pytest.mark.keras


def reader(max_sequences=None, **options):
    return LayerReader(
        layer=None,
        inputs=None,
        max_sequences=max_sequences,
        weighted=False,
        options={"progress": False, **options},
    )


def test_the_number_of_windows_is_that_of_what_was_read(sequences):
    model = small_model()  # 54 windows of 7 in 60 bases
    assert reader().read(model, sequences, whole=True).num_windows == 64 * 54
    part = reader(max_sequences=32).read(model, sequences, whole=False)
    assert part.num_windows == 32 * 54
    both = reader(reverse_complement=True).read(model, sequences, whole=True)
    assert both.num_windows == 2 * 64 * 54


def test_cosines_are_those_with_the_start(sequences):
    model, read = small_model(), reader()
    assert read.read(model, sequences, whole=True).cosines is None
    read.note_start(model)
    kernel, bias = model.get_layer("conv").get_weights()
    np.testing.assert_allclose(read.read(model, sequences, whole=True).cosines, 1)
    kernel[..., 1] *= -1
    model.get_layer("conv").set_weights([kernel, bias])
    found = read.read(model, sequences, whole=True).cosines
    np.testing.assert_allclose(found, [1, -1, 1, 1, 1], atol=1e-6)


def test_another_model_and_a_trained_one_have_no_start(sequences):
    read = reader()
    read.note_start(small_model())
    assert read.read(small_model(), sequences, whole=True).cosines is None
    model = keras.Sequential([small_model(), layers.GlobalMaxPooling1D()])
    model.compile("adam", "mse")
    read.note_start(model)
    assert read.read(model, sequences, whole=True).cosines is not None
    model.fit(sequences, np.ones((64, 5)), verbose=0)
    read.note_start(model)  # another `fit`
    assert read.read(model, sequences, whole=True).cosines is None


def test_a_model_that_cannot_be_read_has_no_start():
    reader().note_start(keras.Sequential([layers.Dense(3)]))
    reader().note_start(keras.Sequential([keras.Input((3,)), layers.Dense(3)]))


WORDS = ["TGACTCAGCA", "CCATATTAGG"]


@pytest.fixture(scope="module")
def planted():
    """Sequences, and which of two words each of them holds."""
    random = np.random.default_rng(1)
    x = np.eye(4, dtype=np.int8)[random.integers(4, size=(1500, 60))]
    y = random.random((1500, 2)) < 0.5
    for index, label in zip(*np.nonzero(y), strict=True):
        start = random.integers(25) + 25 * label
        x[index, start : start + 10] = km.one_hot([WORDS[label]])[0]
    return x, y


def network(activation, *, batch_norm=True, **conv):
    keras.utils.set_random_seed(2)
    return keras.Sequential(
        [
            keras.Input((60, 4)),
            layers.Conv1D(8, 11, use_bias=False, **conv),
            *[layers.BatchNormalization()] * batch_norm,
            layers.Activation(activation),
            layers.GlobalMaxPooling1D(),
            layers.Dense(2, activation="sigmoid"),
        ]
    )


def said_of(model, x, y, optimizer, epochs):
    """Train as `fit` does, and return what is said of the filters then."""
    model.compile(optimizer, "binary_crossentropy")
    read = reader()
    read.note_start(model)
    model.fit(x, y, epochs=epochs, verbose=0)
    found = read.read(model, x, whole=True)
    return km.reading_problems(
        found.motifs,
        num_windows=found.num_windows,
        kernel_cosines=found.cosines,
        duplicates=km.duplicate_filters(found.motifs),
    )


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["exponential", "relu"])
def test_of_trained_networks_nothing_is_said(planted, activation):
    assert said_of(network(activation), *planted, keras.optimizers.Adam(0.01), 25) == []


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["exponential", "relu"])
def test_undertrained_networks_have_hardly_learned(planted, activation):
    optimizer = keras.optimizers.Adam(1e-4)
    [said] = said_of(network(activation), *planted, optimizer, 1)
    assert said.startswith("Hardly learned: 8 of 8 filters. Kernels are almost those")
    assert "train longer" in said


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["exponential", "relu"])
def test_constant_labels_teach_nothing(planted, activation):
    x, y = planted
    model = network(activation, batch_norm=False)
    [said] = said_of(model, x, np.ones_like(y), "adam", 10)
    assert said.startswith("Hardly learned: 8 of 8 filters")


def test_a_constant_network_reads_all_windows_alike(planted):
    x, y = planted
    model = network("exponential", kernel_initializer="zeros")
    [said] = said_of(model, x[:100], y[:100], keras.optimizers.SGD(0.0), 1)
    assert "sites are 100 % of all windows" in said
    assert "trainable=False" in said


def test_a_network_that_died_is_called_dead(planted):
    x, y = planted
    model = network("relu")
    model.layers[1].set_weights([np.ones(8), np.full(8, -99), np.zeros(8), np.ones(8)])
    [said] = said_of(model, x[:100], y[:100], keras.optimizers.SGD(0.0), 1)
    assert said.startswith("Dead: 8 of 8 filters")
    assert "lower learning rate" in said


def test_diverged_weights_are_refused_with_what_to_do(planted):
    x, _ = planted
    model = network("exponential")
    model.layers[0].set_weights([np.full((11, 4, 8), np.nan)])
    with pytest.raises(ValueError, match=r"weights themselves are NaN.*lower learning"):
        reader().read(model, x[:10], whole=True)


@pytest.mark.parametrize("with_folder", [True, False])
def test_the_callback_warns_once_and_its_page_says_it_at_the_top(
    planted, tmp_path, with_folder
):
    x, y = planted
    model = network("exponential")
    model.compile(keras.optimizers.Adam(1e-5), "binary_crossentropy")
    folder = tmp_path if with_folder else None
    found = km.FilterMotifExtractor(
        x[:200], database="JASPAR2016", every=1, output_dir=folder
    )
    with pytest.warns(UserWarning, match="can't be read yet. Hardly learned") as record:
        model.fit(x, y, epochs=3, callbacks=[found], verbose=0)
    said = [w for w in record if "can't be read yet" in str(w.message)]
    assert len(said) == 1
    [problem] = found.problems
    assert "8 of 8 filters" in problem
    assert "Kernels are almost those that training began with" in problem
    assert found.error is None
    if with_folder:
        page = (tmp_path / "report.html").read_text()
        assert page.index(f"<li>{problem[:40]}") < page.index('<p class="verdict">')


def test_the_callback_says_nothing_of_named_filters(planted, tmp_path):
    x, _ = planted
    model = network("relu")
    kernel = np.zeros((11, 4, 8), dtype="float32")
    for index in range(8):
        kernel[:10, :, index] = km.one_hot(WORDS[index % 2])[0]
    model.layers[0].set_weights([kernel])
    norm = [np.ones(8), np.full(8, -7.5), np.zeros(8), np.ones(8) - 1e-3]
    model.layers[1].set_weights(norm)
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy")
    known = [km.Motif(km.one_hot(word)[0], word, num_sites=99) for word in WORDS]
    found = km.FilterMotifExtractor(x, database=known, output_dir=tmp_path)
    found.run(model)
    assert found.fractions.any == 1
    assert found.problems == []
    assert '<ul class="notes">' not in (tmp_path / "report.html").read_text()
