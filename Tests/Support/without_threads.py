"""Runs a program that can start no thread, as in containers whose seccomp profile is too old: clone3 does not exist there, and clone is forbidden.

  without_threads.py PROGRAM [ARGUMENT ...]
"""

import ctypes
import errno
import os
import platform
import struct
import sys

CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]
CLONE3 = 435
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000


def step(code: int, value: int, then: int = 0, other: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, other, value)


steps = [
    step(LOAD, 0),
    step(EQUALS, CLONE3, 0, 1), step(RETURN, FAIL | errno.ENOSYS),
    step(EQUALS, CLONE, 0, 1), step(RETURN, FAIL | errno.EPERM),
    step(RETURN, ALLOW),
]  # fmt: skip
code = ctypes.create_string_buffer(b"".join(steps))


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)
program = Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(program), 0, 0) != 0:
    sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[1], sys.argv[1:])
