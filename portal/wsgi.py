"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_django = get_wsgi_application()

from events.caching.early_answers import EarlyAnswers  # noqa: E402  (needs the settings)
from kaltura_bridge.join.early_on_air import EarlyOnAir  # noqa: E402

application = EarlyOnAir(EarlyAnswers(_django))
