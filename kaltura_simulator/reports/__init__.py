"""Reports about what people watched, computed from their visits."""
