"""Loggers: where the callback sends its metrics and logos while a network trains.

A logger is any callable that takes an epoch (counted from 0), a dict of metrics and a
dict of matplotlib figures; those here send them to an experiment tracker. Their
packages are optional: each is imported when its logger is made.
"""

from __future__ import annotations

import io
import os
import socket
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Logger", "MLflow", "TensorBoard", "WandB"]

_DPI = 80


class Logger(Protocol):
    """What `FilterMotifExtractor` takes as `logger`."""

    def __call__(
        self, epoch: int, metrics: dict[str, float], figures: dict[str, Figure]
    ) -> None:
        """Take what one extraction gave.

        Args:
            epoch: The epoch after which the motifs were extracted, counted from 0.
            metrics: The values named as in `logs`: `motif_match`, ...
            figures: The logos of all filters, under the name `motif_logos`.
        """


class TensorBoard:
    """Show metrics and logos in TensorBoard, whatever the backend of Keras.

    Args:
        log_dir: Folder of the event file on this machine, made if missing; a
            subfolder of the one that Keras' own `TensorBoard` callback writes makes
            them one project.

    Raises:
        ValueError: `log_dir` is an address, such as `gs://...`.
        ImportError: The package `tensorboard` is missing.
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        self.log_dir = os.fspath(log_dir)
        if "://" in self.log_dir:
            raise ValueError(
                "`log_dir` must be a folder on this machine. Received "
                f"{self.log_dir!r}. Log to a folder, and copy it there afterwards."
            )
        _package("tensorboard", self)
        self._path: Path | None = None

    def __call__(
        self, epoch: int, metrics: dict[str, float], figures: dict[str, Figure]
    ) -> None:
        """Write one event with all values, and see that it is on disk."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        values = [
            Summary.Value(tag=name, simple_value=value)
            for name, value in metrics.items()
        ]
        for name, figure in figures.items():
            image = Summary.Image(encoded_image_string=_png(figure))
            values.append(Summary.Value(tag=name, image=image))
        now = time.time()
        events = [Event(wall_time=now, step=epoch, summary=Summary(value=values))]
        if self._path is None:
            self._path = _new_event_file(self.log_dir)
            events.insert(0, Event(wall_time=now, file_version="brain.Event:2"))
        # A plain file: `tf.summary` and TensorBoard's own `EventFileWriter` import
        # TensorFlow where it is, and on a GPU that takes memory from JAX or PyTorch.
        with self._path.open("ab") as file:
            writer = RecordWriter(file)
            for event in events:
                writer.write(event.SerializeToString())


class WandB:
    """Send metrics and logos to Weights & Biases, as a row with its `epoch`.

    Args:
        run: What `wandb.init` returned; None stands for the run that is active when
            an extraction is logged.

    Raises:
        ImportError: The package `wandb` is missing.
    """

    def __init__(self, run: Any = None) -> None:
        self.run = run
        self._wandb = _package("wandb", self)
        self._defined: set[str] = set()

    def __call__(
        self, epoch: int, metrics: dict[str, float], figures: dict[str, Figure]
    ) -> None:
        """Log one row.

        Raises:
            RuntimeError: No run was given, and none is active.
        """
        # A figure outside pyplot cannot be given to `wandb.Image` as it is.
        from PIL import Image

        run = self._wandb.run if self.run is None else self.run
        if run is None:
            raise RuntimeError(
                "No run of Weights & Biases is active. Call `wandb.init(...)` before "
                "training, or pass its run: `WandB(run)`."
            )
        # W&B counts the rows of all loggers; charts of these go by epoch.
        for name in metrics.keys() - self._defined:
            run.define_metric(name, step_metric="epoch")
            self._defined.add(name)
        images = {
            name: self._wandb.Image(Image.open(io.BytesIO(_png(figure))))
            for name, figure in figures.items()
        }
        run.log({"epoch": epoch, **metrics, **images})


class MLflow:
    """Send metrics and logos to MLflow's active run; it starts one if there is none.

    The logos are artifacts of the run: `motif_logos/epoch_0001.png`, ...

    Raises:
        ImportError: The package `mlflow` is missing.
    """

    def __init__(self) -> None:
        self._mlflow = _package("mlflow", self)

    def __call__(
        self, epoch: int, metrics: dict[str, float], figures: dict[str, Figure]
    ) -> None:
        """Log the metrics at step `epoch`, the figures as files."""
        self._mlflow.log_metrics(metrics, step=epoch)
        for name, figure in figures.items():
            self._mlflow.log_figure(figure, f"{name}/epoch_{epoch + 1:04d}.png")


def _new_event_file(log_dir: str) -> Path:
    """Return the path of a new event file, in a folder that exists."""
    folder = Path(log_dir)
    folder.mkdir(parents=True, exist_ok=True)
    # TensorBoard knows event files by this name; the end keeps two loggers apart.
    name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}"
    return folder / f"{name}.{os.getpid()}.{uuid4().hex}"


def _package(name: str, logger: object) -> Any:
    """Import an optional package.

    Raises:
        ImportError: It is missing; says how to install it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f"`keras_motif.loggers.{type(logger).__name__}` needs the package {name}. "
            f"Install it with `pip install {name}`."
        ) from error


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    return buffer.getvalue()
