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
        self._task = None
        #: Released by workers that have run out of jobs.
        self._done = threading.Lock()

    def run(self, function, count):
        """Calls `function(i)` for each i below `count`, and waits until all are done.

        Raises
        ------
        Exception
            The first error of a job; the other jobs have been done then.
        """
        if self._pid != os.getpid() or not all(worker.thread.is_alive() for worker in self._workers):
            self._start_anew()
        self.wait()
        while len(self._workers) < min(self.count, count) - 1:
            self._workers.append(_Worker(self, self._done))
        self._task = task = _Task(function, range(count))
        try:
            for worker in self._workers[: count - 1]:
                worker.begin(task)
            task.work()
        finally:
            self.wait()
        if task.errors:
            raise task.errors[0]

    def wait(self):
        """Waits for jobs under way, and drops the others: a call may have been interrupted (Ctrl-C)."""
        task = self._task
        if task is None or self._pid != os.getpid():
            return
        task.jobs.clear()
        while task.active:
            self._done.acquire(timeout=_MOMENT)
        for worker in self._workers:
            worker.forget()
        self._task = None

    def __reduce__(self):
        return Threads, (self.count,)


class _Task:
    """The jobs of one call.

    A thread notes itself in `active` before it takes a job, and goes when there are none. Without jobs and without active
    threads all is done, though a thread that was woken may not have come yet: nobody waits for it.
    """

    def __init__(self, function, jobs):
        self.function = function
        self.jobs = collections.deque(jobs)
        self.active = []
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
    """A thread, and a box for its next task.

    Ctrl-C may come between any two lines of the calling thread. A lock that is released once too often then, or is not,
    costs a moment and no more.
    """

    def __init__(self, owner, done):
        self._wake = threading.Lock()
        self._box = [None]
        arguments = self._wake, done, self._box
        self.thread = threading.Thread(target=_loop, args=arguments, name="tritrack-gym", daemon=True)
        self.thread.start()
        weakref.finalize(owner, _give, self._box, _END, self._wake).atexit = False

    def begin(self, task):
        _give(self._box, task, self._wake)

    def forget(self):
        self._box[0] = None


#: Instead of a task: the thread is no longer needed.
_END = object()
#: Seconds after which the calling thread looks anew whether others are active.
_MOMENT = 0.05


def _give(box, task, wake):
    box[0] = task
    _release(wake)


def _release(lock):
    try:
        lock.release()
    except RuntimeError:
        pass  # it is free already


def _loop(wake, done, box):
    """A worker's thread."""
    while True:
        wake.acquire()
        task = box[0]
        if task is _END:
            return
        if task is not None:
            task.active.append(None)
            task.work()
            task.active.pop()
            task = None
            _release(done)
