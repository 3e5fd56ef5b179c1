"""What a simulator remembers: objects, time, faults, requests, visits."""
