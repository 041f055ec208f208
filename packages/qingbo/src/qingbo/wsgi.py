"""The app for a WSGI server: ``granian --interface wsgi qingbo.wsgi:app``."""

import gc
from importlib import import_module

gc.disable()  # imported objects stay; scanning them for garbage takes a third of the start
app = import_module("qingbo.worker").start()
gc.freeze()
gc.enable()
