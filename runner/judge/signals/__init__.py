"""
What was predicted for each signal of a case, and what became of it.
"""
