/*
 * evercred: the native client of the Evercred daemon.
 *
 * It sends its arguments to the daemon as frames and prints the frames that come back. It does not know the verbs. Its
 * own are: version, help without an argument, daemon start|stop|restart|run, and --own (the daemon uses that one to
 * hold a kernel lock). If nobody answers, it starts the app that it was installed with.
 *
 * A frame is one byte of type, four bytes of big-endian length, and the payload. One request a connection.
 */
#include "shim.h"

#include <string.h>

#include "evercred.h" /* EVERCRED_VERSION and EVERCRED_USAGE, written by scripts/build-shim.mjs */

enum { START_LIMIT_MS = 10000, START_SILENT_MS = 300, START_STEP_MS = 20 };

/* What a request tells the daemon about its caller. A star ends a prefix. */
const char request_names[] =
    "AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_REGION CLOUDSDK_CONFIG "
    "GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_PROJECT CLAUDE_CODE_REMOTE CLAUDE_CODE_PROXY_* "
    "CLAUDE_CODE_MCP_SERVER_* SSH_CONNECTION SSH_TTY DISPLAY WAYLAND_DISPLAY WSL_DISTRO_NAME REMOTE_CONTAINERS "
    "CODESPACES NO_COLOR TERM COLUMNS LANG LC_ALL";

/* What a started daemon keeps of the environment of the caller that happened to start it. */
const char daemon_names[] =
    "HOME USER LOGNAME SHELL PATH LANG LANGUAGE LC_* TZ TMPDIR XDG_* DBUS_SESSION_BUS_ADDRESS DISPLAY "
    "WAYLAND_DISPLAY XAUTHORITY DESKTOP_SESSION BROWSER HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy "
    "no_proxy NODE_EXTRA_CA_CERTS AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_PROFILE CLOUDSDK_CONFIG "
    "GOOGLE_APPLICATION_CREDENTIALS CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY "
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE NO_COLOR EVERCRED_*"
#ifdef _WIN32
    " ALLUSERSPROFILE APPDATA COMMONPROGRAMFILES* COMPUTERNAME COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA "
    "NUMBER_OF_PROCESSORS OS PATHEXT PROCESSOR_* PROGRAMDATA PROGRAMFILES* PROGRAMW6432 PUBLIC SESSIONNAME "
    "SYSTEMDRIVE SYSTEMROOT TEMP TMP USERDOMAIN USERNAME USERPROFILE WINDIR"
#endif
    ;

char terminals[32];
static unsigned char request[MAX_REQUEST], reply[CHUNK], changes[MAX_FRAME];
static size_t request_size, request_frames, reply_from, reply_to;
static struct way ways[MAX_WAYS];
static size_t way_count;

/* ---- text ---- */

/* Writes the parts as one text. Control characters in them become '?', so that no path can steer a terminal. */
void tell(int fd, const char *const *parts) {
  char text[2 * PATH_SIZE];
  size_t size = 0;
  for (; *parts; parts++)
    for (const char *c = *parts; *c && size < sizeof text; c++)
      text[size++] = ((unsigned char)*c < ' ' && strcmp(*parts, "\n") != 0) || *c == 127 ? '?' : *c;
  write_out(fd, text, size);
}

void join(char out[PATH_SIZE], const char *const *parts) {
  size_t size = 0;
  for (; *parts; parts++) {
    size_t length = strlen(*parts);
    if (length >= PATH_SIZE - size) FAIL(UNREACHABLE, "A path is too long. Shorten HOME or EVERCRED_HOME.");
    memcpy(out + size, *parts, length);
    size += length;
  }
  out[size] = 0;
}

const char *decimal(unsigned long number) {
  static char text[24];
  char *at = text + sizeof text - 1;
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  return at;
}

unsigned long read_decimal(const char *text, size_t size) {
  unsigned long number = 0;
  if (size == 0 || size > 9) return NOT_A_NUMBER;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < '0' || text[i] > '9') return NOT_A_NUMBER;
    number = number * 10 + (unsigned long)(text[i] - '0');
  }
  return number;
}

