"""Writing back to SalesLoft.

    model.py     a push, as a YAML file says it
    desired.py   what should be: rows of the warehouse or of a file, validated
    actual.py    what is: our copy, and SalesLoft itself for just the records concerned; lately.py for very many
    ledger.py    what both sides last agreed on, and every intent and its answer
    plan.py      desired, actual, agreed  ->  changes, skips, conflicts (pure); cost.py: what they cost
    apply.py     changes  ->  SalesLoft, each with its intent in the ledger before the call and its answer after
    settle.py    what became of intents without an answer
    push.py      all of it, for people; desk.py and enrollment.py for cadences
    lookup.py    ids by name, remembered in cache.py

Nothing is written unless it is asked for: a dry run is what everything does by default.
"""
