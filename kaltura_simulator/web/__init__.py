"""Plain HTTP: requests, answers, files and pages."""
