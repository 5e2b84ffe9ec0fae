// A listening socket in another network namespace.
//
// Only a process of one thread may enter a user namespace, so a child does, and hands the socket back. Between fork and
// _exit it does nothing but system calls, since other threads' locks may be held in its copy of the memory.
#define _GNU_SOURCE
#include "CConfinement.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int send_descriptor(int to, int descriptor) {
    char byte = 0;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_descriptor(int from) {
    char byte;
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    ssize_t count;
    do count = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    struct cmsghdr *header = count == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        errno = EPERM;
        return -1;
    }
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

static int listen_here(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    // Not the loopback address itself, which does not exist before the interface is up; there is no other interface.
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = INADDR_ANY}};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0 || listen(descriptor, 64) != 0) return -1;
    return descriptor;
}

int confinement_listen_in_namespace(pid_t process, uint16_t port) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)process);
    int network = open(path, O_RDONLY | O_CLOEXEC);
    if (network < 0) return -1;
    // The user namespace that owns the network, which may lie above the process's own.
    int users = ioctl(network, NS_GET_USERNS);
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        close(network);
        if (users >= 0) close(users);
        return -1;
    }
    pid_t child = fork();
    if (child == 0) {
        // Root may enter at once; an ordinary user has the right only inside the user namespace that it made.
        if (setns(network, CLONE_NEWNET) != 0
            && (users < 0 || setns(users, CLONE_NEWUSER) != 0 || setns(network, CLONE_NEWNET) != 0))
            _exit(1);
        int descriptor = listen_here(port);
        _exit(descriptor >= 0 && send_descriptor(ends[1], descriptor) == 0 ? 0 : 2);
    }
    close(ends[1]);
    close(network);
    if (users >= 0) close(users);
    int descriptor = -1;
    if (child > 0) {
        descriptor = receive_descriptor(ends[0]);
        int reason = errno;
        int status;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        errno = reason;
    }
    close(ends[0]);
    return descriptor;
}
