// The system calls that Swift's Glibc module does not show: thin wrappers with the C library's manners, that is,
// -1 and errno on failure.
#ifndef CCONFINEMENT_H
#define CCONFINEMENT_H

#include <stdint.h>
#include <sys/types.h>

/// pipe2 with O_CLOEXEC.
int confinement_pipe(int ends[2]);

/// An unnamed file in memory, closed on exec.
int confinement_memory_file(const char *name);

/// openat2: resolution that the kernel keeps beneath `directory` when `resolve` says so.
int confinement_openat2(int directory, const char *path, int flags, uint32_t mode, uint64_t resolve);

extern const uint64_t CONFINEMENT_RESOLVE_BENEATH;
extern const uint64_t CONFINEMENT_RESOLVE_NO_MAGICLINKS;
extern const uint64_t CONFINEMENT_RESOLVE_NO_SYMLINKS;
extern const uint64_t CONFINEMENT_RESOLVE_NO_XDEV;

/// Opens a path without opening what it names; Swift lacks O_PATH.
extern const int CONFINEMENT_O_PATH;

/// renameat2 with RENAME_NOREPLACE.
int confinement_rename_new(int from_directory, const char *from, int to_directory, const char *to);

/// Limits the memory of its own that a running process, and each that it starts from then on, may have.
int confinement_limit_memory(pid_t process, uint64_t bytes);

/// A descriptor that becomes readable when the process has ended.
int confinement_pidfd_open(pid_t pid);

/// SIGKILL to the process that a descriptor of `confinement_pidfd_open` stands for, and to no other that got its number.
int confinement_pidfd_kill(int process);

/// A TCP socket that listens on `port` of any address in the network namespace of `process`, whose only interface is
/// loopback; closed on exec. Blocks for the moment that a short-lived child needs to enter the namespace.
int confinement_listen_in_namespace(pid_t process, uint16_t port);

/// Writes the sandbox's system call filter, as the kernel takes it, into `buffer`; its size in bytes, or 0 where this
/// machine's architecture has none or the buffer is too small.
size_t confinement_system_call_filter(uint8_t *buffer, size_t capacity);

#endif
