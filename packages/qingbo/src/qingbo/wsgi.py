"""The app for a WSGI server: ``granian --interface wsgi qingbo.wsgi:app``."""

from qingbo.app import create_app

app = create_app()
