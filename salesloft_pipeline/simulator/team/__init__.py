"""The truth: a sales team that works, as columns of numbers that move with time.

engine.build(sizes, now) ─► State: tables + agenda ─► engine.run(state, until) ─► changed tables
"""
