"""The WSGI entry, for `manage.py web` and for any other WSGI server."""

import os

from config.reading import wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # noqa: TID251

application = wsgi_application()
