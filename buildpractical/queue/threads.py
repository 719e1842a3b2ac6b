"""django-q2's worker with threads: a few processes hold many model calls that only wait (jobs.md §3)."""

import logging
import pydoc
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import close_old_connections
from django.db.models.signals import post_save
from django.utils import timezone
from django_q import signals
from django_q import worker as stock
from django_q.conf import Conf
from django_q.models import Task

from buildpractical.lib.redact import mask

logger = logging.getLogger(__name__)


def worker(task_queue, result_queue, timer, timeout=None):
    """Take tasks while a thread is free, until "STOP" or the recycling count.

    timeout: unused; steps have deadlines of their own.
    """
    slots = threading.BoundedSemaphore(settings.STEP_THREADS)
    pool = ThreadPoolExecutor(settings.STEP_THREADS, thread_name_prefix="step")

    def run(task):
        try:
            execute(task)
            result_queue.put(task)
        finally:
            try:
                close_old_connections()
            finally:
                slots.release()

    taken = 0
    while taken < Conf.RECYCLE:
        slots.acquire()  # only when a thread is free
        task = task_queue.get()
        if task == "STOP":
            break
        taken += 1
        pool.submit(run, task)
    pool.shutdown(wait=True)  # the running steps end first
    if taken >= Conf.RECYCLE:
        # Recycled, not dead. Without the value's lock: dying with it would stop the guard for ever.
        timer.get_obj().value = -2


def execute(task):
    """Call the task's function; set its result (or traceback), success and stopped."""
    try:
        result = find_function(task["func"])(*task["args"], **task["kwargs"])
        task["result"], task["success"] = result, True
    # Also SystemExit: a task without an answer would stay in the queue and run again.
    except BaseException:
        logger.exception("A task of the queue failed", extra={"task": str(task["func"])})
        task["result"], task["success"] = mask(traceback.format_exc()), False
    task["stopped"] = timezone.now()


def only_tasks():
    """Close the ways around find_function: hooks of finished tasks, and the stock worker that `sync` calls."""
    post_save.disconnect(signals.call_hook, sender=Task)
    stock.worker = worker


def find_function(path):
    """Return the function of that dotted path.

    Raises ValueError for all but functions of the modules in settings.QUEUE_MODULES: a schedule row is not
    signed and could name os.system.
    """
    module, _, name = str(path).rpartition(".")
    listed = any(module == known or module.startswith(f"{known}.") for known in settings.QUEUE_MODULES)
    function = pydoc.locate(path) if listed else None
    if not callable(function) or getattr(function, "__module__", "") != module:
        raise ValueError(f"{path!r} is not a task")
    return function
