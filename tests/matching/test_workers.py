import os
import threading

import pytest

from keras_motif.matching._workers import in_order, num_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(threads):
    delays = [0.02, 0, 0.01, 0, 0, 0.01, 0]
    wait = threading.Event().wait
    found = in_order(lambda task: (wait(task), task)[1], delays, threads)
    assert list(found) == delays
    assert list(in_order(abs, [], threads)) == []


def test_threads_work_at_the_same_time():
    both = threading.Barrier(2, timeout=30)  # breaks where one thread does both
    assert sorted(in_order(lambda task: both.wait(), range(2), 2)) == [0, 1]


def test_tasks_are_taken_a_few_ahead_and_dropped_after_an_error():
    taken = []

    def tasks():
        for number in range(1000):
            taken.append(number)
            yield number

    found = in_order(lambda number: 1 // (3 - number), tasks(), 2)
    assert [next(found) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
    assert len(taken) < 20
    assert not [t for t in threading.enumerate() if t.name.startswith("keras-motif")]


def test_by_default_there_are_as_many_as_the_process_may_use(monkeypatch):
    for usable, expected in ((1, 1), (3, 3), (64, 8)):
        monkeypatch.setattr(
            os, "sched_getaffinity", lambda _, n=usable: set(range(n)), raising=False
        )
        assert num_threads(None) == expected
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert num_threads(None) == 1
    assert num_threads(20) == 20
