"""How long layers for both strands take, beside a Conv1D of as many channels.

    python benchmarks/layers_speed.py
    KERAS_BACKEND=jax python benchmarks/layers_speed.py

Prints milliseconds a batch, the median of alternating runs, of a compiled training step
and of a prediction.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_motif.layers import RevCompBatchNormalization, RevCompConv1D

_FILTERS, _WIDTH, _LENGTH, _BATCH = 30, 19, 200, 100
_ROUNDS, _STEPS = 15, 4


def main() -> None:
    """Print a line for each layer and what it stands for."""
    pairs = {
        "convolution": (
            [layers.Conv1D(2 * _FILTERS, _WIDTH, padding="same")],
            [RevCompConv1D(_FILTERS, _WIDTH, padding="same")],
        ),
        "and batch norm": (
            [
                layers.Conv1D(2 * _FILTERS, _WIDTH, padding="same"),
                layers.BatchNormalization(),
            ],
            [
                RevCompConv1D(_FILTERS, _WIDTH, padding="same"),
                RevCompBatchNormalization(),
            ],
        ),
    }
    print(f"{keras.backend.backend()}, {_BATCH} x {_LENGTH}, {2 * _FILTERS} channels")
    for name, (plain, paired) in pairs.items():
        models = [_network(plain), _network(paired)]
        for kind in ("train", "predict"):
            theirs, ours = _medians(models, kind)
            print(
                f"{name:15} {kind:8} Conv1D {theirs:6.2f} ms, RevComp {ours:6.2f} ms, "
                f"{ours / theirs:.2f} x"
            )


def _network(hidden: list[keras.layers.Layer]) -> keras.Model:
    inputs = [keras.Input((_LENGTH, 4))]
    tail = [layers.Activation("relu"), layers.GlobalMaxPooling1D(), layers.Dense(1)]
    model = keras.Sequential([*inputs, *hidden, *tail])
    model.compile("adam", "mse")
    return model


def _medians(models: list[keras.Model], kind: str) -> list[float]:
    random = np.random.default_rng(0)
    x = np.eye(4, dtype="float32")[random.integers(0, 4, (_BATCH, _LENGTH))]
    y = random.normal(size=(_BATCH, 1)).astype("float32")
    times: list[list[float]] = [[] for _ in models]
    for _ in range(_ROUNDS):
        for model, own in zip(models, times, strict=True):
            own.append(_milliseconds(model, kind, x, y))
    return [statistics.median(own[3:]) for own in times]


def _milliseconds(model: keras.Model, kind: str, x: Any, y: Any) -> float:
    start = time.perf_counter()
    for _ in range(_STEPS):
        if kind == "train":
            model.train_on_batch(x, y)
        else:
            model.predict_on_batch(x)
    return 1000 * (time.perf_counter() - start) / _STEPS


if __name__ == "__main__":
    main()
