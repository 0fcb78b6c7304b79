/* Where the daemon is: the variables, the user database, and the daemon's own note. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "port.h"

enum { ME = 1000, PASSWD = 10, NOTE = 11, SOCKET = 12 };

static char home_given[200], runtime_given[200], state_given[200], own_given[PATH_SIZE + 100];
static const uint8_t *passwd, *note;
static size_t passwd_left, note_left;
static uint8_t facts, folder, file; /* folder, file: what is wrong with it: 1 another's, 2 open to others, 4 of another kind */
static size_t seen_private; /* how many of the two that must be have been looked at */

static char *fake_getenv(const char *name) {
  char *value = same(name, "HOME")              ? home_given
                : same(name, "XDG_RUNTIME_DIR") ? runtime_given
                : same(name, "XDG_STATE_HOME")  ? state_given
                : same(name, "EVERCRED_HOME")   ? own_given
                                                : "";
  return *value ? value : NULL;
}

static int fake_open(const char *path, int flags) {
  if (same(path, "/etc/passwd")) return PASSWD;
  require(flags & O_NOFOLLOW, "no link leads to the daemon");
  return facts & 1 ? NOTE : -1;
}

static ssize_t fake_read(int fd, void *out, size_t size) {
  const uint8_t **at = fd == PASSWD ? &passwd : &note;
  size_t *left = fd == PASSWD ? &passwd_left : &note_left;
  if (fd != PASSWD && fd != NOTE) return -1;
  if (*left < size) size = *left;
  memcpy(out, *at, size);
  *at += size;
  *left -= size;
  return (ssize_t)size;
}

/* A socket ends in .sock; all else is a folder. */
static int fake_lstat(const char *path, struct stat *s) {
  size_t size = strlen(path);
  bool is_socket = size > 5 && same(path + size - 5, ".sock");
  memset(s, 0, sizeof *s);
  uint8_t wrong = (is_socket ? file : folder) & 7;
  s->st_uid = wrong & 1 ? ME + 1 : ME;
  s->st_mode = (wrong & 4 ? S_IFLNK : is_socket ? S_IFSOCK : S_IFDIR) | (wrong & 2 ? 0750 : 0700);
  seen_private = wrong ? 0 : seen_private + 1;
  return facts & 2 ? -1 : 0;
}

static int fake_fstat(int fd, struct stat *s) {
  memset(s, 0, sizeof *s);
  s->st_uid = facts & 32 ? ME + 1 : ME;
  s->st_mode = S_IFREG | 0600;
  return fd == NOTE ? 0 : -1;
}

static int fake_connect(int fd, const struct sockaddr *address, socklen_t size) {
  const struct sockaddr_un *to = (const struct sockaddr_un *)address;
  require(fd == SOCKET && size == sizeof *to, "an address is whole");
  require(memchr(to->sun_path, 0, sizeof to->sun_path) != NULL, "a socket's path has an end");
  require(*to->sun_path == '/', "a socket is named by its whole path");
  require(seen_private >= 2, "a socket and its folder are the user's alone");
  errno = facts & 64 ? ECONNREFUSED : facts & 128 ? EACCES : 0;
  return errno ? -1 : 0;
}

static int fake_getsockopt(void *out, const socklen_t *size) {
  require(*size == sizeof(struct ucred), "there is room for who it is");
  ((struct ucred *)out)->uid = facts & 16 ? ME + 1 : ME;
  return 0;
}

#define getenv fake_getenv
#define open fake_open
#define read fake_read
#define close(fd) ((void)(fd))
#define lstat fake_lstat
#define stat(path, s) fake_lstat(path, s)
#define fstat fake_fstat
#define geteuid() ((uid_t)ME)
#define socket(...) SOCKET
#define connect fake_connect
#define getsockopt(fd, level, name, out, size) fake_getsockopt(out, size)
#include "posix-endpoint.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *words[] = {"evercred", "status", NULL};
  input_at = data;
  input_left = size;
  facts = take_byte();
  folder = take_byte();
  file = take_byte();
  text_part(home_given, sizeof home_given);
  text_part(runtime_given, sizeof runtime_given);
  text_part(state_given, sizeof state_given);
  text_part(own_given, sizeof own_given);
  passwd_left = take_part(&passwd);
  note_left = take_part(&note);
  *endpoint_path = *log_path = *answered_at = 0;
  seen_private = 0;
  bridge_given = NULL;
  chunk = 0;
  run_to_its_end(2, words);
  require(!*answered_at || !(facts & 16), "who answers is the user");
  disconnect();
  return 0;
}
