"""Assets, checks, jobs, schedules and sensors, as Dagster sees them; and light, because everybody imports them.

The webserver, the daemon, each run and each step import all of this. What does the work (dlt, pandas, pyarrow,
SQLAlchemy, the engines, the reports) is therefore imported by the body that works with it, so that a process pays for
what it does and for nothing else; what only annotations name is imported for the type checker. test_architecture.py
lists what may not be loaded.
"""
