import queue
import threading
from multiprocessing import Value

import pytest
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import Task
from django_q.tasks import async_task

from buildpractical.queue import threads


def task(func, *args):
    return {"func": func, "args": args, "kwargs": {}}


def outcome(func, *args):
    done = task(func, *args)
    threads.execute(done)
    return done


def test_execute_success_keeps_result_and_time():
    done = outcome("tests.queue.test_threads.double", 21)

    assert (done["success"], done["result"], done["stopped"].tzinfo is not None) == (True, 42, True)


def double(number):
    return 2 * number


def test_execute_error_keeps_masked_traceback():
    done = outcome("tests.queue.tasks.fail", "key sk-ant-0123456789abcdef")

    assert done["success"] is False
    assert done["result"].endswith("ValueError: key ***\n")


def test_execute_system_exit_is_an_answer_too():
    assert outcome("tests.queue.tasks.leave")["success"] is False


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "features.tasks.import_string",
        "features.tasks.nothing",
        "features.recovery.prune",
        "",
        None,
    ],
)
def test_find_function_refuses_what_is_no_task_of_ours(path):
    with pytest.raises(ValueError, match="is not a task"):
        threads.find_function(path)


def test_worker_runs_as_many_at_once_as_threads_and_ends_them_before_it_stops(settings):
    settings.STEP_THREADS = 3
    tasks, results = queue.Queue(), queue.Queue()
    for _ in range(3):
        tasks.put(task("tests.queue.test_threads.meet"))
    tasks.put("STOP")

    threads.worker(tasks, results, Value("f", -1))

    assert [results.get(timeout=0)["success"] for _ in range(3)] == [True, True, True]


@pytest.mark.django_db
def test_hook_of_a_task_row_is_never_called():
    Task.objects.create(
        id="1", name="planted", func="features.tasks.prune", hook="tests.queue.test_threads.hooked",
        started=timezone.now(), stopped=timezone.now(), success=True,
    )  # fmt: skip

    assert HOOKED == []


HOOKED = []


def hooked(task):
    HOOKED.append(task)


@pytest.mark.django_db
def test_task_asked_to_run_at_once_is_held_to_the_same_list():
    async_task("os.mkdir", "/nowhere/planted", sync=True)

    assert "is not a task" in Task.objects.get().result


BARRIER = threading.Barrier(3, timeout=5)


def meet():
    BARRIER.wait()


def test_worker_after_recycle_count_ends_as_recycled(settings, monkeypatch):
    monkeypatch.setattr(Conf, "RECYCLE", 2)
    tasks, results, timer = queue.Queue(), queue.Queue(), Value("f", -1)
    for number in range(3):
        tasks.put(task("tests.queue.test_threads.double", number))

    threads.worker(tasks, results, timer)

    assert (results.qsize(), tasks.qsize(), timer.value) == (2, 1, -2)
