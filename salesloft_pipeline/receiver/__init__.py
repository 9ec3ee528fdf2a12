"""The door: the only room that the internet reaches. It verifies, lands, answers, and nothing else.

    proxy (TLS)  ->  guard      cuts heads that are slow, endless or too long
                     app        signature, body within limits, one answer for every case
                     writer     all that came meanwhile in one commit  ->  landing
                 <-  200 after the commit; 503 when it did not happen in time: SalesLoft asks again in 15 seconds

A genuine delivery lands whatever it holds; what is odd about it is told to the ingestion by its flags. It answers
when warehouse and Dagster are down. One process serves one SQLite file; several serve one Postgres.

    salesloft-pipeline receiver     runs it; see config.py for what it refuses to start with
"""

from salesloft_pipeline.receiver.app import WEBHOOKS, create_app
from salesloft_pipeline.receiver.config import DEMO_TOKEN, Limits, ReceiverConfig, config_of, tokens_of
from salesloft_pipeline.receiver.serve import ReceiverError, run_receiver

__all__ = [
    "DEMO_TOKEN",
    "WEBHOOKS",
    "Limits",
    "ReceiverConfig",
    "ReceiverError",
    "config_of",
    "create_app",
    "run_receiver",
    "tokens_of",
]
