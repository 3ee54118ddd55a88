"""What each base of a sequence contributes to what a model predicts."""

from keras_motif.attribution._contributions import Attribution
from keras_motif.attribution.methods import (
    center,
    deep_lift_shap,
    expected_gradients,
    input_x_gradient,
    integrated_gradients,
    saliency,
    smooth_gradient,
)
from keras_motif.attribution.mutations import mutagenesis

__all__ = [
    "Attribution",
    "center",
    "deep_lift_shap",
    "expected_gradients",
    "input_x_gradient",
    "integrated_gradients",
    "mutagenesis",
    "saliency",
    "smooth_gradient",
]
