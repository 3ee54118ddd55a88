"""Small networks to read."""

import keras
from keras import layers

from keras_motif.extraction import activation_map

KERNEL = 7


def small_model(activation="relu", length=60, **conv):
    conv = {"padding": "same", **conv}
    return keras.Sequential(
        [
            keras.Input((length, 4)),
            layers.Conv1D(5, KERNEL, activation=activation, name="conv", **conv),
        ]
    )


def layer_map(model, *args, **options):
    """Return the maps of the one layer that is read."""
    (maps,) = activation_map(model, *args, **options)
    return maps
