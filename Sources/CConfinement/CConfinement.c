#define _GNU_SOURCE
#include "CConfinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

const uint64_t CONFINEMENT_RESOLVE_BENEATH = RESOLVE_BENEATH;
const uint64_t CONFINEMENT_RESOLVE_NO_MAGICLINKS = RESOLVE_NO_MAGICLINKS;
const uint64_t CONFINEMENT_RESOLVE_NO_SYMLINKS = RESOLVE_NO_SYMLINKS;
const uint64_t CONFINEMENT_RESOLVE_NO_XDEV = RESOLVE_NO_XDEV;
const int CONFINEMENT_O_PATH = O_PATH;

int confinement_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int confinement_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC);
}

int confinement_openat2(int directory, const char *path, int flags, uint32_t mode, uint64_t resolve) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned)flags;
    how.mode = mode;
    how.resolve = resolve;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int confinement_rename_new(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int confinement_limit_memory(pid_t process, uint64_t bytes) {
    const struct rlimit limit = {bytes, bytes};
    return prlimit(process, RLIMIT_DATA, &limit, NULL);
}

int confinement_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int confinement_pidfd_kill(int process) {
    return (int)syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
}
