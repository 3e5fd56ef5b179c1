"""What the report pages say: figures, what they mean, charts, people, and how complete it is."""
