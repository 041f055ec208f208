"""The app for a WSGI server: ``granian --interface wsgi qingbo.wsgi:app``."""

import logging

from qingbo.app import create_app
from qingbo.doctor import make_private
from qingbo.mail.delivery import deliver_in_background
from qingbo.pageviews.counting import count_in_background
from qingbo.parent import end_with_parent
from qingbo.rendering.slugs import load_dictionaries
from qingbo.tasks import work_in_background

end_with_parent()
app = create_app()
for finding in make_private(app):
    logging.getLogger(__name__).warning("%s: %s. %s", finding.subject, finding.message, finding.remedy)
load_dictionaries()
deliver_in_background(app)
work_in_background(app)
count_in_background(app)
