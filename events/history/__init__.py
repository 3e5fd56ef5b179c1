"""What planned objects were before, and how to put something of that back."""
