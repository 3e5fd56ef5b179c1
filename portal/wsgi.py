"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_django = get_wsgi_application()

from events.caching.early_answers import EarlyAnswers  # noqa: E402  (needs the settings)
from events.caching.early_shared import EarlyShared  # noqa: E402

# What pages ask that wait for a broadcast, and all that are open about messages.
_SHARED = ("/join/on-air/", "/messages/now/")
application = EarlyShared(EarlyAnswers(_django), _SHARED)
