"""
From facts to verdicts: a pure function of the case and its timeline.

No clock, no engine, no I/O. The executor asks the same matchers when it may stop waiting.
"""
