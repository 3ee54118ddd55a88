import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km
from keras_motif.extraction import activation_map, filter_kernels, kernel_cosines
from support.networks import small_model

pytestmark = pytest.mark.keras


def test_a_constant_on_all_bases_of_a_column_is_no_part_of_a_kernel(random):
    model = small_model()
    maps = activation_map(model)
    before = filter_kernels(maps)
    assert before.shape == (5, 7 * 4)
    kernel, bias = model.get_layer("conv").get_weights()
    shifted = kernel + random.normal(size=(7, 1, 5))
    model.get_layer("conv").set_weights([shifted, bias + 1])
    np.testing.assert_allclose(filter_kernels(maps), before, atol=1e-6)
    # By hand: column 0 of filter 0, less its mean.
    np.testing.assert_allclose(before[0, :4], kernel[0, :, 0] - kernel[0, :, 0].mean())


def test_cosines_are_1_for_the_same_direction_and_0_across():
    before = np.array([[1.0, 0], [1, 0], [1, 0], [0, 0], [0, 0]])
    after = np.array([[3.0, 0], [0, 2], [-1, 0], [0, 0], [1, 0]])
    assert kernel_cosines(before, after).tolist() == [1, 0, -1, 1, 0]


def test_deeper_layers_have_no_such_kernels():
    model = km.models.cnn_2((100, 4), 2)
    assert filter_kernels(activation_map(model)).shape == (30, 76)
    deeper = [x.name for x in model.layers if isinstance(x, layers.Conv1D)][1]
    assert filter_kernels(activation_map(model, deeper)) is None
    flat = keras.Sequential(
        [keras.Input((20, 4, 1)), layers.Conv2D(3, (5, 4), activation="relu")]
    )
    assert filter_kernels(activation_map(flat)).shape == (3, 20)


def test_layers_without_a_convolution_have_none():
    model = keras.Sequential([keras.Input((20, 4)), layers.Dense(3, name="dense")])
    assert filter_kernels(activation_map(model, "dense")) is None
