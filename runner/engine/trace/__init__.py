"""
Where the kernel's trace comes from: this machine's own tracefs, or a helper near the engine.

Both bring the same lines: those of the kernel, and after each birth in a PID namespace of its own
one that says who was born (see runner.observe.kernel_trace).
"""
