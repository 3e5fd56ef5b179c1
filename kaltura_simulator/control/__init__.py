"""``/_control/``: what people and tests do to the simulator itself."""
