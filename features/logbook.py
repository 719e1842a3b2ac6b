"""Log lines of running steps, written in batches: ten lines or half a second, whichever is first.

Any other event of the feature takes the waiting lines along, so that the order is that of telling.
"""

import logging
import threading

from django.db import DatabaseError, connection

from buildpractical.lib.tenancy import as_workspace
from features import events, kinds
from features.models import Feature

logger = logging.getLogger(__name__)
BATCH_LINES = 10
BATCH_SECONDS = 0.5


class Logbook:
    """The waiting lines of one step. A line that rides with a change goes with it when that is rolled back."""

    def __init__(self, feature):
        self.feature = feature
        self.lock = threading.Lock()
        self.timed = threading.Lock()  # held while a batch is written by time
        self.waiting = []
        self.timer = None
        self.is_open = False

    def open(self):
        """Begin to be written by time too, and to ride with other events."""
        self.is_open = True
        events.waiting[self.feature.pk] = self.take

    def close(self):
        """Write what waits; nothing is written by time any more."""
        self.flush()
        with self.timed:  # lines that the timer has just taken are written too
            self.is_open = False
        if events.waiting.get(self.feature.pk) == self.take:
            del events.waiting[self.feature.pk]

    def line(self, what, **facts):
        """Note a line; of a book that is not open it is written at the tenth or by flush()."""
        data = kinds.checked("log", {"what": what, **facts})
        with self.lock:
            self.waiting.append(("log", data))
            full = len(self.waiting) >= BATCH_LINES
            if self.is_open and not full and self.timer is None:
                self.timer = threading.Timer(BATCH_SECONDS, self._by_time)
                self.timer.daemon = True
                self.timer.start()
        if full:
            self.flush()

    def take(self):
        """Return the waiting lines; they are the caller's to write."""
        with self.lock:
            taken, self.waiting = self.waiting, []
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None
        return taken

    def flush(self):
        """Write what waits, in a transaction of its own; quiet when the feature is gone."""
        if not self.waiting:
            return
        try:
            with as_workspace(self.feature.workspace_id):
                # Locked first, taken then: whoever takes later lines writes them later too.
                Feature.objects.select_for_update().filter(pk=self.feature.pk).first()
                if lines := self.take():
                    events.write_lines(self.feature, lines)
        except Feature.DoesNotExist:
            logger.info("Log of a deleted feature", extra={"feature": self.feature.pk})
        except DatabaseError:  # a log holds no step up
            logger.warning("Log lines were not written", extra={"feature": self.feature.pk})

    def _by_time(self):
        with self.lock:
            self.timer = None  # also when this fails: the next line starts one again
        try:
            with self.timed:
                self.flush()
        finally:
            connection.close()
