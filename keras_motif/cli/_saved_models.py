"""Saved models: opened in safe mode, with the custom objects of named packages."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras

from keras_motif._checks import listed
from keras_motif.cli._model_files import REBUILD, objects, read_config
from keras_motif.motifs import binary_files

__all__ = ["find_customs", "import_module", "load_model", "refuse_lambdas"]

# Where Keras keeps what a saved model may name.
_HOMES = (
    keras,
    keras.activations,
    keras.constraints,
    keras.dtype_policies,
    keras.initializers,
    keras.layers,
    keras.models,
    keras.regularizers,
)


# Whose classes no package to import gives to Keras 3.
_OLD_HOMES = ("tensorflow", "tf_keras")
_OLD_NAMES = ("ModuleWrapper", "SlicingOpLambda", "TFOpLambda", "TensorFlowOpLayer")


class _Custom(NamedTuple):
    """An object of a saved model that is not Keras' own.

    Attributes:
        name: As it is registered, "package>Name", or its plain name.
        module: Where it was defined; None where the file doesn't say.
    """

    name: str
    module: str | None

    def __str__(self) -> str:
        return repr(self.name) + (f" of {self.module}" if self.module else "")


def load_model(path: str, packages: Sequence[str] = ()) -> keras.Model:
    """Load a model, without running code that its file holds.

    Args:
        path: A `.keras` file, or a whole model in Keras' older HDF5 format.
        packages: Packages or modules of this environment, or of the current folder,
            to import first: they register their layers and functions. Those that
            are not registered are found in them by name.

    Returns:
        The model, not compiled.

    Raises:
        ValueError: No saved model; a Python lambda in it; custom objects that are
            not known, with the packages to import; or what Keras says.
        ImportError: A package cannot be imported.
        OSError: The file is missing or cannot be opened.
    """
    config = read_config(Path(path))
    if isinstance(config, dict):
        config.pop("compile_config", None)  # the model is not compiled
    refuse_lambdas(config, path)
    known, missing = find_customs(config, packages)
    try:
        return keras.saving.load_model(
            path, custom_objects=known, compile=False, safe_mode=True
        )
    except Exception as error:  # custom objects run their own code here
        if missing:
            raise ValueError(_missing_message(path, missing)) from error
        said = binary_files.one_line(str(error)) or type(error).__name__
        raise ValueError(f"{path}: Keras cannot load this model: {said}") from error


def find_customs(
    config: Any, packages: Sequence[str]
) -> tuple[dict[str, Any], list[_Custom]]:
    """Find the custom objects of a configuration in packages.

    Args:
        config: What the file says of the model.
        packages: See `load_model`.

    Returns:
        Those found, by name, and those that are known nowhere.
    """
    modules = [import_module(package) for package in packages]
    customs = _customs(config)
    known = {
        custom.name: found
        for custom in customs
        if (found := _find(custom, modules)) is not None
    }
    return known, [custom for custom in customs if custom.name not in known]


def refuse_lambdas(config: Any, path: str) -> None:
    """Raise where a model holds Python code. Keras' safe mode does so as well."""
    for node in objects(config):
        inner = node.get("config")
        older = isinstance(inner, dict) and inner.get("function_type") == "lambda"
        if node["class_name"] == "__lambda__" or older:
            raise ValueError(
                f"{path}: the model holds a Python lambda, which could run any code, "
                "so it is not loaded. Put a named function or a layer of a package "
                "in its place, save the model again, and name the package with "
                f"`--import`. Or leave the file alone: {REBUILD}"
            )


def _customs(config: Any) -> list[_Custom]:
    """Return what is neither Keras' own nor registered, each once."""
    found: dict[str, _Custom] = {}
    for node in objects(config):
        module = node.get("module")
        if node["class_name"] == "function":
            name, module = node.get("config"), None
        else:
            name = node.get("registered_name") or node["class_name"]
        module = module if isinstance(module, str) else None
        if isinstance(name, str) and not _is_known(name, module):
            found.setdefault(name, _Custom(name, module))
    return list(found.values())


def _is_known(name: str, module: str | None) -> bool:
    if name.startswith("__") or keras.saving.get_registered_object(name) is not None:
        return True
    if module is not None:
        return module.partition(".")[0] == "keras"
    return name == "Functional" or any(hasattr(home, name) for home in _HOMES)


def import_module(name: str) -> types.ModuleType:
    # Last, so that no file of the current folder stands before a package.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"`--import {name}`: cannot be imported ({error}). Expected a package or "
            "module of this environment or of the current folder, without `.py`."
        ) from error


def _find(custom: _Custom, modules: list[types.ModuleType]) -> Any:
    """Return an unregistered class or function that one of the modules defines.

    What a module only imports is left out: a model's file must not be able to name
    whatever lies there.
    """
    for module in modules:
        found = getattr(module, custom.name, None)
        package = module.__name__.partition(".")[0]
        home = str(getattr(found, "__module__", "")).partition(".")[0]
        if isinstance(found, type | types.FunctionType) and home == package:
            return found
    return None


def _is_of_tensorflow(custom: _Custom) -> bool:
    """Return whether a class is TensorFlow's own, which Keras 3 doesn't have."""
    package = (custom.module or custom.name).partition(".")[0].partition(">")[0]
    return package in _OLD_HOMES or custom.name in _OLD_NAMES


def _missing_message(path: str, missing: list[_Custom]) -> str:
    if any(map(_is_of_tensorflow, missing)):
        return (
            f"{path}: the model was written by Keras 2 inside of TensorFlow, with "
            f"layers that Keras 3 doesn't have: {listed(missing)}. {REBUILD}"
        )
    homes = {
        custom.module or custom.name.partition(">")[0]
        for custom in missing
        if custom.module or ">" in custom.name
    } - {"__main__", "builtins", "Custom"}
    package = min(homes, default="PACKAGE")
    return (
        f"{path}: the model uses custom objects that are not known here: "
        f"{listed(missing)}. Name the package or module that defines "
        f"them, such as `--import {binary_files.one_line(package)}`."
    )
