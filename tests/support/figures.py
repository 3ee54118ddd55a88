"""What a figure of matplotlib shows."""

import numpy as np


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
