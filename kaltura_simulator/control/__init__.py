"""``/_control/``: JSON endpoints with which people and tests control the simulator."""
