"""The image queue: pictures wanted, worked by one process per device, so that a kill, a reload or a full disk loses nothing.

from tools.images.queue import ImageQueue, Order, drain
queue = ImageQueue(settings.home)
ids = queue.add("run-1", [Order(recipe, path, chosen("auto", settings))])
jobs = drain(queue, "run-1", settings, on_change=show, cancelled=lambda: False)
"""

from tools.images.queue.drain import drain
from tools.images.queue.errors import FolderTaken, NoSuchJob, QueueError, WrongState
from tools.images.queue.model import Job, Order, State, Told
from tools.images.queue.queue import ImageQueue
from tools.images.queue.work import work

__all__ = [
    "FolderTaken",
    "ImageQueue",
    "Job",
    "NoSuchJob",
    "Order",
    "QueueError",
    "State",
    "Told",
    "WrongState",
    "drain",
    "work",
]
