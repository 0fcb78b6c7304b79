/* The shim on Linux and macOS. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#include <pwd.h>
#else
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "shim.h"

enum { MAX_VARIABLES = 1 << 14 };
extern char **environ;
char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE], answered_at[PATH_SIZE];
static char home[PATH_SIZE], socket_path[PATH_SIZE], endpoint_path[PATH_SIZE];
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction signals_before[SIGNALS];
static volatile sig_atomic_t echo_off; /* by us */
static struct termios echo_on;
static int channel = -1;
static char wanted; /* what of stdin the daemon waits for: 0 nothing, ' ' all, 'l' a line */
static size_t line_size, input_from, input_to;
static unsigned char input[HEAD + CHUNK]; /* one I frame */
static pid_t launched;

static void show_echo(void) {
  if (!echo_off) return;
  tcsetattr(0, TCSANOW, &echo_on);
  echo_off = 0;
}

void leave(int code) {
  show_echo();
  _exit(code);
}

static void on_signal(int number) {
  if (echo_off) (void)!write(2, "\n", 1);
  leave(128 + number);
}

/* EPIPE is quiet, as a program that SIGPIPE ends is. What cannot be said on stderr is not said. */
void write_out(int fd, const void *data, size_t size) {
  for (const char *at = data; size;) {
    ssize_t n = write(fd, at, size);
    if (n >= 0) {
      at += n;
      size -= (size_t)n;
    } else if (errno == EAGAIN) {
      poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    } else if (errno != EINTR) {
      if (fd == 2) return;
      if (errno == EPIPE) leave(128 + SIGPIPE);
      FAIL(FAILED, "The output could not be written: ", strerror(errno), ".");
    }
  }
}

void prepare(void) {
  unsigned width = 0;
  char *at = terminals;
  for (int fd = 0; fd < 3; fd++) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
      *at++ = "ioe"[fd];
      width = size.ws_col;
    } else if (errno == EBADF) {
      (void)!open("/dev/null", O_RDONLY); /* the connection must not take the place of a closed one */
    }
  }
  *at++ = ' ';
  strcpy(at, decimal(width));
  for (int i = 0; i < SIGNALS; i++) {
    struct sigaction action = {.sa_handler = signals[i] == SIGPIPE ? SIG_IGN : on_signal};
    sigaction(signals[i], &action, &signals_before[i]);
    if (signals_before[i].sa_handler == SIG_IGN) sigaction(signals[i], &signals_before[i], NULL);
  }
}

