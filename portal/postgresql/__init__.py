"""Django's database backend for PostgreSQL, as web processes use it (``ENGINE`` names this)."""
