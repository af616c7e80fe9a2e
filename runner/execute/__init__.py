"""
Driving cases on an engine: facts are recorded, nothing is judged here.
"""
