"""Files of other systems as rows: tables, workbooks, map data; where they lie, which column is what, what is taken. Pure.

A file is opened only by jobs and commands: it may be large, damaged or made to do harm.
"""
