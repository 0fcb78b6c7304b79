/*
 * Puts load on Evercred's socket: load socket SOCKET REQUEST CALLERS TOTAL, with a request's bytes in the file REQUEST; or on
 * a whole program: load program - - CALLERS TOTAL PROGRAM [WORD…]. CALLERS at a time, each with a connection, or a process,
 * of its own for each request. Prints one line of JSON: what it took, and what of that this program itself was at work.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 5, TAIL = HEAD + 1, CHUNK = 64 << 10 };

/* How each good reply ends: the frame of exit code 0. */
static const char done[TAIL + 1] = "X\0\0\0\1" "0";

struct call {
  int fd;
  pid_t pid;
  double began_us;
  char tail[TAIL];
  size_t got;
};

static double *took_us;
static size_t total, begun, ended, failed;
static char request[CHUNK];
static size_t request_size;
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int polled;
extern char **environ;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void note(const struct call *call, int good) {
  took_us[ended++] = now_us() - call->began_us;
  if (!good) failed++;
}

static void open_connection(struct call *call) {
  call->began_us = now_us();
  call->got = 0;
  call->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (call->fd < 0) die("socket");
  /* A full queue is waited for, as a shim would. */
  while (connect(call->fd, (struct sockaddr *)&address, sizeof address) < 0) {
    if (errno != EAGAIN && errno != EINTR) die("connect");
    usleep(200);
  }
  if (write(call->fd, request, request_size) != (ssize_t)request_size) die("write");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = call};
  if (epoll_ctl(polled, EPOLL_CTL_ADD, call->fd, &event) < 0) die("epoll_ctl");
  begun++;
}

/* Remembers the last bytes of what has come. */
static void take(struct call *call, const char *bytes, size_t size) {
  for (size_t i = size > TAIL ? size - TAIL : 0; i < size; i++) {
    memmove(call->tail, call->tail + 1, TAIL - 1);
    call->tail[TAIL - 1] = bytes[i];
  }
  call->got += size;
}

static void run_connections(size_t callers) {
  struct call *calls = calloc(callers, sizeof *calls);
  struct epoll_event events[512];
  polled = epoll_create1(EPOLL_CLOEXEC);
  if (!calls || polled < 0) die("epoll_create1");
  for (size_t i = 0; i < callers && begun < total; i++) open_connection(&calls[i]);
  while (ended < total) {
    int ready = epoll_wait(polled, events, 512, 60000);
    if (ready == 0) {
      fprintf(stderr, "no answer for a minute\n");
      exit(1);
    }
    for (int i = 0; i < ready; i++) {
      static char bytes[CHUNK];
      struct call *call = events[i].data.ptr;
      ssize_t got = read(call->fd, bytes, sizeof bytes);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got > 0) take(call, bytes, (size_t)got);
      /* A shim ends at the exit code, and does not wait for the end of the stream. */
      int good = call->got > TAIL && !memcmp(call->tail, done, TAIL);
      if (got > 0 && !good) continue;
      note(call, good);
      close(call->fd);
      if (begun < total) open_connection(call);
    }
  }
}

static void open_process(struct call *call, char **words, posix_spawn_file_actions_t *quietly) {
  call->began_us = now_us();
  if (posix_spawn(&call->pid, words[0], quietly, NULL, words, environ)) die(words[0]);
  begun++;
}

static void run_processes(size_t callers, char **words) {
  struct call *calls = calloc(callers, sizeof *calls);
  posix_spawn_file_actions_t quietly;
  if (!calls || posix_spawn_file_actions_init(&quietly)) die("calloc");
  posix_spawn_file_actions_addopen(&quietly, 1, "/dev/null", O_WRONLY, 0);
  for (size_t i = 0; i < callers && begun < total; i++) open_process(&calls[i], words, &quietly);
  while (ended < total) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    if (pid < 0) die("waitpid");
    for (size_t i = 0; i < callers; i++) {
      if (calls[i].pid != pid) continue;
      note(&calls[i], WIFEXITED(status) && WEXITSTATUS(status) == 0);
      if (begun < total) open_process(&calls[i], words, &quietly);
      break;
    }
  }
}

static int by_size(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

/* The smallest that is not exceeded by this share of all. */
static double percentile(double share) {
  size_t at = (size_t)(share * (double)total + 0.9999);
  return took_us[at > 0 ? at - 1 : 0];
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  size_t callers = strtoul(argv[4], NULL, 10);
  total = strtoul(argv[5], NULL, 10);
  if (callers == 0 || total == 0 || !(took_us = calloc(total, sizeof *took_us))) return 2;
  double began_us = now_us();
  if (!strcmp(argv[1], "socket")) {
    if (strlen(argv[2]) >= sizeof address.sun_path) return 2;
    strcpy(address.sun_path, argv[2]);
    int file = open(argv[3], O_RDONLY | O_CLOEXEC);
    ssize_t size = file < 0 ? -1 : read(file, request, sizeof request);
    if (size <= 0) die(argv[3]);
    request_size = (size_t)size;
    run_connections(callers);
  } else {
    if (argc < 7) return 2;
    run_processes(callers, argv + 6);
  }
  double whole_us = now_us() - began_us;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  qsort(took_us, total, sizeof *took_us, by_size);
  printf("{\"requests\":%zu,\"failed\":%zu,\"tookMs\":%.3f,\"busyMs\":%.3f,", total, failed, whole_us / 1e3,
         1e3 * (seconds(used.ru_utime) + seconds(used.ru_stime)));
  printf("\"medianUs\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"maxUs\":%.1f}\n", percentile(0.5), percentile(0.99),
         percentile(0.999), took_us[total - 1]);
  return 0;
}
