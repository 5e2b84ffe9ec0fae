// The system call filter of the sandbox, assembled by hand for the kernel's classic BPF.
//
// It takes away what builds and tests never need and what kernel holes are made of. ptrace stays, because the leak
// checkers of C, C++ and Swift stop at exit without it, and it reaches only processes of the same sandbox.
#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef NATIVE_ARCHITECTURE

// Calls newer than the build machine's headers have the same number on both architectures.
#define SINCE_5_0(name, number) enum { CALL_##name = number }
SINCE_5_0(io_uring_setup, 425);
SINCE_5_0(io_uring_enter, 426);
SINCE_5_0(io_uring_register, 427);
SINCE_5_0(open_tree, 428);
SINCE_5_0(move_mount, 429);
SINCE_5_0(fsopen, 430);
SINCE_5_0(fsconfig, 431);
SINCE_5_0(fsmount, 432);
SINCE_5_0(fspick, 433);
SINCE_5_0(clone3, 435);
SINCE_5_0(mount_setattr, 442);
SINCE_5_0(quotactl_fd, 443);
SINCE_5_0(open_tree_attr, 467);

static const unsigned refused[] = {
    // mounts and roots
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
    // namespaces; clone is looked at by its flags
    SYS_unshare, SYS_setns,
    // the kernel itself
    SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_bpf, SYS_perf_event_open, SYS_syslog, SYS_acct, SYS_quotactl, CALL_quotactl_fd, SYS_vhangup, SYS_fanotify_init,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    // clocks
    SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex,
    // keyrings, which are not part of any namespace
    SYS_keyctl, SYS_add_key, SYS_request_key,
    // faults in the kernel at a moment of the program's choosing
    SYS_userfaultfd,
    // files by number, past every path
    SYS_open_by_handle_at,
#ifdef __x86_64__
    SYS_iopl, SYS_ioperm, SYS_modify_ldt, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl, SYS_create_module,
    SYS_get_kernel_syms, SYS_query_module, SYS_nfsservctl, SYS_lookup_dcookie,
#endif
};

// Programs take "not implemented" as a hint to do it the older way.
static const unsigned unknown[] = {
    CALL_clone3, CALL_io_uring_setup, CALL_io_uring_enter, CALL_io_uring_register, CALL_open_tree, CALL_move_mount,
    CALL_fsopen, CALL_fsconfig, CALL_fsmount, CALL_fspick, CALL_mount_setattr, CALL_open_tree_attr,
};

#define COUNT(array) (sizeof(array) / sizeof(array[0]))
#define LENGTH_LIMIT 256
#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
// Both architectures are little-endian: the low half of an argument comes first.
#define ARGUMENT(index) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]))
#define WHEN(value, hit, miss) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (hit), (miss))
#define WHEN_ANY_BIT(mask, hit, miss) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (mask), (hit), (miss))
#define FAIL(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static size_t assemble(struct sock_filter *to) {
    size_t at = 0;
#define ADD(...)                                                        \
    do {                                                                \
        const struct sock_filter part[] = {__VA_ARGS__};                \
        memcpy(to + at, part, sizeof part);                             \
        at += COUNT(part);                                              \
    } while (0)

    // Another architecture's calls have other numbers, so none of them is let through.
    ADD(FIELD(arch), WHEN(NATIVE_ARCHITECTURE, 1, 0), FAIL(ENOSYS), FIELD(nr));
#ifdef __x86_64__
    ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), FAIL(ENOSYS)); // x32
#endif
    for (size_t i = 0; i < COUNT(refused); i++) ADD(WHEN(refused[i], 0, 1), FAIL(EPERM));
    for (size_t i = 0; i < COUNT(unknown); i++) ADD(WHEN(unknown[i], 0, 1), FAIL(ENOSYS));

    const unsigned namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
        | CLONE_NEWCGROUP;
    ADD(WHEN(SYS_clone, 0, 4), ARGUMENT(0), WHEN_ANY_BIT(namespaces, 0, 1), FAIL(EPERM), ALLOW);

    // Typing into the terminal that started us.
    ADD(WHEN(SYS_ioctl, 0, 5), ARGUMENT(1), WHEN(0x5412 /* TIOCSTI */, 1, 0), WHEN(0x541C /* TIOCLINUX */, 0, 1),
        FAIL(EPERM), ALLOW);

    // Only the plain personality, asking for it, 32-bit names, and fixed addresses as debuggers and sanitizers want.
    ADD(WHEN(SYS_personality, 0, 7), ARGUMENT(0), WHEN(0, 4, 0), WHEN(0xffffffff, 3, 0), WHEN(8, 2, 0),
        WHEN(0x40000, 1, 0), FAIL(EPERM), ALLOW);

    // Local, internet, and of netlink only routing, which is how programs list their interfaces.
    ADD(WHEN(SYS_socket, 0, 9), ARGUMENT(0), WHEN(1 /* AF_UNIX */, 6, 0), WHEN(2 /* AF_INET */, 5, 0),
        WHEN(10 /* AF_INET6 */, 4, 0), WHEN(16 /* AF_NETLINK */, 0, 2), ARGUMENT(2), WHEN(0, 1, 0), FAIL(EAFNOSUPPORT),
        ALLOW);
    ADD(ALLOW);
    return at;
}

size_t confinement_system_call_filter(uint8_t *buffer, size_t capacity) {
    struct sock_filter filter[LENGTH_LIMIT];
    _Static_assert(2 * (COUNT(refused) + COUNT(unknown)) + 48 <= LENGTH_LIMIT, "the filter fits its buffer");
    size_t size = assemble(filter) * sizeof(struct sock_filter);
    if (size > capacity) return 0;
    memcpy(buffer, filter, size);
    return size;
}

#else

size_t confinement_system_call_filter(uint8_t *buffer, size_t capacity) {
    (void)buffer;
    (void)capacity;
    return 0;
}

#endif