bool same(const char *a, const char *b) { return strcmp(a, b) == 0; }

/* Whether the variable (NAME=VALUE) is one of the names. */
bool listed(const char *entry, const char *names) {
#ifdef _WIN32
  int (*compare)(const char *, const char *, size_t) = _strnicmp;
#else
  int (*compare)(const char *, const char *, size_t) = strncmp;
#endif
  size_t size = strcspn(entry, "=");
  for (; *names; names += *names == ' ') {
    size_t length = strcspn(names, " ");
    bool prefix = names[length - 1] == '*';
    if ((prefix ? size >= length - 1 : size == length) && compare(entry, names, length - prefix) == 0) return true;
    names += length;
  }
  return false;
}

/* ---- frames ---- */

void put_head(unsigned char *at, char type, size_t size) {
  at[0] = (unsigned char)type;
  for (int i = 0; i < 4; i++) at[1 + i] = (unsigned char)(size >> (24 - 8 * i));
}

void add(char type, const void *data, size_t size) {
  if (size > MAX_FRAME || request_frames == MAX_FRAMES || size > sizeof request - HEAD - request_size)
    FAIL(USAGE, "The command line is too long for Evercred. Use fewer or shorter arguments.");
  put_head(request + request_size, type, size);
  memcpy(request + request_size + HEAD, data, size);
  request_size += HEAD + size;
  request_frames++;
}

void add_text(char type, const char *text) { add(type, text, strlen(text)); }

static void compose(int argc, char **argv) {
  request_size = request_frames = reply_from = reply_to = 0;
  add_token();
  add_text('V', "1");
  for (int i = 1; i < argc; i++) add_text('A', argv[i]);
  add_environment();
  add_text('D', working_directory());
  add_text('T', terminals);
  add_text('G', "");
}

void refuse_reply(const char *what) {
  FAIL(UNREACHABLE, "The daemon sent ", what, ". Restart it with: evercred daemon restart");
}

/* The bytes of the reply that are here, at least one; no more than limit. */
static size_t arrived(size_t limit) {
  if (reply_from == reply_to) {
    reply_from = 0;
    reply_to = receive(reply, sizeof reply);
    if (reply_to == 0) FAIL(UNREACHABLE, "The daemon ended before it answered. Its log is ", log_path);
  }
  size_t here = reply_to - reply_from;
  return here < limit ? here : limit;
}

static void take(unsigned char *out, size_t size) {
  for (size_t n; size; size -= n, out += n, reply_from += n) {
    n = arrived(size);
    memcpy(out, reply + reply_from, n);
  }
}

static void pass_on(int fd, size_t size) {
  for (size_t n; size; size -= n, reply_from += n) {
    n = arrived(size);
    write_out(fd, reply + reply_from, n);
  }
}

static void skip(size_t size) {
  for (size_t n; size; size -= n, reply_from += n) n = arrived(size);
}

static int take_exit_code(size_t size) {
  char text[4];
  if (size < sizeof text) take((unsigned char *)text, size);
  unsigned long code = size < sizeof text ? read_decimal(text, size) : NOT_A_NUMBER;
  if (code > 255) refuse_reply("an exit code that is none");
  return (int)code;
}

static void take_question(size_t size) {
  unsigned char kind = ' ';
  if (size > 1) refuse_reply("a question that this shim does not know");
  take(&kind, size);
  if (size == 1 && kind != 'l' && kind != 'h') refuse_reply("a question that this shim does not know");
  want_input((char)kind);
}

/* The program is the caller's own words after "--": a reply never names one. */
_Noreturn static void take_run(size_t size, int argc, char **argv) {
  int first = 1;
  while (first < argc && !same(argv[first], "--")) first++;
  if (++first >= argc) refuse_reply("an order to run a program, but none was given");
  take(changes, size);
  if (size && changes[size - 1] != 0) refuse_reply("variables without an end");
  for (char *entry = (char *)changes; entry < (char *)changes + size; entry += strlen(entry) + 1)
    if (*entry == 0 || *entry == '=' || !change_variable(entry)) refuse_reply("a variable that cannot be set");
  execute(argc, argv, first);
}

