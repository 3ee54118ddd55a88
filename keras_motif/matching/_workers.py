"""Threads that share work and give back its results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

__all__ = ["in_order", "num_threads"]

_MOST = 8  # above, threads wait for each other more than they work
_AHEAD = 2  # tasks a thread that may be under way or done before their turn

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def num_threads(workers: int | None) -> int:
    """Return how many threads to use.

    Args:
        workers: As many, 1 or more; None: as many as this process may use, 8 at most.

    Raises:
        ValueError: Anything else.
    """
    if workers is None:
        if hasattr(os, "sched_getaffinity"):
            return min(len(os.sched_getaffinity(0)), _MOST)
        return min(os.cpu_count() or 1, _MOST)
    whole = isinstance(workers, int | np.integer)
    if not whole or isinstance(workers, bool) or workers < 1:
        raise ValueError(
            "`workers` must be a whole number of threads, 1 or more, or None for as "
            f"many as this process may use. Received {workers!r}."
        )
    return int(workers)


def in_order(
    function: Callable[[_Task], _Result], tasks: Iterable[_Task], num_threads: int
) -> Iterator[_Result]:
    """Yield `function` of each task, in their order, computed by threads.

    Tasks are taken a few ahead, so that memory doesn't grow with their number. What
    `function` raises is raised at its turn, and tasks not begun are dropped then.

    Args:
        function: What to compute; it must not change what threads share.
        tasks: Its arguments; iterated over in the calling thread.
        num_threads: Of 1, the calling thread computes.
    """
    if num_threads == 1:
        yield from map(function, tasks)
        return
    pool = ThreadPoolExecutor(num_threads, thread_name_prefix="keras-motif")
    waiting: deque[Future[_Result]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(function, task))
            if len(waiting) > _AHEAD * num_threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
