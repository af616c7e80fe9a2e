"""
A whole run: images and evidence prepared, cases in parallel, verdicts in order.
"""
