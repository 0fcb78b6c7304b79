/*
 * peer.node: who is at the other end of a socket, which Node does not tell. A Node-API addon (version 8) beside the
 * shim: the same file is loaded by Node and by Electron. It keeps nothing, not even a descriptor.
 *
 * peer(fd) -> { pid, uid }: the process that made the connection, as the kernel noted it then. pid is 0 where it lives
 *   in a place that this process cannot see into. Throws an error with a code where fd is no such socket.
 * ended(fd) -> boolean: whether that process has ended, so that its pid may be another's by now. False also where the
 *   kernel does not tell (Linux before 6.5, macOS).
 * lock(fd) -> boolean: whether the open file is locked for it now; false where another one has locked the file. The lock
 *   lasts until the descriptor is closed, at the latest by the kernel at this process's end. Throws where it cannot be.
 * look(pid) -> what that process is; undefined where there is none, or where it is kept from us: another user's.
 *   Linux: { parent, startedAt, stamp, path }, startedAt in clock ticks, stamp another one for each program that it runs.
 *   macOS: { parent, startedAt, path, words, isTyped }, startedAt in microseconds, words its command line, isTyped whether
 *   its standard input is a device.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#ifdef __APPLE__
#include <libproc.h>
#include <sys/sysctl.h>
#include <sys/un.h>
#else
#include <poll.h>
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* since Linux 6.5; older headers do not have it */
#endif
#endif

enum { KNOWN = 0 };

/* ---- values; where one cannot be made an exception is pending, and nothing else matters ---- */

static napi_value number(napi_env env, int64_t value) {
  napi_value out = NULL;
  napi_create_int64(env, value, &out);
  return out;
}

static void set(napi_env env, napi_value object, const char *name, napi_value value) {
  if (value) napi_set_named_property(env, object, name, value);
}

static napi_value fail(napi_env env, int error) {
  const char *code = error == EBADF ? "EBADF" : error == ENOTSOCK ? "ENOTSOCK" : error == ENOLCK ? "ENOLCK" : "EPEER";
  napi_throw_error(env, code, strerror(error));
  return NULL;
}

/* False: an exception is pending. */
static bool take_number(napi_env env, napi_callback_info info, int32_t *out) {
  size_t count = 1;
  napi_value argument;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok && count >= 1 &&
      napi_get_value_int32(env, argument, out) == napi_ok)
    return true;
  napi_throw_type_error(env, "EINVAL", "a number is expected");
  return false;
}

/* ---- the peer ---- */

/* The error, or KNOWN. */
static int peer_of(int fd, pid_t *pid, uid_t *uid) {
#ifdef __APPLE__
  gid_t gid;
  socklen_t size = sizeof *pid;
  if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, pid, &size) != 0 || getpeereid(fd, uid, &gid) != 0) return errno;
#else
  struct ucred peer = {.pid = 0};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return errno;
  /* A socket that is connected to nobody, or no local one, has credentials of no one. */
  if (peer.uid == (uid_t)-1) return ENOTCONN;
  *pid = peer.pid;
  *uid = peer.uid;
#endif
  return KNOWN;
}

static napi_value peer(napi_env env, napi_callback_info info) {
  int32_t fd;
  pid_t pid = 0;
  uid_t uid = 0;
  napi_value out;
  if (!take_number(env, info, &fd)) return NULL;
  int error = peer_of(fd, &pid, &uid);
  if (error != KNOWN) return fail(env, error);
  if (napi_create_object(env, &out) != napi_ok) return NULL;
  set(env, out, "pid", number(env, pid));
  set(env, out, "uid", number(env, uid));
  return out;
}

static bool has_ended(int fd) {
#ifdef __APPLE__
  (void)fd;
  return false;
#else
  int process = -1;
  socklen_t size = sizeof process;
  /* Newer kernels give a descriptor of a process that is gone, older ones an error (ESRCH or EINVAL). */
  if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &process, &size) != 0) return errno != ENOPROTOOPT;
  struct pollfd wait = {.fd = process, .events = POLLIN};
  bool ended = poll(&wait, 1, 0) != 0;
  close(process);
  return ended;
#endif
}

static napi_value ended(napi_env env, napi_callback_info info) {
  int32_t fd;
  napi_value out = NULL;
  if (take_number(env, info, &fd)) napi_get_boolean(env, has_ended(fd), &out);
  return out;
}

/* ---- the lock ---- */

static napi_value lock(napi_env env, napi_callback_info info) {
  int32_t fd;
  napi_value out = NULL;
  if (!take_number(env, info, &fd)) return NULL;
  bool held = flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (!held && errno != EWOULDBLOCK) return fail(env, errno);
  napi_get_boolean(env, held, &out);
  return out;
}

/* ---- processes ---- */

static napi_value text(napi_env env, const char *value, size_t size) {
  napi_value out = NULL;
  napi_create_string_utf8(env, value, size, &out);
  return out;
}

