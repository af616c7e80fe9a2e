"""
The table of the options of `scenario-run`: parser, settings, completion and reference read it.
"""
