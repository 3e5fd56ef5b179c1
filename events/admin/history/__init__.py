"""History pages of the admin."""
