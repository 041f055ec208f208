"""Draining a worker: no signal of the main process is lost."""

import subprocess
import sys

import pytest

WORKER = """
import os, socket, sys
from flask import Flask
from qingbo import draining

draining.hold_signals()
app = Flask("blog")
app.add_url_rule("/", view_func=lambda: "a page")
listening = socket.create_server(("127.0.0.1", 0))

def tell():
    os.kill(os.getpid(), getattr(draining, sys.argv[2]))

def answer():
    return app.test_client().get("/").headers.get("Connection")

if sys.argv[1] == "early":
    tell()
draining.drain_on_signals(app, listening.fileno())
if sys.argv[1] == "late":
    tell()
while answer() != "close":
    pass
while draining.is_stopping() != (sys.argv[2] == "STOPPING"):
    pass
print("closes its connections")
"""


@pytest.mark.parametrize("signal", ["REPLACED", "STOPPING"])
@pytest.mark.parametrize("when", ["early", "late"])
def test_a_worker_hears_what_it_was_told_while_it_started(when: str, signal: str) -> None:
    command = [sys.executable, "-c", WORKER, when, signal]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "closes its connections\n"
