"""Events and sessions made from others: copies, series, presets."""
