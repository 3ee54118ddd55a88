"""The study's networks, and their activation put into networks of your own."""

from keras_motif.models.first_activation import with_first_activation
from keras_motif.models.recipe import recommended
from keras_motif.models.released import basset, cnn_dist, cnn_local, residual_bind
from keras_motif.models.study import cnn_2, cnn_50, cnn_deep
from keras_motif.models.units import explainn, model_effects

__all__ = [
    "basset",
    "cnn_2",
    "cnn_50",
    "cnn_deep",
    "cnn_dist",
    "cnn_local",
    "explainn",
    "model_effects",
    "recommended",
    "residual_bind",
    "with_first_activation",
]
