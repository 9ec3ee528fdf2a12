"""What the writes do, list by list; api/writes.py says which there are."""
