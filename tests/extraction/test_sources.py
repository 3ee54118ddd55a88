"""Sources that never end, have no order, or carry their labels."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction import activation_map, check_extraction
from support.networks import small_model

pytestmark = pytest.mark.keras

WORD = "TGACTCA"


@pytest.fixture
def planted(random):
    """300 sequences, the word in every third, and which hold it."""
    codes = random.integers(4, size=(300, 40))
    y = (np.arange(300) % 3 == 0).astype("int8")
    x = np.eye(4, dtype="float32")[codes]
    x[y == 1, 20:27] = km.one_hot(WORD)[0]
    return x, y


@pytest.fixture
def model():
    """One filter that reads the word."""
    inputs = keras.Input((40, 4))
    conv = layers.Conv1D(1, 7, activation="relu", use_bias=False)
    model = keras.Model(inputs, conv(inputs))
    conv.set_weights([np.where(km.one_hot(WORD)[0] == 1, 1.0, -1.0)[..., None]])
    return model


class Endless(keras.utils.PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return np.zeros((4, 60, 4))


class Same:
    """A loader that hands out one and the same iterator."""

    def __init__(self, batches):
        self.iterator = iter(batches)

    def __iter__(self):
        return self.iterator


class Shared(Same):
    """New iterators, which draw from one stream."""

    def __iter__(self):
        yield from self.iterator


class Shuffling:
    """A loader that shuffles at each reading, with labels or without."""

    def __init__(self, *arrays):
        self.arrays = arrays
        self.random = np.random.default_rng(3)

    def __iter__(self):
        order = self.random.permutation(len(self.arrays[0]))
        for rows in np.array_split(order, 10):
            batch = tuple(array[rows] for array in self.arrays)
            yield batch if len(batch) > 1 else batch[0]


def tf_data(*arrays):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices(arrays if arrays[1:] else arrays[0])
    return data.batch(32)


def test_a_dataset_that_repeats_is_refused_with_the_fix(model, planted):
    data = tf_data(*planted).repeat()
    for read in (km.extract_motifs, km.activation_sites, km.filter_activity):
        with pytest.raises(ValueError, match=r"infinite.*repeat.*sequences\.take\(n\)"):
            read(model, data)
    assert km.extract_motifs(model, data.take(10)) == km.extract_motifs(
        model, planted[0]
    )


def test_a_pydataset_and_a_length_without_end_are_refused():
    with pytest.raises(ValueError, match="PyDataset|Endless.*`num_batches` is a num"):
        km.extract_motifs(small_model(), Endless())

    class Repeated:
        def __len__(self):
            return 2**63 - 1

        def __getitem__(self, index):
            return np.zeros((60, 4))

    with pytest.raises(ValueError, match="Repeated that is infinite"):
        km.extract_motifs(small_model(), Repeated())


def test_streams_without_a_known_end_stop_and_say_so(model, planted):
    x, _ = planted
    first = km.extract_motifs(model, x[:100])
    stream = itertools.cycle(np.split(x, 10))
    with pytest.warns(UserWarning, match="first 100 were read.*max_streamed=None"):
        assert km.extract_motifs(model, stream, max_streamed=100) == first
    with pytest.warns(UserWarning, match="first 70 were read"):  # amid a batch
        found = km.extract_motifs(model, Same(np.split(x, 10)), max_streamed=70)
    assert found == km.extract_motifs(model, x[:70])
    whole = iter(np.split(x, 10))  # ends just there: nothing to say
    assert km.extract_motifs(model, whole, max_streamed=300) == km.extract_motifs(
        model, x
    )
    parts = iter(np.split(x, 10))
    assert km.extract_motifs(model, parts, max_streamed=None)[0].num_sites > 0
    # What ends for certain is read whole.
    assert km.extract_motifs(model, x, max_streamed=10) == km.extract_motifs(model, x)
    assert km.extract_motifs(
        model, list(np.split(x, 10)), max_streamed=10
    ) == km.extract_motifs(model, x)


@pytest.mark.parametrize("value", [0, -1, True, 1.5])
def test_max_streamed_is_a_number(value, planted, model):
    with pytest.raises((ValueError, TypeError), match="`max_streamed` must be"):
        km.extract_motifs(model, planted[0], max_streamed=value)


def test_a_loader_that_begins_anew_at_its_length_is_read_once(model, planted):
    x, _ = planted

    class Loader:
        def __len__(self):
            return 10

        def __iter__(self):
            return itertools.cycle(np.split(x, 10))

    with pytest.warns(UserWarning, match="holds 10 batches, and goes on"):
        assert km.extract_motifs(model, Loader()) == km.extract_motifs(model, x)


@pytest.mark.parametrize("kind", [Same, Shared, iter])
def test_what_can_be_read_once_is_refused_where_it_must_be_read_again(
    kind, model, planted
):
    data = kind(np.split(planted[0], 10))
    with pytest.raises(ValueError, match="readable more than once"):
        check_extraction(activation_map(model), data)
    # Read once, nothing of it is lost.
    whole = km.activation_sites(model, kind(np.split(planted[0], 10)))
    assert len(whole) == len(km.activation_sites(model, planted[0]))
    assert whole.attrs["order"] == "once"


def test_readable_sources_pass_the_check(model, planted):
    for data in (planted[0], np.split(planted[0], 10), Shuffling(*planted)):
        check_extraction(activation_map(model), data)


def test_labels_of_the_batches_fit_whatever_the_order(model, planted):
    x, y = planted
    expected = km.class_enrichment(km.activation_sites(model, x), y)
    for data in (
        Shuffling(x, y),
        tf_data(x, y).unbatch().shuffle(300, seed=1).batch(32),
        tf_data(x, y),
        [(x, y[:, None])],
        iter([(x[:100], y[:100]), (x[100:], y[100:])]),
    ):
        sites, labels = km.activation_sites(model, data, return_labels=True)
        assert labels.shape == (300, 1)
        found = km.class_enrichment(sites, labels)
        assert found.equals(expected)


def test_labels_given_apart_are_refused_where_the_order_changes(model, planted):
    x, y = planted
    for data in (Shuffling(x), Shuffling(x, y), tf_data(x).shuffle(300)):
        sites = km.activation_sites(model, data)
        assert sites.attrs["order"] == "changes"
        with pytest.raises(ValueError, match="shuffled.*return_labels=True"):
            km.class_enrichment(sites, y)
        with pytest.warns(UserWarning, match="fit no labels given apart"):
            km.filter_activity(model, data)
    once = km.activation_sites(model, (part for part in np.split(x, 10)))
    with pytest.raises(ValueError, match="an iterator that runs dry"):
        km.class_enrichment(once, y)
    in_order = km.activation_sites(model, tf_data(x))
    assert km.class_enrichment(in_order, y)["p-value"][0] < 1e-50


def test_labels_of_several_outputs_have_names(model, planted):
    x, y = planted
    data = [(x, {"dev": y, "hk": np.stack([y, 1 - y], axis=1)})]
    labels = km.activation_sites(model, data, return_labels=True).labels
    assert list(labels.columns) == ["dev", "hk_0", "hk_1"]
    labels = km.activation_sites(model, [(x, (y, y))], return_labels=True).labels
    assert list(labels.columns) == ["output0", "output1"]


@pytest.mark.parametrize("labels", [None, "positions", "text"])
def test_labels_that_are_no_table_are_said(labels, model, planted):
    x, _ = planted
    data = {"positions": (x, x), "text": (x, ["a"] * 300), None: x}[labels]
    assert len(km.activation_sites(model, [data])) > 0
    with pytest.raises(ValueError, match="These come without such labels"):
        km.activation_sites(model, [data], return_labels=True)


def test_single_sequences_are_put_into_batches(model, planted):
    x, y = planted
    expected = km.extract_motifs(model, x)
    assert km.extract_motifs(model, list(x), batch_size=7) == expected
    assert km.extract_motifs(model, tf_data(x, y).unbatch()) == expected

    class Rows:  # as a torch dataset
        def __len__(self):
            return 300

        def __getitem__(self, index):
            return {"dna": x[index]}, {"bound": y[index]}

    assert km.extract_motifs(model, Rows()) == expected
    labels = km.activation_sites(model, Rows(), return_labels=True).labels
    assert labels["bound"].tolist() == y.tolist()


def test_dicts_without_the_inputs_name_are_read_where_they_can_be(model, planted):
    x, y = planted
    expected = km.extract_motifs(model, x)
    for data in (
        {"seq": x},
        [({"seq": x, "cell": np.zeros((300, 4))}, y)],
        [{"seq": x, "index": np.arange(300)}],
    ):
        assert km.extract_motifs(model, data) == expected


def test_bfloat16_is_read(model, planted):
    x, y = planted
    expected = km.extract_motifs(model, x)
    tensor = keras.ops.cast(x, "bfloat16")
    assert km.extract_motifs(model, tensor) == expected
    assert km.extract_motifs(model, [tensor[:100], tensor[100:]]) == expected
    labels = keras.ops.cast(y, "bfloat16")
    found = km.activation_sites(model, [(tensor, labels)], return_labels=True).labels
    assert found[:, 0].tolist() == y.tolist()


def test_torch_datasets_are_read(model, planted):
    torch = pytest.importorskip("torch")
    x, y = planted
    expected = km.extract_motifs(model, x)
    tensors = torch.tensor(x), torch.tensor(y)
    data = torch.utils.data.TensorDataset(*tensors)
    assert km.extract_motifs(model, data) == expected
    assert km.extract_motifs(model, torch.tensor(x).to(torch.bfloat16)) == expected
    part = torch.utils.data.Subset(data, range(100))
    assert km.extract_motifs(model, part) == km.extract_motifs(model, x[:100])
    loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
    sites, labels = km.activation_sites(model, loader, return_labels=True)
    assert km.class_enrichment(sites, labels)["p-value"][0] < 1e-50
    with pytest.raises(ValueError, match="shuffled"):
        km.class_enrichment(km.activation_sites(model, loader), y)
