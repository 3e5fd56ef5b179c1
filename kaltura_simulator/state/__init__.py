"""What a simulator remembers: objects, time, trouble, requests, visits."""