/* Sends the request. False: the daemon ended before it said anything, as one does that is killed just then. */
static bool is_answered(void) {
  /* A daemon that refuses early may close before it has read all: what it said still stands to be read. */
  (void)!send_bytes(request, request_size);
  reply_to = receive(reply, sizeof reply);
  return reply_to > 0;
}

/* The reply to the request that was sent. Returns the exit code. */
static int take_reply(int argc, char **argv) {
  for (;;) {
    unsigned char head[HEAD];
    take(head, HEAD);
    size_t size = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if (size > MAX_FRAME) refuse_reply("a frame that is too long");
    switch (head[0]) {
    case '1': case '2': pass_on(head[0] - '0', size); break;
    case '?': take_question(size); break;
    case 'R': take_run(size, argc, argv);
    case 'X': return take_exit_code(size);
    default:
      if (head[0] < 'a' || head[0] > 'z') refuse_reply("a frame that this shim does not know");
      skip(size);
    }
  }
}

/* ---- starting the daemon ---- */

static void parse_way(char *line, const char *folder, const char *path) {
  struct way *way = &ways[way_count];
  size_t words = 0;
  for (char *word = strtok(line, "\t"); word; word = strtok(NULL, "\t")) {
    if (words > MAX_WORDS) FAIL(UNREACHABLE, path, " has a line of too many words. Install Evercred again.");
    if (words++ == 0) {
      way->app = same(word, "app");
      if (!way->app && !same(word, "headless"))
        FAIL(UNREACHABLE, path, " says '", word, "', neither app nor headless. Install Evercred again.");
    } else {
      way->words[words - 2] = word;
    }
  }
  if (words < 2) FAIL(UNREACHABLE, path, " has a line without a program. Install Evercred again.");
  if (is_absolute(way->words[0])) JOIN(way->program, way->words[0]);
  else JOIN(way->program, folder, "/", way->words[0]);
  way->words[0] = way->program;
  way->end = "not tried";
  way_count++;
}

/* Reads the launch file beside this program: lines of words between tabs, tried in their order. */
static void read_ways(void) {
  static char text[1 << 14], path[PATH_SIZE];
  size_t size = 0;
  const char *folder = read_launch_file(text, sizeof text, &size);
  way_count = 0;
  JOIN(path, folder, "/evercred.launch");
  if (size == sizeof text) FAIL(UNREACHABLE, path, " is too long. Install Evercred again.");
  text[size] = 0;
  for (char *line = text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    line[strcspn(line, "\r")] = 0;
    if (*line == 0 || *line == '#') continue;
    if (way_count == MAX_WAYS) FAIL(UNREACHABLE, path, " has too many lines. Install Evercred again.");
    parse_way(line, folder, path);
  }
}

_Noreturn static void give_up(bool mine) {
  static char tail[2048];
  size_t size = read_tail(log_path, tail, sizeof tail - 1);
  while (size && (tail[size - 1] == '\n' || tail[size - 1] == '\r')) size--;
  tail[size] = 0;
  char *last = strrchr(tail, '\n');
  last = last ? last + 1 : tail;
  TELL(2, "evercred: Evercred could not be started. To see why, run: evercred daemon run", "\n");
  if (!mine) TELL(2, "  Another evercred is starting it: no answer within 10 s", "\n");
  else if (way_count == 0) TELL(2, "  The launch file names no way to start it", "\n");
  for (size_t i = 0; mine && i < way_count; i++) TELL(2, "  ", ways[i].program, ": ", ways[i].end, "\n");
  TELL(2, "  Log: ", log_path, *last ? ": " : " (empty)", last, "\n");
  leave(UNREACHABLE);
}

