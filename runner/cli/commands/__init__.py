"""
What `scenario-run` can do: a module each, with a function `run` from the command to an exit code.
"""
