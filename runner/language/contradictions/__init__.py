"""
What can never hold together: found when the file is read, not after a wait in vain.

A rule about the keys of one mapping stands in the model of that mapping. A rule that compares what
stands in two mappings stands here, by the mapping that holds both: a condition, a step, a scenario.
The first contradiction is told; those after it may only follow from it. What depends on the engine
or on the program under test is left to the run.
"""
