"""Where webhook deliveries wait between the receiver and the warehouse: append-only rows in SQLite or Postgres.

    receiver   land(arrivals)                       -> on the disk when it returns; the same delivery lands once
    ingestion  pending(rows_at_most, bytes_at_most) -> [Delivery], oldest first, bounded
               mark_ingested(ids)                      after its load is committed
               mark_quarantined({id: reason})          for what cannot be ingested; the body stays here
               pending_count(cap), oldest_pending()    is there work, and since when
    operator   redrive(reason), prune(before), counts(), quarantined()
    erasure    everything(), remove(ids)               for what names a person who is to be forgotten

Progress is a state on each row, never a position: rows become visible in another order than they were numbered, so
that a reader that remembers how far it came skips what was committed late. A reader that dies between load and mark
reads the same rows again, and recognises them by `digest`.

    landing = Landing("sqlite:///data/landing.sqlite")      # or postgresql://user@host/database; opens nothing
    while chunk := landing.pending(rows_at_most=20_000, bytes_at_most=64 << 20):
        load(chunk)
        landing.mark_ingested([delivery.id for delivery in chunk])
"""

from salesloft_pipeline.landing.rows import Arrival, Delivery, State
from salesloft_pipeline.landing.store import DeliveryRefused, Landing, LandingError

__all__ = ["Arrival", "Delivery", "DeliveryRefused", "Landing", "LandingError", "State"]
