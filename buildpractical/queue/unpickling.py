"""Reads the queue's pickles without letting them run anything (jobs.md §10).

Messages are signed, task rows are not; a signature protects only as long as SECRET_KEY does. Ours hold
numbers, text and times.
"""

import io
import pickle  # noqa: S403  restricted below

from django_q.signing import BadSignature, PickleSerializer
from picklefield import fields


class PlainUnpickler(pickle.Unpickler):
    """Knows plain values and times; every other name is refused before it is looked up."""

    def find_class(self, module, name):
        if module != "datetime" or name not in {"datetime", "timedelta", "timezone"}:
            raise BadSignature(f"{module}.{name}")
        return super().find_class(module, name)


def loads(data):
    """Return the plain value.

    Raises BadSignature alone: the pusher drops such a message, any other error kills the pusher.
    """
    try:
        return PlainUnpickler(io.BytesIO(data)).load()
    except BadSignature:
        raise
    except Exception as error:
        raise BadSignature("not a pickle") from error


def restrict():
    """Put loads() in the place of pickle's, in messages and in columns of task rows."""
    PickleSerializer.loads = staticmethod(loads)
    fields.loads = loads
