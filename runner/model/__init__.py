"""
The frozen records that flow from room to room: cases, observations, verdicts, results.

Pure, standard library only. Nothing here reads, sends, waits or prints.
"""
