"""Reports: what people watched, counted from their visits."""
