"""
From results to text. Nothing here prints, reads a file or asks an engine.
"""
