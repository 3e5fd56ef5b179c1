"""The report pages. Each module lists its own: route, view and name, in ``PAGES``.

Every page asks for the person's own events; a guessed address helps nobody,
and is answered alike whether or not there is such an event.
"""
