"""Threads that share out the jobs of a call: the environments of a vector, stepped outside the GIL."""

import collections
import os
import threading
import weakref


def available_cores():
    """Returns how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Threads:
    """Runs a function for the numbers from 0 up, in the calling thread and in others beside it.

    The others wait between calls and hold no reference to anything then. They are started with the first call, and again in
    a forked process, which has none. They end when this object goes.

    Parameters
    ----------
    count : int
        Threads, the calling one included.
    """

    def __init__(self, count):
        self.count = count
        self._start_anew()

    def _start_anew(self):
        self._pid = os.getpid()
        self._workers = []
        self._pending = []

    def run(self, function, count):
        """Calls `function(i)` for each i below `count`, and waits until all are done.

        Raises
        ------
        BaseException
            The first error of a job; the other jobs have been done then.
        """
        self.wait()
        jobs = collections.deque(range(count))
        if self._pid != os.getpid() or not all(worker.thread.is_alive() for worker in self._workers):
            self._start_anew()
        while len(self._workers) < min(self.count, count) - 1:
            self._workers.append(_Worker(self))
        task = _Task(function, jobs)
        for worker in self._workers[: count - 1]:
            self._pending.append(worker)
            worker.begin(task)
        task.work()
        self.wait()
        if task.errors:
            raise task.errors[0]

    def wait(self):
        """Waits for jobs that a call left under way which was interrupted (Ctrl-C)."""
        if self._pid == os.getpid():
            while self._pending:
                self._pending[-1].done.acquire()
                self._pending.pop()

    def __reduce__(self):
        return Threads, (self.count,)


class _Task:
    """The jobs of one call."""

    def __init__(self, function, jobs):
        self.function = function
        self.jobs = jobs
        self.errors = []

    def work(self):
        """Does jobs until there are none."""
        while True:
            try:
                job = self.jobs.popleft()
            except IndexError:
                return
            try:
                self.function(job)
            except Exception as error:
                self.errors.append(error)


class _Worker:
    """A thread and what it is woken with."""

    def __init__(self, owner):
        self._wake = threading.Lock()
        self._wake.acquire()
        self.done = threading.Lock()
        self.done.acquire()
        self._box = box = []
        self.thread = threading.Thread(target=_loop, args=(self._wake, self.done, box), name="tritrack-gym", daemon=True)
        self.thread.start()
        weakref.finalize(owner, _end, self._wake, box).atexit = False

    def begin(self, task):
        self._box.append(task)
        self._wake.release()


def _loop(wake, done, box):
    while True:
        wake.acquire()
        if not box:
            return
        box.pop().work()
        done.release()


def _end(wake, box):
    if not box and wake.locked():
        wake.release()
