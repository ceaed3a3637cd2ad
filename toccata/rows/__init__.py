"""Files of rows as tasks hand them on: Amazon Ion text, one value a line.

write/  rows to lines
read/   lines, or any other Ion, to rows

It imports nothing of Toccata and nothing heavy, because child processes of plugins start with it. A line that holds no timestamp,
no bytes and no odd number is JSON too, so programs that know no Ion read it.
"""
