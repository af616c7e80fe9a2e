"""
What Linux does with signals, masks and processes: pure, standard library only.

The oracle is a complete model, held against the kernel by `make grid` and `make walks`: it also
knows what no scenario asks for yet, as signals to one thread, the freezer, and side effects.
"""