#ifdef __APPLE__
/* A terminal, or nothing: a pipe, a socket and a file are none. */
static bool is_typed(pid_t pid) {
  struct vnode_fdinfo facts;
  int size = proc_pidfdinfo(pid, STDIN_FILENO, PROC_PIDFDVNODEINFO, &facts, sizeof facts);
  return size == sizeof facts && S_ISCHR(facts.pvi.vi_stat.vst_mode);
}

/* The command line: a count, the program's path, NULs up to the first word, and the words, each with a NUL. */
static napi_value words_of(napi_env env, pid_t pid) {
  int count, name[] = {CTL_KERN, KERN_PROCARGS2, pid};
  size_t size = 0;
  napi_value out;
  if (napi_create_array(env, &out) != napi_ok) return NULL;
  char *bytes = sysctl(name, 3, NULL, &size, NULL, 0) == 0 ? malloc(size) : NULL;
  if (bytes && sysctl(name, 3, bytes, &size, NULL, 0) == 0 && size > sizeof count) {
    memcpy(&count, bytes, sizeof count);
    const char *at = bytes + sizeof count, *end = bytes + size;
    while (at < end && *at) at++;
    while (at < end && !*at) at++;
    for (int i = 0; i < count && at < end; i++) {
      size_t length = strnlen(at, (size_t)(end - at));
      napi_value word = text(env, at, length);
      if (word) napi_set_element(env, out, (uint32_t)i, word);
      at += length + 1;
    }
  }
  free(bytes);
  return out;
}

static napi_value look(napi_env env, napi_callback_info info) {
  int32_t pid;
  struct proc_bsdinfo facts;
  char path[PROC_PIDPATHINFO_MAXSIZE];
  napi_value out;
  if (!take_number(env, info, &pid)) return NULL;
  int length = proc_pidpath(pid, path, sizeof path);
  if (length <= 0 || proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &facts, sizeof facts) != sizeof facts ||
      facts.pbi_uid != getuid() || napi_create_object(env, &out) != napi_ok)
    return NULL;
  set(env, out, "parent", number(env, facts.pbi_ppid));
  set(env, out, "startedAt", number(env, (int64_t)(facts.pbi_start_tvsec * 1000000 + facts.pbi_start_tvusec)));
  set(env, out, "path", text(env, path, (size_t)length));
  set(env, out, "words", words_of(env, pid));
  napi_value typed = NULL;
  napi_get_boolean(env, is_typed(pid), &typed);
  set(env, out, "isTyped", typed);
  return out;
}
#else
/* What is read of /proc/PID/stat (proc_pid_stat(5)). */
struct state {
  unsigned long long parent, started_at, stack_at, arguments_at;
};

enum { STATE_ROOM = 2048, FIRST_FIELD = 3, PARENT = 4, START_TIME = 22, START_STACK = 28, ARG_START = 48 };

/* Behind the command's name, which may hold anything, the fields stand with a space between them. */
static bool parse_state(const char *line, struct state *out) {
  const char *at = strrchr(line, ')');
  if (!at) return false;
  at += 1;
  for (int field = FIRST_FIELD; field <= ARG_START; field++) {
    if (*at != ' ') return false;
    const char *value = at + 1;
    at = strchrnul(value, ' ');
    unsigned long long *into = field == PARENT        ? &out->parent
                               : field == START_TIME  ? &out->started_at
                               : field == START_STACK ? &out->stack_at
                               : field == ARG_START   ? &out->arguments_at
                                                      : NULL;
    if (into) *into = strtoull(value, NULL, 10);
  }
  return true;
}

static bool read_state(pid_t pid, struct state *out) {
  char name[64], line[STATE_ROOM];
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t size = read(file, line, sizeof line - 1);
  close(file);
  if (size <= 0) return false;
  line[size] = 0;
  return parse_state(line, out);
}

static napi_value look(napi_env env, napi_callback_info info) {
  int32_t pid;
  struct state state;
  char name[64], path[PATH_MAX], stamp[64];
  napi_value out;
  if (!take_number(env, info, &pid) || !read_state(pid, &state)) return NULL;
  snprintf(name, sizeof name, "/proc/%d/exe", pid);
  /* A process that has ended runs no file, and another user's is kept from us. */
  ssize_t length = readlink(name, path, sizeof path);
  if (length <= 0 || length == sizeof path || napi_create_object(env, &out) != napi_ok) return NULL;
  /* Each program that it runs in turn has its stack and its arguments somewhere else. */
  int size = snprintf(stamp, sizeof stamp, "%llx.%llx.%llx", state.started_at, state.stack_at, state.arguments_at);
  set(env, out, "parent", number(env, (int64_t)state.parent));
  set(env, out, "startedAt", number(env, (int64_t)state.started_at));
  set(env, out, "stamp", text(env, stamp, (size_t)size));
  set(env, out, "path", text(env, path, (size_t)length));
  return out;
}
#endif

static void export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value out;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &out) == napi_ok) set(env, exports, name, out);
}

NAPI_MODULE_INIT() {
  export(env, exports, "peer", peer);
  export(env, exports, "ended", ended);
  export(env, exports, "lock", lock);
  export(env, exports, "look", look);
  return exports;
}
