"""Gradients, and contributions that add up to a difference of scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_motif._checks import check_count
from keras_motif.attribution._contributions import Attribution, contributions, gradient
from keras_motif.attribution._network import OutputLike
from keras_motif.attribution._references import References, ReferencesLike
from keras_motif.attribution._run import Array, opened

__all__ = [
    "Attribution",
    "center",
    "deep_lift_shap",
    "expected_gradients",
    "input_x_gradient",
    "integrated_gradients",
    "saliency",
    "smooth_gradient",
]


def saliency(
    model: Any,
    sequences: Any,
    *,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return the gradient of a score at each base.

    Source: Simonyan, Vedaldi & Zisserman (2013), arXiv 1312.6034.

    Args:
        model: A built Keras model of any kind. It is left as found.
        sequences: One-hot, `(n, length, 4)`; N is a row of zeros, or of quarters. Of a
            model with several inputs all of them, in a dict by name or in a list: the
            sequences are attributed, the others stay as they are.
        output: The score: index of a unit from 0, an output's name where it has one
            unit, `(output name, index)`, or a function from what the model returns to
            `(n,)`. None where there is one unit.
        logits: Whether to explain what goes into a last sigmoid or softmax.
        inputs: Name or index of the input that takes the sequences; None for the only
            one of shape `(length, 4)`.
        batch_size: Sequences in one pass; None for 256.
        progress: Whether to show a progress bar; None for work of some seconds at a
            terminal.

    Returns:
        Array of shape `(n, length, 4)`, float32: score per unit of input.

    Raises:
        ValueError: Sequences that are not one-hot, don't fit the model, or are N
            alone; an output that isn't there; a gradient that is 0 everywhere or not
            finite.
        TypeError: `model` is no Keras model.
    """
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        x = run.sequences
        return gradient(run, 1, lambda part: x[part])


