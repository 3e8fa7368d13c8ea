"""seccomp (Linux 3.5): the calling process gives up system calls by which it could reach beyond itself, for ever.

A list of what is refused, not of what is allowed: decoders and the C library change what they call with each release, and
a decoder that is killed for a harmless call would be told to a county as a damaged file. What is refused answers EPERM.
Numbers are those of `asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (AArch64), which never change. The program is
classic BPF over `struct seccomp_data` (kernel: `include/uapi/linux/seccomp.h`).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

_SET_SECCOMP, _FILTER = 22, 2
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""AUDIT_ARCH of the machine and its column in the tables below."""
_X32 = 0x40000000
"""From this number on x86-64 has a second set of the same calls."""
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the network
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242),
    # programs and other processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "migrate_pages": (256, 238), "move_pages": (279, 239), "mq_open": (240, 180),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),
    # what Landlock does not know: owners, modes, times and further names of files, files by handle
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "mknod": (133, None), "mknodat": (259, 33), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "quotactl": (179, 60), "quotactl_fd": (443, 443), "acct": (163, 89),
    "swapon": (167, 224), "swapoff": (168, 225), "fanotify_init": (300, 262), "file_setattr": (469, 469),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    # parts of the kernel that no decoder needs, and through which many have been left
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "personality": (135, 92), "modify_ldt": (154, None), "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42), "iopl": (172, None), "ioperm": (173, None),
    # the machine
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "sethostname": (170, 161), "setdomainname": (171, 162),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "syslog": (103, 116), "vhangup": (153, 58),
}  # fmt: skip
_OF_ITSELF = {"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131)}
"""Allowed when the first argument is the process itself: `abort` is done so."""
_OF_ITSELF_OR_0 = {"prlimit64": (302, 261), "sched_setaffinity": (203, 122)}
"""These also when it is 0, which means the same."""
_CLONE, _CLONE3, _IOCTL = (56, 220), (435, 435), (16, 29)
_CLONE_THREAD = 0x10000
_TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: they type into the terminal that somebody sits at."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND = 0, 4, 16, 24
"""Where in `seccomp_data` they stand; of arguments the lower half, since both machines are little-endian."""
_ALLOW = 0x7FFF0000
_EPERM, _ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_known() -> bool:
    """Whether there are numbers for this machine."""
    return platform.machine() in _MACHINES


def restrict() -> None:
    """The caller has one thread and has set PR_SET_NO_NEW_PRIVS. Raises OSError where the system has no seccomp."""
    code = b"".join(_program(os.getpid()))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _program(own: int) -> Iterator[bytes]:
    if not is_known():
        raise OSError(errno.ENOSYS, f"seccomp: no numbers of system calls for {platform.machine()}")
    architecture, column = _MACHINES[platform.machine()]
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _EPERM)  # another machine's calls on this one, as 32-bit programs make them
    yield _step(_LOAD, _NUMBER)
    if column == 0:
        yield from _refuse(_AT_LEAST, _X32)
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            yield from _refuse(_EQUAL, number)
    # Its flags lie in memory, where no filter sees them; told that there is no such call, the C library takes `clone`.
    yield from _refuse(_EQUAL, _CLONE3[column], _ENOSYS)
    yield from _unless(_CLONE[column], _FIRST, ((_ANY_BIT, _CLONE_THREAD),))
    for numbers in _OF_ITSELF.values():
        yield from _unless(numbers[column], _FIRST, ((_EQUAL, own),))
    for numbers in _OF_ITSELF_OR_0.values():
        yield from _unless(numbers[column], _FIRST, ((_EQUAL, own), (_EQUAL, 0)))
    yield _step(_EQUAL, _IOCTL[column], 0, 1 + 2 * len(_TERMINAL_INPUT))
    yield _step(_LOAD, _SECOND)
    for command in _TERMINAL_INPUT:
        yield from _refuse(_EQUAL, command)
    yield _step(_RETURN, _ALLOW)


def _refuse(test: int, value: int, answer: int = _EPERM) -> Iterator[bytes]:
    yield _step(test, value, 0, 1)
    yield _step(_RETURN, answer)


def _unless(number: int, argument: int, allowed: tuple[tuple[int, int], ...]) -> Iterator[bytes]:
    """That call is refused unless its argument passes one of the tests. The call's number stays loaded otherwise."""
    yield _step(_EQUAL, number, 0, 2 + 2 * len(allowed))
    yield _step(_LOAD, argument)
    for test, value in allowed:
        yield _step(test, value, 0, 1)
        yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _EPERM)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One `struct sock_filter`; jumps count steps."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
