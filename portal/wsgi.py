"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from portal.early_answers import EarlyAnswers  # noqa: E402  (needs the settings, as its parts do)

application = EarlyAnswers(application)
