/*
 * evercred: the native client of the Evercred daemon.
 *
 * It sends its arguments to the daemon as frames and prints the frames that come back. It does not know the verbs. Its
 * own are: version, help without an argument, daemon start|stop|restart|run, and --own (the daemon uses that one to
 * hold a kernel lock). If nobody answers, it starts the app that it was installed with; doctor that cannot be asked of a
 * daemon is run by the app itself.
 *
 * A frame is one byte of type, four bytes of big-endian length, and the payload. One request a connection.
 */
#include "shim.h"

#include <string.h>

#include "evercred.h" /* EVERCRED_VERSION and EVERCRED_USAGE, written by scripts/build-shim.mjs */

enum { MAX_SCRIPT_WORDS = 1 << 12, DOCTOR_PATIENCE_MS = 10000 };

/* What a request tells the daemon about its caller. A star ends a prefix. */
const char request_names[] =
    "AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_REGION CLOUDSDK_CONFIG "
    "GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_PROJECT CLAUDE_CODE_REMOTE CLAUDE_CODE_PROXY_* "
    "CLAUDE_CODE_MCP_SERVER_* SSH_CONNECTION SSH_TTY DISPLAY WAYLAND_DISPLAY WSL_DISTRO_NAME REMOTE_CONTAINERS "
    "CODESPACES NO_COLOR TERM COLUMNS LANG LC_ALL";

char terminals[32], **doctor_words;
static unsigned char request[MAX_REQUEST], reply[CHUNK];
static char changes[MAX_FRAME]; /* the texts of an order to run something, or of a question */
static size_t request_size, request_frames, reply_from, reply_to;

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

/* Ends the program, unless it is doctor's that nobody can be reached. */
void fail(int code) {
  char **words = doctor_words;
  doctor_words = NULL; /* what fails from here on does so for good */
  if (code == UNREACHABLE && words) run_doctor(words);
  leave(code);
}

/* How many words go to the daemon: those up to the first "--". What follows it is a program's, and may be secret. */
static int sent_words(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (same(argv[i], "--")) return i + 1;
  return argc;
}

static void compose(int argc, char **argv) {
  int sent = sent_words(argc, argv);
  request_size = request_frames = reply_from = reply_to = 0;
  if (has_token) add('K', token, sizeof token);
  add_text('V', "2");
  if (!bridge) add_text('v', EVERCRED_VERSION);
  for (int i = 1; i < sent; i++) add_text('A', argv[i]);
  if (!bridge) {
    add_environment(request_names);
    add_text('D', working_directory());
  }
  add_text('T', terminals);
  add_text('G', "");
}

void refuse_reply(const char *what) {
  if (bridge) FAIL_BRIDGE("sent ", what);
  FAIL(UNREACHABLE, "The daemon sent ", what, ". Restart it with: evercred daemon restart");
}

/* A frame that must not be skipped. A letter is one that was made after this program. */
_Noreturn static void refuse_frame(unsigned char type) {
  if (bridge || type < 'A' || type > 'Z') refuse_reply("a frame that this shim does not know");
  FAIL(UNREACHABLE, "The daemon is newer than this evercred, " EVERCRED_VERSION ". Update this one: install Evercred again.");
}

/* The bytes of the reply that are here, at least one; no more than limit. */
static size_t arrived(size_t limit) {
  if (reply_from == reply_to) {
    reply_from = 0;
    reply_to = receive(reply, sizeof reply);
    if (reply_to == 0 && bridge) FAIL_BRIDGE("ended before it answered");
    if (reply_to == 0) FAIL(UNREACHABLE, "The daemon ended before it answered. Its log is ", log_path);
  }
  size_t here = reply_to - reply_from;
  return here < limit ? here : limit;
}

static void take(void *to, size_t size) {
  unsigned char *out = to;
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
  if (size < sizeof text) take(text, size);
  unsigned long code = size < sizeof text ? read_decimal(text, size) : NOT_A_NUMBER;
  if (code > 255) refuse_reply("an exit code that is none");
  return (int)code;
}

static void take_question(size_t size) {
  unsigned char kind = ' ';
  if (size > 1) refuse_reply("a question that this shim does not know");
  take(&kind, size);
  if (size == 1 && kind != 'l' && kind != 'h') refuse_reply("a question that this shim does not know");
  if (is_asked()) refuse_reply("a question before the last one was answered");
  want_input((char)kind);
}

/* Tells the variables that the daemon names. Over a bridge nobody is told. */
static void take_names(size_t size) {
  if (bridge) {
    skip(size);
    return;
  }
  if (size == sizeof changes) refuse_reply("a frame that is too long");
  if (is_asked()) refuse_reply("a question before the last one was answered");
  take(changes, size);
  changes[size] = 0;
  request_size = request_frames = 0;
  add_environment(changes);
  add_text('G', "");
  (void)!send_bytes(request, request_size); /* a daemon that has ended is found out by the next read */
}

/* Takes the texts of an order, each of which ends with a NUL. */
static void take_texts(size_t size, const char *what) {
  take(changes, size);
  if (size && changes[size - 1] != 0) refuse_reply(what);
}

/* The program is the caller's own words after "--": a reply never names one. */
_Noreturn static void take_run(size_t size, int argc, char **argv) {
  int first = sent_words(argc, argv);
  if (!same(argv[first - 1], "--")) refuse_reply("an order to run a program, but none was given");
  if (first == argc) FAIL(NOT_RUN, "There is no program after --. Write one there, as in: evercred exec -- aws s3 ls");
  take_texts(size, "variables without an end");
  for (char *entry = changes; entry < changes + size; entry += strlen(entry) + 1) {
    if (bridge && strchr(entry, '=') && !listed(entry, bridge_names)) refuse_reply("a variable that no bridge may set");
    if (*entry == 0 || *entry == '=' || !change_variable(entry)) refuse_reply("a variable that cannot be set");
  }
  execute(argc, argv, first);
}

