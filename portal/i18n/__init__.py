"""Names of models and their fields in the language of the page."""
