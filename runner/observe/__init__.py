"""
From raw bytes to observations: the probe's answers and the container's output.
"""
