// The kernel's Landlock and seccomp calls for Swift. Swift does not import syscall() and prctl(), which take any number
// of arguments, and Debian 12's headers stop at Landlock's second version.
#ifndef CLOISTER_SANDBOX_SHIM_H
#define CLOISTER_SANDBOX_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// fcntl.h has this only if _GNU_SOURCE is set.
#ifndef O_PATH
#define O_PATH 010000000
#endif

// struct landlock_ruleset_attr of version 6.
struct csandbox_ruleset {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};

static inline int csandbox_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

// Landlock's version; less than 1 if the kernel has none.
static inline int csandbox_landlock_version(void) {
  return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static inline int csandbox_ruleset(struct csandbox_ruleset *rules, size_t size) {
  return (int)syscall(SYS_landlock_create_ruleset, rules, size, 0);
}

static inline int csandbox_allow(int ruleset, uint64_t rights, int path) {
  struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = path};
  return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static inline int csandbox_restrict(int ruleset) { return (int)syscall(SYS_landlock_restrict_self, ruleset, 0); }

static inline int csandbox_open_path(const char *path) { return open(path, O_PATH | O_CLOEXEC); }

#if defined(__x86_64__)
#define CSANDBOX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CSANDBOX_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

// Refuses, with EPERM and for every thread, the calls that could send anything, look into another process or start a
// program.
static inline int csandbox_refuse_calls(void) {
  static const uint32_t refused[] = {
      SYS_socket,         SYS_connect,          SYS_bind,          SYS_listen,          SYS_accept,
      SYS_accept4,        SYS_sendto,           SYS_sendmsg,       SYS_sendmmsg,        SYS_recvfrom,
      SYS_recvmsg,        SYS_recvmmsg,         SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
      SYS_ptrace,         SYS_process_vm_readv, SYS_process_vm_writev, SYS_bpf,         SYS_execve,
      SYS_execveat,       SYS_pidfd_getfd,
  };
  enum { count = sizeof refused / sizeof refused[0] };
  struct sock_filter filter[count + 8];
  unsigned short next = 0;
  filter[next++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  filter[next++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CSANDBOX_ARCHITECTURE, 1, 0);
  filter[next++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  filter[next++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  // The x32 calls of x86-64 have their own numbers.
  filter[next++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, count + 1, 0);
  for (unsigned short call = 0; call < count; call++)
    filter[next++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[call], count - call, 0);
  filter[next++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[next++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog program = {.len = next, .filter = filter};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

// The functions below try what the sandbox refuses, by direct system calls: no program of ours links a network
// function.
static inline int csandbox_try_socket(int family, int kind) { return (int)syscall(SYS_socket, family, kind, 0); }

static inline int csandbox_try_connect(int socket) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0x0900, .sin_addr = {0x0100007f}};
  return (int)syscall(SYS_connect, socket, &address, sizeof address);
}

static inline int csandbox_try_uring(void) { return (int)syscall(SYS_io_uring_setup, 1, NULL); }

static inline int csandbox_try_trace(void) { return (int)syscall(SYS_ptrace, 0, 0, 0, 0); }

static inline int csandbox_try_program(void) {
  const char *none[] = {NULL};
  return (int)syscall(SYS_execve, "/bin/true", none, none);
}

#endif
