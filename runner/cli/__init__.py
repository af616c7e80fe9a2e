"""
The command lines `scenario-run` and `scenario-doc`: the only room that prints or exits.
"""
