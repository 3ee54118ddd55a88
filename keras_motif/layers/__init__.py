"""Keras layers whose networks can be read.

Importing the room registers all that a saved model may hold, the activations too.
"""

from keras_motif.layers import activations as activations
from keras_motif.layers import initializers as initializers
from keras_motif.layers import regularizers as regularizers
from keras_motif.layers.exponential import Exponential
from keras_motif.layers.pwm_conv import PWMConv1D
from keras_motif.layers.rectified_polynomial import RectifiedPolynomial
from keras_motif.layers.rev_comp_conv import RevCompConv1D
from keras_motif.layers.rev_comp_fold import RevCompFold
from keras_motif.layers.rev_comp_norm import RevCompBatchNormalization
from keras_motif.layers.strands import RandomReverseComplement

__all__ = [
    "Exponential",
    "PWMConv1D",
    "RandomReverseComplement",
    "RectifiedPolynomial",
    "RevCompBatchNormalization",
    "RevCompConv1D",
    "RevCompFold",
]
