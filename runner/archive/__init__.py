"""
Results as JSON, and back: the one place where records become JSON.
"""
