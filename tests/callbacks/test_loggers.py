import subprocess
import sys
import types
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure

from keras_motif.callbacks import loggers

METRICS = {"motif_match": 0.5, "motif_information": 12.25}
PNG = b"\x89PNG"


@pytest.fixture
def figures():
    figure = Figure(figsize=(3, 2))
    figure.add_subplot().plot([0, 1])
    return {"motif_logos": figure}


@pytest.fixture
def install(monkeypatch):
    """Put a module in the place of an installed package."""

    def install(name, **content):
        module = types.ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return install


def test_tensorboard_reads_metrics_and_logos_of_every_epoch(figures, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorBoard's own, on import
        from tensorboard.backend.event_processing import event_accumulator

        logger = loggers.TensorBoard(tmp_path / "new" / "motifs")
        for epoch in (0, 2):
            logger(epoch, {"motif_match": epoch / 4}, figures)

        read = event_accumulator.EventAccumulator(str(tmp_path / "new" / "motifs"))
        read.Reload()
    assert read.Tags()["scalars"] == ["motif_match"]
    points = [(point.step, point.value) for point in read.Scalars("motif_match")]
    assert points == [(0, 0.0), (2, 0.5)]
    images = read.Images("motif_logos")
    assert [image.step for image in images] == [0, 2]
    assert all(image.encoded_image_string[:4] == PNG for image in images)
    assert len(list((tmp_path / "new" / "motifs").iterdir())) == 1


def test_tensorboard_imports_no_tensorflow(tmp_path):
    code = """
import sys
from matplotlib.figure import Figure
from keras_motif import loggers
loggers.TensorBoard(sys.argv[1])(0, {"motif_match": 0.5}, {"motif_logos": Figure()})
sys.exit("tensorflow" in sys.modules)
"""
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    subprocess.run(command, check=True)
    assert len(list(tmp_path.iterdir())) == 1


def test_two_tensorboards_in_one_folder_keep_their_files(figures, tmp_path):
    for _ in range(2):
        loggers.TensorBoard(tmp_path)(0, METRICS, figures)
    assert len(list(tmp_path.iterdir())) == 2


def test_tensorboard_refuses_an_address():
    with pytest.raises(ValueError, match=r"`log_dir` must be a folder.*gs://bucket"):
        loggers.TensorBoard("gs://bucket/logs")


class FakeRun:
    """The calls of a W&B run that `WandB` makes."""

    def __init__(self):
        self.rows, self.axes = [], {}

    def define_metric(self, name, *, step_metric):
        self.axes[name] = step_metric

    def log(self, row):
        self.rows.append(row)


def fake_image(picture):
    # The package takes a PIL image, or an array; a figure only of pyplot.
    assert not isinstance(picture, Figure)
    return np.asarray(picture).shape


def test_wandb_gets_a_row_with_its_epoch(figures, install):
    run = FakeRun()
    install("wandb", run=None, Image=fake_image)
    logger = loggers.WandB(run)
    logger(0, METRICS, figures)
    logger(2, METRICS, figures)
    assert [row["epoch"] for row in run.rows] == [0, 2]
    assert run.rows[0] == {"epoch": 0, **METRICS, "motif_logos": (160, 240, 4)}
    assert run.axes == dict.fromkeys(METRICS, "epoch")


def test_wandb_takes_the_active_run(figures, install):
    wandb = install("wandb", run=None, Image=fake_image)
    logger = loggers.WandB()
    with pytest.raises(RuntimeError, match="wandb.init"):
        logger(0, METRICS, figures)
    wandb.run = FakeRun()
    logger(0, METRICS, figures)
    assert len(wandb.run.rows) == 1


def test_mlflow_gets_metrics_by_step_and_figures_as_files(figures, install):
    calls = []
    install(
        "mlflow",
        log_metrics=lambda metrics, step: calls.append((metrics, step)),
        log_figure=lambda figure, path: calls.append((figure, path)),
    )
    loggers.MLflow()(4, METRICS, figures)
    picture = figures["motif_logos"]
    assert calls == [(METRICS, 4), (picture, "motif_logos/epoch_0005.png")]


@pytest.mark.parametrize(
    ("make", "package"),
    [
        (lambda: loggers.TensorBoard("logs"), "tensorboard"),
        (loggers.WandB, "wandb"),
        (loggers.MLflow, "mlflow"),
    ],
)
def test_missing_package_is_named_before_training(make, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)  # as if not installed
    with pytest.raises(ImportError, match=f"`pip install {package}`"):
        make()
