"""
What is known of a case: its facts, folded once. Pure; judge and explanations read it.
"""
