"""The Kaltura pages of the admin; importing them registers them."""

from kaltura_bridge.admin import captions, doctor, orphans, plan, targets, vendor_jobs

__all__ = ["captions", "doctor", "orphans", "plan", "targets", "vendor_jobs"]
