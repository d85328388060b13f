# SPDX-License-Identifier: BSD-2-Clause
#
# Types its standard input into a shell on a terminal, and copies what the terminal shows until it has shown a text so many times.
# TEXT TIMES PROGRAM [ARGUMENT...]
import os
import pty
import select
import sys
import time

text, times = sys.argv[1].encode(), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
to_type = sys.stdin.buffer.read()
shown = b""
end = time.monotonic() + 150
while shown.count(text) < times and time.monotonic() < end:
    readable, writable, _ = select.select([terminal], [terminal] if to_type else [], [], 1)
    if writable:
        # Less than a terminal holds.
        typed = os.write(terminal, to_type[:256])
        to_type = to_type[typed:]
    if readable:
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            break
sys.stdout.buffer.write(shown)
sys.stdout.buffer.flush()
os.kill(pid, 9)
