"""Make the files of this folder: python tests/saved/make.py FOLDER.

Those committed were made once, by keras-motif while its modules lay side by side (see
README.md), and are never made again: they stand for what users have on disk.
"""

import contextlib
import json
import sys
from pathlib import Path

import keras
import numpy as np

import keras_motif as km

LENGTH = 30


class StopTrainingError(Exception):
    """The training was stopped on purpose."""


def sequences():
    """Sequences that no library's random numbers change, (20, 30, 4)."""
    codes = (np.arange(20)[:, None] * 7 + np.arange(LENGTH) ** 2 // 3) % 4
    return np.eye(4, dtype=np.int8)[codes]


def word():
    """What filter 0 looks for, (5, 4): it stands in every fourth sequence."""
    return sequences()[0, 10:15]


def set_weights(model):
    """Give a model weights that no backend's random numbers change."""
    conv = model.get_layer("conv")
    for number, weight in enumerate(model.weights):
        if weight.dtype == "float32":
            values = np.sin(np.arange(np.prod(weight.shape)) + number)
            weight.assign(0.3 * np.abs(values).reshape(weight.shape))
    kernel = keras.ops.convert_to_numpy(conv.kernel).copy()
    kernel[..., 0] = 1.6 * word()
    conv.kernel.assign(kernel)
    conv.bias.assign([0, 0])


def small_model():
    """Every layer that we register, and what Keras needs around them."""
    model = keras.Sequential(
        [
            keras.Input((LENGTH, 4)),
            km.layers.RandomReverseComplement(0.5, seed=3),
            keras.layers.Conv1D(2, 5, name="conv"),
            km.Exponential(0.5, max_input=4, name="exponential"),
            keras.layers.GlobalMaxPooling1D(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    set_weights(model)
    return model


def activations_model():
    """Every function that we register, one behind the other."""
    x = inputs = keras.Input((LENGTH, 4))
    x = keras.layers.Conv1D(2, 5, activation=km.Exponential(), name="conv")(x)
    for function in km.activations.STUDY.values():
        if callable(function):
            x = keras.layers.Activation(function)(x)
    model = keras.Model(inputs, x)
    set_weights(model)
    return model


def extractor(folder):
    """The callback, as the interrupted training had it."""
    known = km.Motif(word() * 0.88 + 0.03, "W1", num_sites=50)
    return km.FilterMotifExtractor(
        sequences(), database=[known], every=1, output_dir=folder
    )


def train(folder, *, stop_before=None, epochs=4):
    """Train with a backup and the callback, perhaps up to an interruption."""

    def stop(epoch, logs):
        if epoch == stop_before:
            raise StopTrainingError

    x = sequences()
    model = small_model()
    model.compile(keras.optimizers.SGD(0.01), "binary_crossentropy")
    found = extractor(folder / "motifs")
    callbacks = [
        found,
        keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        keras.callbacks.LambdaCallback(on_epoch_begin=stop),
    ]
    labels = np.arange(len(x)) % 2
    model.fit(x, labels, epochs=epochs, callbacks=callbacks, verbose=0)
    return model, found


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    small_model().save(folder / "layers.keras")
    small_model().save(folder / "layers.h5")
    activations_model().save(folder / "activations.keras")
    with contextlib.suppress(StopTrainingError):
        train(folder, stop_before=2)
    for picture in (folder / "motifs").glob("*.[psh]*[gl]"):
        picture.unlink()
    x = sequences()
    expected = {
        name: keras.saving.load_model(folder / name).predict(x, verbose=0).tolist()
        for name in ("layers.keras", "layers.h5")
    }
    outputs = keras.saving.load_model(folder / "activations.keras").predict(
        x, verbose=0
    )
    expected["activations.keras"] = outputs[:2, ::9].tolist()
    (folder / "expected.json").write_text(json.dumps(expected))
    km.write_meme(km.extract_motifs(small_model(), x), folder / "filters.meme")


if __name__ == "__main__":
    main()