static const char *variable(const char *name) {
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
  const char *value = variable("HOME"), *own_home = getenv("EVERCRED_HOME");
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
    if ((value = variable("XDG_RUNTIME_DIR"))) JOIN(runtime, value, "/evercred");
    else if (lstat(runtime, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid()) strcat(runtime, "/evercred");
    else JOIN(runtime, "/tmp/evercred-", uid);
    if ((value = variable("XDG_STATE_HOME"))) JOIN(state_path, value, "/evercred");
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

void add_environment(void) {
  for (char **entry = environ; *entry; entry++)
    if (listed(*entry, request_names)) add_text('E', *entry);
}

const char *working_directory(void) {
  static char path[PATH_SIZE];
  return getcwd(path, sizeof path) ? path : "";
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

static bool reach_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct stat s;
  size_t length = strlen(path);
  if (length >= sizeof address.sun_path)
    FAIL(UNREACHABLE, "The path of the socket is too long for this system: ", path,
         ". Set EVERCRED_HOME or XDG_RUNTIME_DIR to a shorter one.");
  memcpy(address.sun_path, path, length); /* first the folder alone */
  *strrchr(address.sun_path, '/') = 0;
  if (lstat(address.sun_path, &s) != 0) return false;
  require_private(&s, S_IFDIR, address.sun_path);
  if (lstat(path, &s) != 0) return false;
  require_private(&s, S_IFSOCK, path);
  memcpy(address.sun_path, path, length);
#ifdef __APPLE__
  channel = socket(AF_UNIX, SOCK_STREAM, 0);
  if (channel >= 0) fcntl(channel, F_SETFD, FD_CLOEXEC);
#else
  channel = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
#endif
  int result;
  do result = channel < 0 ? -1 : connect(channel, (struct sockaddr *)&address, sizeof address);
  while (result != 0 && errno == EINTR);
  if (result != 0) {
    if (errno != ECONNREFUSED && errno != ENOENT)
      FAIL(UNREACHABLE, "Evercred cannot be reached at ", path, ": ", strerror(errno), ".");
    disconnect();
    return false;
  }
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

void disconnect(void) {
  if (channel >= 0) close(channel);
  channel = -1;
}

void add_token(void) {}

bool send_bytes(const void *data, size_t size) {
  for (const char *at = data; size;) {
    ssize_t n = write(channel, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    at += n;
    size -= (size_t)n;
  }
  return true;
}

static void queue_input(size_t size, bool more) {
  put_head(input, 'I', size);
  input_from = 0;
  input_to = HEAD + size;
  if (!more) wanted = 0;
}

static void read_all_input(void) {
  ssize_t n = read(0, input + HEAD, CHUNK);
  if (n >= 0) queue_input((size_t)n, n > 0);
  else if (errno != EINTR && errno != EAGAIN) FAIL(FAILED, "stdin could not be read: ", strerror(errno), ".");
}

/* Byte by byte: what follows the line belongs to the next question, or to the program that is run. */
static void read_line_input(void) {
  ssize_t n = read(0, input + HEAD + line_size, 1);
  if (n < 0) {
    if (errno != EINTR && errno != EAGAIN) FAIL(FAILED, "stdin could not be read: ", strerror(errno), ".");
    return;
  }
  bool end = n == 0 || input[HEAD + line_size] == '\n';
  if (!end && ++line_size < CHUNK) return;
  if (!end) FAIL(FAILED, "The line on stdin is too long.");
  show_echo();
  queue_input(n == 1 && line_size == 0 ? 1 : line_size, false); /* an empty line is "\n", an end is empty */
}

static void send_input(void) {
  ssize_t n = send(channel, input + input_from, input_to - input_from, MSG_DONTWAIT);
  if (n >= 0) input_from += (size_t)n;
  else if (errno != EINTR && errno != EAGAIN) input_from = input_to = wanted = 0; /* it wants no more */
}

void want_input(char kind) {
  if (wanted || input_from < input_to) refuse_reply("a question before the last one was answered");
  wanted = kind == 'h' ? 'l' : kind;
  line_size = 0;
  if (kind != 'h' || tcgetattr(0, &echo_on) != 0) return;
  struct termios quiet = echo_on;
  quiet.c_lflag = (quiet.c_lflag & ~(tcflag_t)ECHO) | ECHONL;
  echo_off = 1;
  tcsetattr(0, TCSANOW, &quiet);
}

/* Waits for bytes from the daemon, and meanwhile gives it the input that it asked for. */
size_t receive(void *data, size_t size) {
  while (wanted || input_from < input_to) {
    bool sending = input_from < input_to;
    struct pollfd waits[] = {{.fd = channel, .events = sending ? POLLIN | POLLOUT : POLLIN},
                             {.fd = sending ? -1 : 0, .events = POLLIN}};
    if (poll(waits, 2, -1) < 0) continue;
    if (waits[0].revents & ~POLLOUT) break;
    if (waits[0].revents) send_input();
    else if (wanted == 'l') read_line_input();
    else read_all_input();
  }
  ssize_t n;
  do n = read(channel, data, size);
  while (n < 0 && errno == EINTR);
  return n > 0 ? (size_t)n : 0;
}

bool change_variable(char *entry) {
  static char *variables[MAX_VARIABLES + 1];
  size_t name = strcspn(entry, "="), kept = 0;
  for (char **e = environ; *e; e++) {
    bool replaced = strncmp(*e, entry, name) == 0 && (*e)[name] == '=';
    if (!replaced && kept == MAX_VARIABLES) return false;
    if (!replaced) variables[kept++] = *e;
  }
  if (entry[name] && kept == MAX_VARIABLES) return false;
  if (entry[name]) variables[kept++] = entry;
  variables[kept] = NULL;
  environ = variables;
  return true;
}

_Noreturn static void replace_by(char **words, bool search) {
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &signals_before[i], NULL);
  if (search) execvp(words[0], words);
  else execv(words[0], words);
  int code = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
  FAIL(code, "'", words[0], "' could not be run: ", strerror(errno), ".");
}

void execute(int argc, char **argv, int first) {
  (void)argc;
  show_echo();
  fcntl(channel, F_SETFD, 0); /* stays open as long as the program runs */
  replace_by(argv + first, true);
}

void run_in_foreground(struct way *way) { replace_by(way->words, false); }

bool exists(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0;
}

void forget(const char *path) { unlink(path); }

size_t read_tail(const char *path, char *out, size_t size) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  lseek(fd, -(off_t)size, SEEK_END); /* fails on a shorter file, which is then read from its start */
  ssize_t n = read(fd, out, size);
  close(fd);
  return n > 0 ? (size_t)n : 0;
}

const char *read_launch_file(char *text, size_t size, size_t *length) {
  static char folder[PATH_SIZE];
  char path[PATH_SIZE];
  struct stat s;
#ifdef __APPLE__
  char given[PATH_SIZE];
  uint32_t room = sizeof given;
  bool found = _NSGetExecutablePath(given, &room) == 0 && realpath(given, folder);
#else
  ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
  bool found = n > 0;
  folder[found ? n : 0] = 0;
#endif
  char *slash = strrchr(folder, '/');
  if (!found || !slash) FAIL(UNREACHABLE, "This shim cannot find where it is installed. Start the app instead.");
  *slash = 0;
  JOIN(path, folder, "/evercred.launch");
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    FAIL(UNREACHABLE, "This shim is not installed with its app: ", path, " is missing. Start the app instead.");
  if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || (s.st_uid != 0 && s.st_uid != geteuid()) || (s.st_mode & 022))
    FAIL(UNREACHABLE, "Others may change ", path, ". Install Evercred again.");
  for (ssize_t got; *length < size && (got = read(fd, text + *length, size - *length)) > 0;) *length += (size_t)got;
  close(fd);
  return folder;
}

bool is_absolute(const char *path) { return *path == '/'; }

bool has_display(void) {
#ifdef __APPLE__
  return true;
#else
  return getenv("DISPLAY") || getenv("WAYLAND_DISPLAY");
#endif
}

/* In a process of its own: else the daemon would be an unknown child of the program that exec turns this one into. */
void start(void) {
  signal(SIGCHLD, SIG_DFL); /* ignored, it would hide how a child ended */
  pid_t helper = fork();
  if (helper == 0) {
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    bring_up();
    leave(DONE);
  }
  int status = 0;
  while (helper > 0 && waitpid(helper, &status, 0) < 0 && errno == EINTR) {}
  if (helper < 0 || !WIFEXITED(status)) FAIL(UNREACHABLE, "Evercred could not be started. Try again.");
  if (WEXITSTATUS(status) != DONE) leave(WEXITSTATUS(status));
  if (!reach()) FAIL(UNREACHABLE, "The daemon ended right after its start. Its log is ", log_path);
}

bool take_start_lock(void) {
  static int lock = -1;
  char path[PATH_SIZE];
  JOIN(path, state_path, "/start.lock");
  if (lock < 0) {
    for (char *slash = path; (slash = strchr(slash + 1, '/')); *slash = '/') {
      *slash = 0;
      mkdir(path, 0700);
    }
    lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  }
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return true;
  if (lock < 0 || (errno != EWOULDBLOCK && errno != EINTR))
    FAIL(UNREACHABLE, path, " could not be locked: ", strerror(errno), ". Make its folder writable.");
  return false;
}

_Noreturn static void become_daemon(struct way *way) {
  setsid();
  for (int fd = 0; fd < 3; fd++) close(fd);
  (void)!open("/dev/null", O_RDWR);
  dup2(0, 1);
  dup2(0, 2);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 0u) != 0)
