"""Labels and endless sources, as the callback meets them."""

import itertools

import keras
import numpy as np
import pytest
from keras import callbacks, layers

import keras_motif as km
from support.report_page import Page

pytestmark = [
    pytest.mark.keras,
    # These networks don't learn.
    pytest.mark.filterwarnings("ignore:The filters can't be read yet"),
]

WORD = "GATTACAGT"


@pytest.fixture
def x(random):
    """120 sequences, the word in the even ones."""
    x = np.eye(4, dtype="float32")[random.integers(4, size=(120, 30))]
    x[::2, 8:17] = km.one_hot(WORD)[0]
    return x


CLASSES = (np.arange(120) % 2 == 0).astype("float32")


def network():
    model = keras.Sequential(
        [
            keras.Input((30, 4)),
            layers.Conv1D(1, 9, activation="relu", name="conv"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1),
        ]
    )
    kernel = np.where(km.one_hot(WORD)[0] == 1, 1.0, -1.0)[..., None]
    model.get_layer("conv").set_weights([kernel, np.zeros(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


def fit(data, folder, x, **options):
    known = km.Motif(km.one_hot(WORD)[0] * 0.9 + 0.025, "W1", num_sites=50)
    found = km.FilterMotifExtractor(
        data, database=[known], output_dir=folder, **options
    )
    seen = []
    watch = callbacks.LambdaCallback(on_epoch_begin=lambda *_: seen.append(1))
    try:
        network().fit(x, CLASSES, epochs=1, verbose=0, callbacks=[watch, found])
    except Exception as error:
        assert seen == []  # before the first epoch
        raise error from None
    return found


class Data(keras.utils.PyDataset):
    """Batches, in another order after each epoch where `shuffle` is set."""

    def __init__(self, *arrays, shuffle=False):
        super().__init__()
        self.arrays = arrays
        self.shuffle = shuffle
        self.order = np.arange(len(arrays[0]))

    def __len__(self):
        return 6

    def __getitem__(self, index):
        rows = self.order[index * 20 : index * 20 + 20]
        batch = tuple(array[rows] for array in self.arrays)
        return batch if len(batch) > 1 else batch[0]

    def on_epoch_end(self):
        if self.shuffle:
            self.order = np.random.default_rng(1).permutation(len(self.order))


def page(folder):
    return Page(folder / "report.html").source


@pytest.mark.parametrize("kind", ["given", "carried", "generator"])
def test_classes_reach_the_report(kind, x, tmp_path):
    if kind == "given":
        found = fit(x, tmp_path, x, labels=CLASSES, class_names=["bound"])
    elif kind == "carried":
        found = fit(Data(x, CLASSES), tmp_path, x, class_names=["bound"])
    else:

        class Loader:
            def __iter__(self):
                order = np.random.default_rng().permutation(120)
                for rows in np.split(order, 6):
                    yield x[rows], {"bound": CLASSES[rows]}

        found = fit(Loader(), tmp_path, x)
    assert found.error is None
    assert '<th scope="row">bound</th>' in page(tmp_path)
    assert "of 60</td>" in page(tmp_path)
    assert "1 of 1" in page(tmp_path)  # classes served


@pytest.mark.parametrize("kind", ["given", "carried", "shuffled"])
def test_measured_values_reach_the_report(kind, x, tmp_path, random):
    values = CLASSES * 2 + random.normal(size=120)
    values[:10] = np.nan
    if kind == "given":
        found = fit(x, tmp_path, x, labels=values, class_names=["Dev"])
    elif kind == "carried":
        found = fit([(x[:50], values[:50]), (x[50:], values[50:])], tmp_path, x)
    else:
        tf = pytest.importorskip("tensorflow")
        data = tf.data.Dataset.from_tensor_slices((x, values))
        found = fit(data.shuffle(120).batch(50), tmp_path, x)
    assert found.error is None
    name = "Dev" if kind == "given" else "target0"
    activity = km.filter_activity(network(), x)
    row = km.target_correlation(activity, values).iloc[0]
    text = page(tmp_path)
    assert f'<tr><th scope="row">{name}</th><td class="number">' in text
    assert f'{row["correlation"]:.2f}</td><td class="number">110</td>' in text
    assert "targets followed" in text


def test_classes_may_be_unknown_in_places(x, tmp_path):
    labels = CLASSES.copy()
    labels[:20] = np.nan
    found = fit(x, tmp_path, x, labels=labels)
    assert found.error is None
    assert "of 50</td>" in page(tmp_path)


def test_endless_data_are_refused_before_the_first_epoch(x, tmp_path):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((x, CLASSES)).repeat().batch(20)
    with pytest.raises(ValueError, match=r"infinite.*take\(n\)"):
        fit(data, tmp_path, x)


def test_an_unknown_end_is_cut_and_said(x, tmp_path):
    class Loader:
        def __iter__(self):
            return itertools.cycle(np.split(x, 6))

    with pytest.warns(UserWarning, match="first 120 were read"):
        found = fit(Loader(), tmp_path, x, max_streamed=120)
    assert found.motifs == km.extract_motifs(network(), x)


def test_one_iterator_handed_out_twice_is_refused(x, tmp_path):
    parts = iter(np.split(x, 6))

    class Loader:
        def __iter__(self):
            return parts

    with pytest.raises(ValueError, match="hands out the same one again"):
        fit(Loader(), tmp_path, x)


def test_labels_given_apart_must_fit(x, tmp_path):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(x)
    with pytest.raises(ValueError, match="Two readings.*shuffled.*Leave `labels` out"):
        fit(data.shuffle(120).batch(20), tmp_path, x, labels=CLASSES)
    stable = tf.data.Dataset.from_tensor_slices((x, CLASSES))
    stable = stable.shuffle(120, seed=1, reshuffle_each_iteration=False).batch(20)
    with pytest.raises(ValueError, match="carry labels of their own, and those differ"):
        fit(stable, tmp_path, x, labels=CLASSES)
    for part in (Data(x), list(np.split(x, 6)), data.batch(20)):
        for wrong, number in ((CLASSES[:119], "more than 119"), ([1] * 121, "120")):
            with pytest.raises(ValueError, match=f"rows for {number} sequences"):
                fit(part, tmp_path, x, labels=wrong)
        assert fit(part, tmp_path, x, labels=CLASSES).error is None


def test_an_order_that_changes_while_it_trains_is_noticed(x, tmp_path):
    data = Data(x, shuffle=True)
    shuffle = callbacks.LambdaCallback(on_epoch_end=lambda *_: data.on_epoch_end())
    known = km.Motif(km.one_hot(WORD)[0], "W1", num_sites=50)
    found = km.FilterMotifExtractor(
        data, database=[known], output_dir=tmp_path, labels=CLASSES
    )
    with pytest.warns(UserWarning, match="whose order has changed"):
        network().fit(x, CLASSES, verbose=0, callbacks=[shuffle, found])
    assert "Left out: labels" in page(tmp_path)
    assert "W1" in page(tmp_path)


def test_class_numbers_of_the_batches_are_said_not_guessed(x, tmp_path):
    numbers = np.arange(120) % 3
    with pytest.warns(UserWarning, match=r"whole number 2.*np\.eye"):
        found = fit(Data(x, numbers), tmp_path, x)
    assert found.error is None
    assert len(found.motifs) == 1


def test_labels_of_each_position_are_left_alone(x, tmp_path):
    assert fit(Data(x, x), tmp_path, x).error is None
