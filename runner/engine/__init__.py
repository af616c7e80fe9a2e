"""
Container engines behind one contract: `contract` says what one must do, `docker` and `fake` do it.
"""
