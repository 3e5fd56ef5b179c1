"""The WSGI application of the plain view: Django's own, with nothing of the portal's around it."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
