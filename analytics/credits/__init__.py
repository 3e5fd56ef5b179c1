"""Credits for attendance: who earned what by which rule, certificates and appeals."""
