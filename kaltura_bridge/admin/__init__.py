"""The Kaltura pages of the admin; importing them registers them."""

from kaltura_bridge.admin import doctor, orphans, plan, targets

__all__ = ["doctor", "orphans", "plan", "targets"]