#endif
  {
    int limit = getdtablesize();
    if (limit < 0 || limit > 1 << 20) limit = 1 << 20;
    for (int fd = 3; fd < limit; fd++) close(fd);
  }
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(077);
  (void)!chdir("/");
  char **kept = environ;
  for (char **entry = environ; *entry; entry++)
    if (listed(*entry, daemon_names)) *kept++ = *entry;
  *kept = NULL;
  execv(way->program, way->words);
  _exit(NOT_EXECUTABLE);
}

const char *launch(struct way *way) {
  if (access(way->program, X_OK) != 0) return strerror(errno);
  launched = fork();
  if (launched == 0) become_daemon(way);
  return launched < 0 ? strerror(errno) : NULL;
}

const char *launch_end(void) {
  static char text[MAX_WAYS][PATH_SIZE];
  static size_t at;
  int status;
  if (waitpid(launched, &status, WNOHANG) != launched) return NULL;
  bool killed = WIFSIGNALED(status);
  JOIN(text[at], killed ? "ended by signal " : "ended with exit status ",
       decimal((unsigned long)(killed ? WTERMSIG(status) : WEXITSTATUS(status))));
  return text[at++];
}

long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void nap(int ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL); }

/* Locks a file that the daemon opened and handed down. The daemon shares the open file description, so the
 * kernel keeps the lock for it after this process, and drops it when the daemon ends in whatever way. */
int own(const char *number) {
  unsigned long fd = read_decimal(number, strlen(number));
  if (fd != NOT_A_NUMBER && flock((int)fd, LOCK_EX | LOCK_NB) == 0) return DONE;
  return fd != NOT_A_NUMBER && errno == EWOULDBLOCK ? FAILED : USAGE;
}

int main(int argc, char **argv) { run(argc, argv); }
