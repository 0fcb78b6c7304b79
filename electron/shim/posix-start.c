/* Starting the daemon on Linux and macOS. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "shim.h"

extern char **environ;
static pid_t launched;

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
    doctor_words = NULL; /* its failure is told to the caller's own process */
    bring_up();
    leave(DONE);
  }
  int status = 0;
  while (helper > 0 && waitpid(helper, &status, 0) < 0 && errno == EINTR) {}
  if (helper < 0 || !WIFEXITED(status)) FAIL(UNREACHABLE, "Evercred could not be started. Try again.");
  if (WEXITSTATUS(status) != DONE) fail(WEXITSTATUS(status));
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
