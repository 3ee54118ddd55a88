"""The study's networks, others to read, and their activation put into yours."""

from keras_motif.models.dilations import dilated
from keras_motif.models.first_activation import with_first_activation
from keras_motif.models.hybrid import cnn_attention
from keras_motif.models.recipe import recommended
from keras_motif.models.released import basset, cnn_dist, cnn_local, residual_bind
from keras_motif.models.study import cnn_2, cnn_50, cnn_deep
from keras_motif.models.units import explainn, model_effects

__all__ = [
    "basset",
    "cnn_2",
    "cnn_50",
    "cnn_attention",
    "cnn_deep",
    "cnn_dist",
    "cnn_local",
    "dilated",
    "explainn",
    "model_effects",
    "recommended",
    "residual_bind",
    "with_first_activation",
]
