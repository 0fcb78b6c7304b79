/* The shim on Linux and macOS: signals, terminal, streams, the connection, running a program. */
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
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "posix-parts.h"
#include "shim.h"

enum { MAX_VARIABLES = 1 << 14 };
extern char **environ;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction signals_before[SIGNALS];
static volatile sig_atomic_t echo_off; /* by us */
static struct termios echo_on;
static char wanted; /* what of stdin the daemon waits for: 0 nothing, ' ' all, 'l' a line */
static size_t line_size, input_from, input_to;
static unsigned char input[HEAD + CHUNK]; /* one I frame */

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

const char *variable(const char *name) { return getenv(name); }

void add_environment(const char *names) {
  for (char **entry = environ; *entry; entry++)
    if (listed(*entry, names)) add_text('E', *entry);
}

const char *working_directory(void) {
  static char path[PATH_SIZE];
  return getcwd(path, sizeof path) ? path : "";
}

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

bool is_asked(void) { return wanted || input_from < input_to; }

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
  wanted = kind == 'h' ? 'l' : kind;
  line_size = 0;
  if (kind != 'h' || tcgetattr(0, &echo_on) != 0) return;
  struct termios quiet = echo_on;
  quiet.c_lflag = (quiet.c_lflag & ~(tcflag_t)ECHO) | ECHONL;
  echo_off = 1;
  tcsetattr(0, TCSANOW, &quiet);
}

bool has_reply(long limit_ms) {
  struct pollfd wait = {.fd = channel, .events = POLLIN};
  long begin = now_ms();
  for (long left = limit_ms; left > 0; left = limit_ms - (now_ms() - begin))
    if (poll(&wait, 1, (int)left) > 0) return true;
  return false;
}

/* Waits for bytes from the daemon, and meanwhile gives it the input that it asked for. */
size_t receive(void *data, size_t size) {
  while (is_asked()) {
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

/* The connection stays open as long as the program runs. */
static void hand_over(void) {
  show_echo();
  fcntl(channel, F_SETFD, 0);
}

void execute(int argc, char **argv, int first) {
  (void)argc;
  hand_over();
  replace_by(argv + first, true);
}

void run_script(char **words) {
  hand_over();
  replace_by(words, false);
}

void run_in_foreground(struct way *way) { replace_by(way->words, false); }

bool exists(const char *path) {
  struct stat s;
  return lstat(path, &s) == 0;
}

void forget(const char *path) { unlink(path); }

void remember(const char *path) {
  char folder[PATH_SIZE];
  JOIN(folder, path);
  *strrchr(folder, '/') = 0;
  mkdir(folder, 0700);
  int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

size_t read_tail(const char *path, char *out, size_t size) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  lseek(fd, -(off_t)size, SEEK_END); /* fails on a shorter file, which is then read from its start */
  ssize_t n = read(fd, out, size);
  close(fd);
  return n > 0 ? (size_t)n : 0;
}

size_t read_start(const char *path, char *out, size_t size) {
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, out, size);
  if (fd >= 0) close(fd);
  return n > 0 ? (size_t)n : 0;
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
