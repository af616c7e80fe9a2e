"""
What goes wrong with containers and signals, by number, and what helps; pure, no rule of judging.
"""