/* The verbs that need the caller's own ssh or editor, environment and terminal. */
static bool asks_for_script(int argc, char **argv) {
  if (bridge || argc < 3) return false;
  return (same(argv[1], "bridge") && same(argv[2], "ssh")) || (same(argv[1], "config") && same(argv[2], "edit"));
}

/* The one order that names what is run. */
_Noreturn static void take_script(size_t size, int argc, char **argv) {
  static char *words[MAX_SCRIPT_WORDS + 1];
  size_t count = 2;
  if (!asks_for_script(argc, argv)) refuse_reply("a script that nobody asked for");
  take_texts(size, "a script without an end");
  if (size == 0 || !*changes) refuse_reply("an empty script"); /* what a frame before it left there is none */
  words[0] = "/bin/sh";
  words[1] = "-c";
  for (char *text = changes; text < changes + size; text += strlen(text) + 1) {
    if (count < MAX_SCRIPT_WORDS) words[count++] = text;
    if (count == 3) words[count++] = "evercred"; /* the script's $0 */
  }
  for (int i = sent_words(argc, argv); i < argc; i++)
    if (count < MAX_SCRIPT_WORDS) words[count++] = argv[i];
  if (count == MAX_SCRIPT_WORDS) FAIL(NOT_RUN, "There are too many words after --. Put them into a script of your own.");
  words[count] = NULL;
  run_script(words);
}

/* Sends the request. False: the daemon ended before it said anything, as one does that is killed just then. */
static bool is_answered(void) {
  /* A daemon that refuses early may close before it has read all: what it said still stands to be read. */
  (void)!send_bytes(request, request_size);
  /* doctor finds out what hangs, so it must not hang itself. */
  if (doctor_words && !bridge && !has_reply(DOCTOR_PATIENCE_MS))
    FAIL(UNREACHABLE, "The daemon takes connections, and does not answer.");
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
    case 'e': take_names(size); break;
    case 'R': take_run(size, argc, argv);
    case 'S': take_script(size, argc, argv);
    case 'X': return take_exit_code(size);
    default:
      if (head[0] < 'a' || head[0] > 'z') refuse_frame(head[0]);
      skip(size);
    }
  }
}

/* ---- the program ---- */

_Noreturn static void print(const char *text) {
  write_out(1, text, strlen(text));
  leave(DONE);
}

_Noreturn static void print_version(void) {
  if (bridge) TELL(1, "evercred " EVERCRED_VERSION " (bridge ", bridge, ")", "\n");
  else TELL(1, "evercred " EVERCRED_VERSION, "\n");
  leave(DONE);
}

/* The word after "daemon", unless its help is asked for, which the daemon knows. */
static const char *daemon_order(int argc, char **argv) {
  if (argc < 3 || !same(argv[1], "daemon")) return "";
  for (int i = 3; i < argc; i++)
    if (same(argv[i], "-h") || same(argv[i], "--help")) return "";
  return argv[2];
}

/* The first half of a restart. */
static void stop_running(void) {
  static char *stop_words[] = {"evercred", "daemon", "stop", NULL};
  if (!reach()) return;
  compose(3, stop_words);
  int code = is_answered() ? take_reply(3, stop_words) : DONE;
  if (code != DONE) leave(code);
  disconnect();
  wait_until_gone();
}

_Noreturn static void serve(int argc, char **argv, const char *order) {
  static char *start_words[] = {"evercred", "daemon", "start", NULL};
  if (same(argv[1], "doctor")) doctor_words = argv + 2;
  find_places();
  refuse_strangers();
  if (same(order, "run")) {
    if (argc > 3) FAIL(USAGE, "daemon run takes no more words. Set what you need in the environment.");
    run_daemon();
  }
  if (same(order, "restart")) {
    stop_running();
    argc = 3;
    argv = start_words;
    order = "start";
  }
  if (same(order, "start")) forget(stopped_path);
  for (bool again = true;; again = false) {
    if (!reach()) {
      if (same(order, "stop")) {
        remember(stopped_path); /* for one that is on its way up */
        print("Evercred is not running.\n");
      }
      heed_stop();
      read_ways();
      start();
    }
    compose(argc, argv);
    if (is_answered() || !again) leave(take_reply(argc, argv));
    disconnect();
  }
}

/* Over a bridge nothing is started. */
_Noreturn static void serve_over_bridge(int argc, char **argv) {
  if (same(argv[1], "daemon"))
    FAIL(DENIED, "The bridge ", bridge, " gives no say over the daemon. Run this on the computer that it leads to.");
  for (int i = 1, sent = sent_words(argc, argv); i < sent; i++)
    if (same(argv[i], "--debug")) TELL(2, "Over the bridge ", bridge, "\n");
  for (bool again = true;; again = false) {
    reach_bridge();
    compose(argc, argv);
    if (is_answered() || !again) leave(take_reply(argc, argv));
    disconnect();
  }
}

void run(int argc, char **argv) {
  const char *only = argc < 2 ? "help" : argc == 2 ? argv[1] : "";
  if (argc == 3 && same(argv[1], "--own")) leave(own(argv[2]));
  prepare();
  find_bridge();
  if (same(only, "help") || same(only, "--help") || same(only, "-h")) print(EVERCRED_USAGE);
  if (same(only, "version") || same(only, "--version")) print_version();
  if (bridge) serve_over_bridge(argc, argv);
  serve(argc, argv, daemon_order(argc, argv));
}
