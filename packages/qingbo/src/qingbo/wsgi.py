"""The app for a WSGI server: ``granian --interface wsgi qingbo.wsgi:app``."""

from qingbo.app import create_app
from qingbo.mail.delivery import deliver_in_background
from qingbo.parent import end_with_parent

end_with_parent()
app = create_app()
deliver_in_background(app)
