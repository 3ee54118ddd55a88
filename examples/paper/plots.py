"""What the plots of the scripts' tables share."""

import matplotlib.pyplot as plt


def save(figure, path, legend_of=None):
    """Write a plot as PNG, with the legend of one of its axes below if that is given.

    Args:
        figure: The figure, of the layout "constrained".
        path: Where; its folder is made if missing.
        legend_of: The axes whose legend is drawn.
    """
    if legend_of is not None:
        handles, labels = legend_of.get_legend_handles_labels()
        figure.legend(
            handles,
            labels,
            loc="outside lower center",
            ncols=len(labels),
            frameon=False,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
