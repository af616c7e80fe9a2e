"""
From checked files to cases: variables, matrix, selection. Pure but for looking at folders.
"""
