"""The rescale rule against itself in float64, written out: alike on all backends."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_motif as km

pytestmark = pytest.mark.keras
WIDTH, POOL = 3, 2


def network(random):
    conv = layers.Conv1D(6, WIDTH, activation="tanh")
    hidden = layers.Dense(5, activation="exponential")
    last = layers.Dense(1)
    model = keras.Sequential(
        [
            keras.Input((20, 4)),
            conv,
            layers.MaxPooling1D(POOL),
            layers.Flatten(),
            hidden,
            last,
        ]
    )
    weights = [0.3 * random.normal(size=w.shape) for w in model.get_weights()]
    model.set_weights(weights)
    return model, [np.float64(np.float32(w)) for w in weights]


def quotient(function, derivative, x, other):
    step = x - other
    is_near = np.abs(step) < 1e-9
    rise = function(x) - function(other)
    return np.where(is_near, derivative(x), rise / np.where(is_near, 1, step))


def multipliers(weights, x, reference):
    """Return the multipliers of one pair, `(length, 4)`, layer by layer backwards."""
    kernel, bias, dense, dense_bias, last, _ = weights
    both = [
        np.array([np.tensordot(s[p : p + WIDTH], kernel) for p in range(18)]) + bias
        for s in (x, reference)
    ]
    maps = [np.tanh(z) for z in both]
    cut = [y.reshape(-1, POOL, 6) for y in maps]
    pooled = [y.max(axis=1) for y in cut]
    units = [y.reshape(-1) @ dense + dense_bias for y in pooled]
    back = last[:, 0] * quotient(np.exp, np.exp, *units)
    back = (dense @ back).reshape(pooled[0].shape)
    slopes = np.zeros_like(cut[0])
    for window, channel in np.ndindex(back.shape):
        (a, b), (top, low) = (
            (y[window, :, channel] for y in cut),
            (y[window, channel] for y in pooled),
        )
        shares = np.zeros(POOL)
        shares[a.argmax()] += max(top, low) - low
        shares[b.argmax()] += top - max(top, low)
        for place in range(POOL):
            step = a[place] - b[place]
            equal = float(a.argmax() == b.argmax() == place)
            share = shares[place] / step if abs(step) > 1e-9 else equal
            slopes[window, place, channel] = share * back[window, channel]
    back = slopes.reshape(18, 6) * quotient(
        np.tanh, lambda z: 1 - np.tanh(z) ** 2, *both
    )
    found = np.zeros(x.shape)
    for position in range(18):
        found[position : position + WIDTH] += kernel @ back[position]
    return found


def test_the_rule_in_float64_gives_the_same(random):
    model, weights = network(random)
    x = np.eye(4)[random.integers(4, size=(30, 20))]
    references = km.dinucleotide_shuffle(x, 4, seed=1)
    found = km.attribution.deep_lift_shap(model, x, references=references)
    expected = np.zeros(x.shape)
    for row, sequence in enumerate(x):
        for reference in references[row]:
            slopes = multipliers(weights, sequence, reference)
            expected[row] += slopes - (slopes * reference).sum(axis=1, keepdims=True)
    expected /= 4
    # A few roundings in float32; quotients of small differences gave 1e-4.
    largest = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * largest)
