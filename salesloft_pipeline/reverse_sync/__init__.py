"""Writing back to SalesLoft.

    desired.py   what should be: rows of the warehouse or of a file, by a model, validated
    actual.py    what is: our copy, and SalesLoft itself for just the records concerned
    ledger.py    what both sides last agreed on, and every intent and its answer
    plan.py      desired, actual, agreed  ->  changes, skips, conflicts (pure)
    apply.py     changes  ->  SalesLoft, each with its intent in the ledger before the call and its answer after

Nothing is written unless it is asked for: a dry run is what everything does by default.
"""
