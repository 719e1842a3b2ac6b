"""Run as `python launch.py command…`: tie this process to the supervisor's life, then become the command.

Only the standard library: it runs before every child, the simulator too, which knows no Django.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


def die_with_parent(parent):
    """Let the kernel kill this process when the thread that forked it ends (Linux; elsewhere nothing).

    parent: its process id. If it has died before we could ask, we end here: nobody would ever end us.

    The setting outlives exec, not fork. https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def name_process(name):
    """Give this process the name that ps and top show (Linux; 15 characters; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode(), 0, 0, 0)


def main():
    die_with_parent(int(os.environ["BP_SUPERVISOR"]))
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  the supervisor's own command, no shell


if __name__ == "__main__":
    main()