def input_x_gradient(
    model: Any,
    sequences: Any,
    *,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return the gradient at the bases that are present, and 0 elsewhere.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.

    Returns:
        Array of shape `(n, length, 4)`, float32.

    Raises:
        ValueError: As `saliency`.
        TypeError: As `saliency`.
    """
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        x = run.sequences
        return x * gradient(run, 1, lambda part: x[part])


def smooth_gradient(
    model: Any,
    sequences: Any,
    *,
    num_samples: int = 50,
    noise: float = 0.1,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return the mean gradient over noisy copies of each sequence.

    Source: Smilkov et al. (2017), arXiv 1706.03825.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        num_samples: Noisy copies of each sequence.
        noise: Standard deviation of the normal noise on each input.
        seed: Of the noise.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.

    Returns:
        Array of shape `(n, length, 4)`, float32.

    Raises:
        ValueError: As `saliency`; `num_samples` below 1, or `noise` that is no finite
            number, 0 or more.
        TypeError: As `saliency`.
    """
    check_count(num_samples, "num_samples")
    if not np.isfinite(noise) or noise < 0:
        raise ValueError(f"`noise` must be finite, 0 or more. Received {noise!r}.")
    random = np.random.default_rng(seed)
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        x = run.sequences

        def noisy(part: Array) -> Array:
            clean = x[part // num_samples]
            drawn = random.standard_normal(clean.shape, dtype=np.float32)
            return np.asarray(clean + np.float32(noise) * drawn)

        return gradient(run, num_samples, noisy)


def integrated_gradients(
    model: Any,
    sequences: Any,
    *,
    references: ReferencesLike = "zeros",
    num_steps: int = 20,
    num_references: int = 20,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
    return_completeness: bool = False,
) -> Array | Attribution:
    """Return contributions: gradients averaged on the way from a reference.

    The way is cut into `num_steps` pieces of one length, each read at its middle.

    Source: Sundararajan, Taly & Yan (2017), ICML 70, 3319.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        references: "zeros", "uniform" (0.25 each), "shuffle" (of dinucleotides), or an
            array `(length, 4)`, `(num, length, 4)` or `(n, num, length, 4)`.
        num_steps: Points on each way; completeness grows with it.
        num_references: Shuffles of each sequence, for "shuffle".
        seed: Of the shuffles.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.
        return_completeness: Whether to return an `Attribution`.

    Returns:
        Hypothetical contributions h of shape `(n, length, 4)`, float32: what each base
        would contribute there. `sum(x * h)` approaches `f(x) - mean f(references)`.

    Raises:
        ValueError: As `saliency`; references of another name or shape, a number below
            1.
        TypeError: As `saliency`.
    """
    check_count(num_steps, "num_steps")
    check_count(num_references, "num_references")
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        drawn = References(references, run.sequences, num_references, seed)
        middles = (np.arange(num_steps, dtype=np.float32) + 0.5) / num_steps

        def places(num_ways: int) -> Array:
            return np.broadcast_to(middles, (num_ways, num_steps))

        return contributions(run, drawn, num_steps, places, return_completeness)


def expected_gradients(
    model: Any,
    sequences: Any,
    *,
    references: ReferencesLike = "shuffle",
    num_references: int = 100,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
    return_completeness: bool = False,
) -> Array | Attribution:
    """Return contributions: gradients at a random point on the way from each reference.

    Source: Erion et al. (2021), Nature Machine Intelligence 3, 620.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        references: As in `integrated_gradients`.
        num_references: Shuffles of each sequence, for "shuffle".
        seed: Of the shuffles and of the points.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: As in `saliency`.
        progress: As in `saliency`.
        return_completeness: Whether to return an `Attribution`.

    Returns:
        As `integrated_gradients`; `sum(x * h)` is right on average, and the closer the
        more references there are.

    Raises:
        ValueError: As `integrated_gradients`.
        TypeError: As `saliency`.
    """
    check_count(num_references, "num_references")
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        drawn = References(references, run.sequences, num_references, seed)
        random = np.random.default_rng(seed)

        def places(num_ways: int) -> Array:
            return random.random((num_ways, 1), dtype=np.float32)

        return contributions(run, drawn, 1, places, return_completeness)


def deep_lift_shap(
    model: Any,
    sequences: Any,
    *,
    references: ReferencesLike = "shuffle",
    num_references: int = 20,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
    inputs: str | int | None = None,
    batch_size: int | None = None,
    progress: bool | None = None,
    return_completeness: bool = False,
) -> Array | Attribution:
    """Return contributions by DeepLIFT's rescale rule, averaged over references.

    Activations, max-pools and products have rules; layers that have none, such as
    attention, LayerNormalization and LSTM, are named in a warning and have their
    gradient.

    Source: Shrikumar, Greenside & Kundaje (2017), ICML 70, 3145; Lundberg & Lee
    (2017), NeurIPS 30.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        references: As in `integrated_gradients`.
        num_references: Shuffles of each sequence, for "shuffle".
        seed: Of the shuffles.
        output: As in `saliency`.
        logits: As in `saliency`.
        inputs: As in `saliency`.
        batch_size: Pairs of sequence and reference in one pass; None for 256.
        progress: As in `saliency`.
        return_completeness: Whether to return an `Attribution`.

    Returns:
        Hypothetical contributions h of shape `(n, length, 4)`, float32, with
        `sum(x * h) = f(x) - mean f(references)`.

    Raises:
        ValueError: As `integrated_gradients`.
        TypeError: As `saliency`.
    """
    check_count(num_references, "num_references")
    with opened(model, sequences, output, logits, inputs, batch_size, progress) as run:
        drawn = References(references, run.sequences, num_references, seed)
        return contributions(run, drawn, 1, None, return_completeness)


def center(attributions: Any) -> Array:
    """Take each position's mean over the four bases off: the gradient correction.

    One-hot sequences lie on a plane; what points off it is noise to gradients.

    Source: Majdandzic, Rajesh & Koo (2023), Genome Biology 24, 109.

    Args:
        attributions: Array of shape `(n, length, 4)`.

    Returns:
        Array of that shape, float32, whose bases sum to 0 at each position.

    Raises:
        ValueError: Another shape.
    """
    array = np.asarray(attributions)
    if array.ndim != 3 or array.shape[2] != 4:
        raise ValueError(
            "`attributions` must have shape (n, length, 4). Received shape "
            f"{array.shape}."
        )
    return np.asarray(array - array.mean(axis=2, keepdims=True), dtype=np.float32)
