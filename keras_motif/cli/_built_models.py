"""Models that lie in two parts: what makes the layers, and their weights."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import h5py
import keras

from keras_motif.cli._model_files import REBUILD, checked_config
from keras_motif.cli._saved_models import (
    find_customs,
    import_module,
    load_model,
    refuse_lambdas,
)
from keras_motif.motifs import binary_files, hdf5

__all__ = ["open_model"]

_BUILDER = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<function>[A-Za-z_]\w*)")
_WEIGHTS = "the weights of a model, in a file ending in .weights.h5 or .h5"


def open_model(
    model: str, packages: Sequence[str] = (), weights: str | None = None
) -> keras.Model:
    """Open a model, whole or in two parts, without running code that a file holds.

    Args:
        model: A `.keras` file, a whole model in HDF5, a `.json` file of an
            architecture, or "module:function", which builds the model.
        packages: See `load_model`.
        weights: A file of weights to load into it, `.weights.h5` or Keras' older
            `.h5`.

    Returns:
        The model, not compiled.

    Raises:
        ValueError: As `load_model`; an architecture without weights; weights that
            don't fit; a function that makes no model.
        ImportError: A module cannot be imported.
        OSError: A file is missing or cannot be opened.
    """
    named = None if Path(model).exists() else _BUILDER.fullmatch(model)
    if named is not None:
        made = _built(named["module"], named["function"], packages)
    elif model.lower().endswith(".json"):
        return _from_json(model, packages, weights)
    else:
        made = load_model(model, packages)
    if weights is not None:
        _load_weights(made, weights)
    return made


def _built(module: str, name: str, packages: Sequence[str]) -> keras.Model:
    for package in packages:
        import_module(package)
    try:
        function = getattr(import_module(module), name)
    except AttributeError:
        raise ValueError(
            f"{module}:{name}: the module {module!r} has no function {name!r}."
        ) from None
    made = function()
    if not isinstance(made, keras.Model) or not made.built:
        raise ValueError(
            f"{module}:{name}: expected a function that takes nothing and returns a "
            "built Keras model, one that begins with `keras.Input`. Received "
            f"{type(made).__name__}."
        )
    return made


def _from_json(path: str, packages: Sequence[str], weights: str | None) -> keras.Model:
    if weights is None:
        raise ValueError(
            f"{path}: holds layers without their weights. Name the file of these as "
            "`--weights FILE`."
        )
    text = Path(path).read_text(encoding="utf-8")
    config = checked_config(text, _check_weights(weights), path)
    if not isinstance(config, dict) or "class_name" not in config:
        raise ValueError(
            f"{path}: expected what `model.to_json()` returned. Received other JSON."
        )
    config.pop("compile_config", None)  # the model is not compiled
    refuse_lambdas(config, path)
    if "module" not in config:  # as Keras 2 wrote it
        return _from_older(text, packages, weights)
    known, _ = find_customs(config, packages)
    try:
        made = keras.saving.deserialize_keras_object(
            config, custom_objects=known, safe_mode=True
        )
    except Exception as error:  # custom objects run their own code here
        said = binary_files.one_line(str(error)) or type(error).__name__
        raise ValueError(f"{path}: Keras cannot build this model: {said}") from error
    _load_weights(made, weights)
    return made


def _from_older(text: str, packages: Sequence[str], weights: str) -> keras.Model:
    """Load an architecture and weights of Keras 2 as the whole model that they are."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.h5"
        with h5py.File(weights, "r") as source, h5py.File(whole, "w") as file:
            file.attrs["model_config"] = text
            source = source.get("model_weights", source)
            if "layer_names" not in source.attrs:
                raise ValueError(
                    f"{weights}: expected weights in the older HDF5 format, as Keras 2 "
                    "wrote them beside this architecture. Received another format. "
                    f"{REBUILD}"
                )
            group = file.create_group("model_weights")
            group.attrs.update(source.attrs)
            for name in source:
                source.copy(name, group)
        return load_model(str(whole), packages)


def _check_weights(path: str) -> int:
    """Return how many bytes of weights a file holds."""
    if not path.lower().endswith((".h5", ".hdf5")):
        raise ValueError(f"{path}: expected {_WEIGHTS}. {REBUILD}")
    with hdf5.open_hdf5(Path(path), _WEIGHTS, REBUILD) as file:
        return int(file.check_all())


def _load_weights(model: keras.Model, path: str) -> None:
    _check_weights(path)
    model.optimizer = None  # which may not be that of the file
    try:
        model.load_weights(path)
    except Exception as error:  # Keras raises what it likes here
        said = binary_files.one_line(str(error)) or type(error).__name__
        raise ValueError(
            f"{path}: these weights don't fit the model {model.name!r}: {said}"
        ) from error
