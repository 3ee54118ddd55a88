"""Gradients, and contributions that add up to a difference of scores."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from keras_motif.attribution._network import OutputLike
from keras_motif.attribution._references import ReferencesLike, reference_arrays
from keras_motif.attribution._run import Array, Run, check_count, opened

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


class Attribution(NamedTuple):
    """Contributions, and how well they add up.

    Attributes:
        values: Hypothetical contributions h, `(n, length, 4)`, float32.
        completeness_error: `sum(x * h) - (f(x) - mean f(references))` of each
            sequence, `(n,)`, float64, in units of the score.
    """

    values: Array
    completeness_error: Array


def saliency(
    model: Any,
    sequences: Any,
    *,
    output: OutputLike = None,
    logits: bool = True,
    batch_size: int | None = None,
    progress: bool | None = None,
) -> Array:
    """Return the gradient of a score at each base.

    Source: Simonyan, Vedaldi & Zisserman (2013), arXiv 1312.6034.

    Args:
        model: A built Keras model of one input, the sequences. It is left as found.
        sequences: One-hot, `(n, length, 4)`; an all-zero row is N.
        output: The score: index of a unit from 0, `(output name, index)`, or a
            function from the outputs to `(n,)`. None where there is one unit.
        logits: Whether to explain what goes into a last sigmoid or softmax.
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
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        x = run.sequences
        return _float32(run.gradients(len(x), lambda part: x[part], 1.0))


def input_x_gradient(model: Any, sequences: Any, **options: Any) -> Array:
    """Return the gradient at the bases that are present, and 0 elsewhere.

    Args:
        model: As in `saliency`.
        sequences: As in `saliency`.
        **options: Those of `saliency`.

    Returns:
        Array of shape `(n, length, 4)`, float32.

    Raises:
        ValueError: As `saliency`.
        TypeError: As `saliency`.
    """
    gradient = saliency(model, sequences, **options)
    return _float32(gradient * np.asarray(sequences, np.float32))


def smooth_gradient(
    model: Any,
    sequences: Any,
    *,
    num_samples: int = 50,
    noise: float = 0.1,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
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
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        x = run.sequences

        def noisy(part: Array) -> Array:
            clean = x[part // num_samples]
            drawn = random.standard_normal(clean.shape, dtype=np.float32)
            return np.asarray(clean + np.float32(noise) * drawn)

        found = run.gradients(len(x) * num_samples, noisy, 1 / num_samples)
        return _float32(found)


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
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        drawn = reference_arrays(references, run.sequences, num_references, seed)
        middles = (np.arange(num_steps, dtype=np.float32) + 0.5) / num_steps
        places = np.broadcast_to(middles, (*drawn.shape[:2], num_steps))
        return _along_ways(run, drawn, places, return_completeness)


def expected_gradients(
    model: Any,
    sequences: Any,
    *,
    references: ReferencesLike = "shuffle",
    num_references: int = 100,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
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
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        drawn = reference_arrays(references, run.sequences, num_references, seed)
        random = np.random.default_rng(seed)
        places = random.random((*drawn.shape[:2], 1), dtype=np.float32)
        return _along_ways(run, drawn, places, return_completeness)


def deep_lift_shap(
    model: Any,
    sequences: Any,
    *,
    references: ReferencesLike = "shuffle",
    num_references: int = 20,
    seed: int = 0,
    output: OutputLike = None,
    logits: bool = True,
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
    with opened(model, sequences, output, logits, batch_size, progress) as run:
        drawn = reference_arrays(references, run.sequences, num_references, seed)
        multipliers = run.multipliers(drawn)
        shifts = (drawn * multipliers).sum(axis=3, keepdims=True)
        values = (multipliers - shifts).mean(axis=1, dtype=np.float64)
        return _answer(run, drawn, values, return_completeness)


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
    return _float32(array - array.mean(axis=2, keepdims=True))


def _along_ways(
    run: Run, references: Array, places: Array, return_completeness: bool
) -> Array | Attribution:
    """Average gradients at places, from 0 to 1, between references and sequences."""
    n, num, num_places = places.shape
    x = run.sequences
    shifts = np.zeros(x.shape, np.float64)
    total = np.zeros(x.shape, np.float64)
    for index in range(num):
        start = references[:, index]

        def points(part: Array, start: Array = start, index: int = index) -> Array:
            row, step = np.divmod(part, num_places)
            far = places[row, index, step][:, None, None]
            return np.asarray(start[row] + far * (x[row] - start[row]))

        found = run.gradients(n * num_places, points, 1 / num_places)
        total += found / num
        shifts += (start * found).sum(axis=2, keepdims=True) / num
    return _answer(run, references, total - shifts, return_completeness)


def _answer(
    run: Run, references: Array, values: Array, return_completeness: bool
) -> Array | Attribution:
    if not return_completeness:
        return _float32(values)
    x = run.sequences
    n, num = references.shape[:2]
    score = run.predict(n, lambda part: x[part])
    others = run.predict(n * num, lambda part: references[part // num, part % num])
    difference = score - others.reshape(n, num).mean(axis=1)
    found = (x * _float32(values)).sum(axis=(1, 2), dtype=np.float64)
    return Attribution(_float32(values), found - difference)


def _float32(array: Array) -> Array:
    return np.asarray(array, dtype=np.float32)