/* Returns once somebody answers. One caller starts the daemon, one way after the other; the others wait. */
void bring_up(void) {
  long begin = now_ms();
  bool mine = false, told = false, running = false;
  size_t next = 0;
  while (!reach()) {
    long waited = now_ms() - begin;
    const char *end = running ? launch_end() : NULL;
    if (end) {
      ways[next++].end = end;
      running = false;
    }
    if (waited >= START_LIMIT_MS) {
      if (running) ways[next].end = "no answer within 10 s";
      give_up(mine);
    }
    if (!told && waited >= START_SILENT_MS) {
      TELL(2, "Starting Evercred…", "\n");
      told = true;
    }
    if (!mine) {
      mine = take_start_lock();
      if (mine) continue; /* the one who had the lock may have done it */
    } else if (!running) {
      if (next == way_count) give_up(mine);
      if (ways[next].app && !has_display()) ways[next++].end = "needs a display, and there is none";
      else if ((end = launch(&ways[next]))) ways[next++].end = end;
      else running = true;
      continue;
    }
    nap(START_STEP_MS);
  }
}

static void wait_until_gone(void) {
  long begin = now_ms();
  while (reach()) {
    disconnect();
    if (now_ms() - begin >= START_LIMIT_MS)
      FAIL(UNREACHABLE, "The daemon did not stop within 10 s. End its process, then run: evercred daemon start");
    nap(START_STEP_MS);
  }
}

_Noreturn static void run_daemon(void) {
  if (reach()) FAIL(FAILED, "Evercred runs already, at ", answered_at, ". Stop it with: evercred daemon stop");
  read_ways();
  forget(stopped_path);
  for (size_t i = 0; i < way_count; i++)
    if (!ways[i].app) run_in_foreground(&ways[i]);
  FAIL(UNREACHABLE, "The daemon without a window is not installed. Start the app instead.");
}

/* ---- the program ---- */

_Noreturn static void print(const char *text) {
  write_out(1, text, strlen(text));
  leave(DONE);
}

/* The word after "daemon", unless its help is asked for, which the daemon knows. */
static const char *daemon_order(int argc, char **argv) {
  if (argc < 3 || !same(argv[1], "daemon")) return "";
  for (int i = 3; i < argc; i++)
    if (same(argv[i], "-h") || same(argv[i], "--help")) return "";
  return argv[2];
}

_Noreturn static void serve(int argc, char **argv, const char *order) {
  static char *start_words[] = {"evercred", "daemon", "start", NULL};
  static char *stop_words[] = {"evercred", "daemon", "stop", NULL};
  find_places();
  refuse_strangers();
  if (same(order, "run")) {
    if (argc > 3) FAIL(USAGE, "daemon run takes no more words. Set what you need in the environment.");
    run_daemon();
  }
  if (same(order, "restart")) {
    if (reach()) {
      compose(3, stop_words);
      int code = is_answered() ? take_reply(3, stop_words) : DONE;
      if (code != DONE) leave(code);
      disconnect();
      wait_until_gone();
    }
    argc = 3;
    argv = start_words;
    order = "start";
  }
  if (same(order, "start")) forget(stopped_path);
  for (bool again = true;; again = false) {
    if (!reach()) {
      if (same(order, "stop")) print("Evercred is not running.\n");
      if (exists(stopped_path)) FAIL(UNREACHABLE, "Evercred was stopped. Start it with: evercred daemon start");
      read_ways();
      start();
    }
    compose(argc, argv);
    if (is_answered() || !again) leave(take_reply(argc, argv));
    disconnect();
  }
}

void run(int argc, char **argv) {
  const char *only = argc < 2 ? "help" : argc == 2 ? argv[1] : "";
  if (argc == 3 && same(argv[1], "--own")) leave(own(argv[2]));
  prepare();
  if (same(only, "help") || same(only, "--help") || same(only, "-h")) print(EVERCRED_USAGE);
  if (same(only, "version") || same(only, "--version")) print("evercred " EVERCRED_VERSION "\n");
  serve(argc, argv, daemon_order(argc, argv));
}
