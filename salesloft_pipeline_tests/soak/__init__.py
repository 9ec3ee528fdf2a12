"""A simulated day of everything together, many times as fast as a real one: `make soak`."""

HOW = """
- **Time.** SalesLoft, the receiver and the daemon go by one clock that runs at the speed asked for: what tells the
  time, what sleeps, the minutes of the budget. Computing takes as long as it takes, so at 200 times the speed a sync
  of three seconds lasts ten simulated minutes. Ticks that come meanwhile are over, as with Dagster's own scheduler:
  the sync comes as often as it can instead of every five minutes, and "minutes behind" is mostly that. For the same
  reason check Q14, which wants every resource read within twice its schedule, may fail its runs: those in which
  nothing else failed are counted apart.
- **Real.** The receiver, started by its command, killed with -9 and started again where it was. SalesLoft's webhooks,
  signed, posted, repeated four times within a minute, then given up. The definitions: every schedule is evaluated by
  its own cron and function, `webhook_landing_sensor`, `backlog_sensor` and the automation are asked, and what they ask
  for is run by Dagster with its instance, pools and tags, on Postgres.
- **Compressed.** Dagster's daemon, code server and launcher: one process asks, and runs one run after the other, each
  in a process that is forked for it. When it was killed, and its run with it, the next one marks the run as failed and
  frees its places, as Dagster's monitoring does. `failure_sensor` is not asked. A run ingests deliveries for two seconds
  of the machine's time: in its usual four minutes half a day would pass.
- **Ours.** Two schedules write back twice an hour: titles by `people_push_job`, and who is on a cadence. A person of
  the team does something every four minutes on average: adds, changes or deletes records, edits the source table. The
  simulated team itself sends emails, gets replies and bounces, calls, and moves on in its cadences. Of emails only
  those of the last four weeks are deleted: the nightly sweep asks for no older ones.
- **The day before**, everything is read once, by `main_job`.
- **The end.** SalesLoft stands still; each schedule that writes or reads is asked once more, and again until it has
  read everything, and the comparison of the mart with a whole build; a day later the snapshots once more, since the
  sums of a cadence are asked once a day. Then everything is compared, but two columns that SalesLoft turns without
  moving `updated_at`: `actions.due` and `imports.current_people_count` are as of their reading.
- **Memory and handles** are judged of the longest life of each process once it is warm (after 3.5 seconds of CPU, the
  receiver after one): what it holds at least in the second quarter of the rest, against the last. A life too short to
  tell is not judged. Of runs it is the most that each process held: by job, the first half of them against the second.
- **The allowance** is a tenth of the usual, as is the team.
"""
