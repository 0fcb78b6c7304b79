/* Where the daemon is on Linux and macOS, and the way to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __APPLE__
#include <pwd.h>
#endif

#include "posix-parts.h"
#include "shim.h"

char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE], answered_at[PATH_SIZE];
int channel = -1;
static char home[PATH_SIZE], socket_path[PATH_SIZE], endpoint_path[PATH_SIZE];

static const char *absolute(const char *name) {
  const char *value = getenv(name);
  return value && *value == '/' ? value : NULL; /* relative ones are ignored, as the XDG rules say */
}

/* The home folder that the user database names, "" none. A static C library knows no other database than this file. */
static const char *registered_home(void) {
#ifdef __APPLE__
  struct passwd *user = getpwuid(geteuid());
  return user ? user->pw_dir : "";
#else
  static char fields[2][PATH_SIZE]; /* the uid (the third of a line) and the home folder (the sixth) */
  char bytes[1024];
  size_t field = 0, sizes[2] = {0, 0};
  int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
    for (char *c = bytes; c < bytes + n; c++) {
      bool is_home = field == 5;
      if (*c == '\n') {
        fields[0][sizes[0]] = fields[1][sizes[1]] = 0;
        if (same(fields[0], decimal(geteuid()))) return close(fd), fields[1];
        field = sizes[0] = sizes[1] = 0;
      } else if (*c == ':') {
        field++;
      } else if ((field == 2 || is_home) && sizes[is_home] < PATH_SIZE - 1) {
        fields[is_home][sizes[is_home]++] = *c;
      }
    }
  close(fd);
  return "";
#endif
}

void find_places(void) {
  const char *value = absolute("HOME"), *own_home = getenv("EVERCRED_HOME");
  char runtime[PATH_SIZE];
  JOIN(home, value ? value : registered_home());
  if (*home != '/') FAIL(USAGE, "HOME is not set, and the user database does not know you. Set HOME.");
  if (own_home && *own_home) {
    if (*own_home != '/') FAIL(USAGE, "EVERCRED_HOME is not an absolute path. Set it to one, or unset it.");
    JOIN(runtime, own_home, "/run");
    JOIN(state_path, own_home, "/state"); /* and no endpoint file of elsewhere */
  } else {
#ifdef __APPLE__
    JOIN(state_path, home, "/Library/Application Support/Evercred");
    JOIN(runtime, state_path, "/run");
    JOIN(log_path, home, "/Library/Logs/Evercred/evercred.log");
#else
    struct stat s;
    const char *uid = decimal(geteuid());
    JOIN(runtime, "/run/user/", uid);
    if ((value = absolute("XDG_RUNTIME_DIR"))) JOIN(runtime, value, "/evercred");
    else if (lstat(runtime, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid()) strcat(runtime, "/evercred");
    else JOIN(runtime, "/tmp/evercred-", uid);
    if ((value = absolute("XDG_STATE_HOME"))) JOIN(state_path, value, "/evercred");
    else JOIN(state_path, home, "/.local/state/evercred");
#endif
    JOIN(endpoint_path, state_path, "/endpoint");
  }
  JOIN(socket_path, runtime, "/daemon.sock");
  JOIN(stopped_path, runtime, "/stopped");
  if (!*log_path) JOIN(log_path, state_path, "/evercred.log");
}

void refuse_strangers(void) {
  struct stat s;
  if (geteuid() == 0 && getenv("SUDO_UID")) FAIL(USAGE, "Run this as yourself, without sudo.");
  if (stat(home, &s) == 0 && s.st_uid != geteuid())
    FAIL(USAGE, "HOME belongs to another user: ", home, ". Set HOME to your own directory.");
}

/* Ends the program if others could have made, changed or opened what stands at this path. */
static void require_private(const struct stat *s, mode_t kind, const char *path) {
  const char *wrong = S_ISLNK(s->st_mode)              ? "is a symbolic link"
                      : (s->st_mode & S_IFMT) != kind  ? "is not what belongs there"
                      : s->st_uid != geteuid()         ? "belongs to another user"
                      : (s->st_mode & 077) != 0        ? "is open to other users"
                                                       : NULL;
  if (wrong) FAIL(UNREACHABLE, path, " ", wrong, ". Remove it, then try again.");
}

static bool peer_is_me(void) {
#ifdef __APPLE__
  uid_t uid;
  gid_t gid;
  return getpeereid(channel, &uid, &gid) == 0 && uid == geteuid();
#else
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
#endif
}

void disconnect(void) {
  if (channel >= 0) close(channel);
  channel = -1;
}

int connect_to(const struct sockaddr *address, socklen_t size) {
  int result;
#ifdef __APPLE__
  channel = socket(address->sa_family, SOCK_STREAM, 0);
  if (channel >= 0) fcntl(channel, F_SETFD, FD_CLOEXEC);
#else
  channel = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
#endif
  do result = channel < 0 ? -1 : connect(channel, address, size);
  while (result != 0 && errno == EINTR);
  if (result == 0) return 0;
  int error = errno;
  disconnect();
  return error;
}

/* Never cut: a path that is too long ends the program. */
static struct sockaddr_un address_of(const char *path, const char *remedy) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    FAIL(UNREACHABLE, "The path of the socket is too long for this system: ", path, ". ", remedy);
  strcpy(address.sun_path, path);
  return address;
}

static bool reach_at(const char *path) {
  struct sockaddr_un address = address_of(path, "Set EVERCRED_HOME or XDG_RUNTIME_DIR to a shorter one.");
  struct stat s;
  char *slash = strrchr(address.sun_path, '/');
  *slash = 0; /* first the folder alone */
  if (lstat(address.sun_path, &s) != 0) return false;
  require_private(&s, S_IFDIR, address.sun_path);
  *slash = '/';
  if (lstat(path, &s) != 0) return false;
  require_private(&s, S_IFSOCK, path);
  int error = connect_to((struct sockaddr *)&address, sizeof address);
  if (error == ECONNREFUSED || error == ENOENT) return false;
  if (error) FAIL(UNREACHABLE, "Evercred cannot be reached at ", path, ": ", strerror(error), ".");
  if (!peer_is_me()) FAIL(UNREACHABLE, "Another user answers at ", path, ". Remove it, then try again.");
  strcpy(answered_at, path);
  return true;
}

/* The daemon's own note of where it listens helps a caller whose environment points elsewhere (cron, su -). */
bool reach(void) {
  char path[PATH_SIZE];
  struct stat s;
  if (reach_at(socket_path)) return true;
  if (!*endpoint_path) return false;
  int fd = open(endpoint_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 && lstat(endpoint_path, &s) != 0) return false;
  if (fd >= 0 && fstat(fd, &s) != 0) return false;
  require_private(&s, S_IFREG, endpoint_path);
  ssize_t size = read(fd, path, sizeof path - 1);
  close(fd);
  path[size > 0 ? size : 0] = 0;
  path[strcspn(path, "\n")] = 0;
  return *path == '/' && !same(path, socket_path) && reach_at(path);
}

const char *reach_socket(const char *path) {
  struct sockaddr_un address = address_of(path, "Mount the bridge's folder at a shorter one.");
  int error = connect_to((struct sockaddr *)&address, sizeof address);
  return error ? strerror(error) : NULL;
}
