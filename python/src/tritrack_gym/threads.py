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
            self._workers.append(_Worker(self))
        task = _Task(function, range(count))
        try:
            for worker in self._workers[: count - 1]:
                worker.begin(task)
            task.work()
            self.wait()
        except BaseException:
            task.jobs.clear()  # Ctrl-C: nobody will ask for the rest
            raise
        if task.errors:
            raise task.errors[0]

    def wait(self):
        """Waits for jobs that a call left under way which was interrupted (Ctrl-C)."""
        if self._pid == os.getpid():
            for worker in self._workers:
                worker.wait()

    def __reduce__(self):
        return Threads, (self.count,)


class _Task:
    """The jobs of one call."""

    def __init__(self, function, jobs):
        self.function = function
        self.jobs = collections.deque(jobs)
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
    """A thread, its tasks, and two locks that are released to wake it and to say that it has done one.

    Ctrl-C may come between any two lines of the calling thread. What counts is therefore `tasks` alone, from which the thread
    takes a task away when it is done; a lock that is released once too often, or is not, only costs a moment.
    """

    def __init__(self, owner):
        self._wake, self._done = threading.Lock(), threading.Lock()
        self._tasks = []
        arguments = self._wake, self._done, self._tasks
        self.thread = threading.Thread(target=_loop, args=arguments, name="tritrack-gym", daemon=True)
        self.thread.start()
        weakref.finalize(owner, _give, self._tasks, None, self._wake).atexit = False

    def begin(self, task):
        _give(self._tasks, task, self._wake)

    def wait(self):
        while self._tasks and self.thread.is_alive():
            if not self._done.acquire(timeout=_MOMENT):
                _release(self._wake)


#: Seconds after which a thread is looked at again that has not said that it is done.
_MOMENT = 0.05


def _give(tasks, task, wake):
    tasks.append(task)
    _release(wake)


def _release(lock):
    try:
        lock.release()
    except RuntimeError:
        pass  # it is free already


def _loop(wake, done, tasks):
    """A worker's thread: does its tasks until it is given None."""
    while True:
        wake.acquire()
        while tasks:
            if tasks[0] is None:
                return
            tasks[0].work()
            del tasks[0]
            _release(done)
