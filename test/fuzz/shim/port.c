/*
 * A system for the shim that is made of the input alone: what shim.h wants of Linux or Windows, without a system call.
 * A target that has more to say of a part defines it itself.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

#define OR_ITS_OWN __attribute__((weak))

const uint8_t *input_at;
size_t input_left, chunk, shown_size;
unsigned char shown[1 << 20];
const char *bridge_given, *token_given, *token_file_given;
bool is_there;
static jmp_buf end;
static char kind_asked; /* of the question that stands */
static long now;

OR_ITS_OWN char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE], answered_at[PATH_SIZE];

uint8_t take_byte(void) { return input_left ? (input_left--, *input_at++) : 0; }

size_t take_part(const uint8_t **part) {
  size_t size = (size_t)take_byte() << 8;
  size |= take_byte();
  if (size > input_left) size = input_left;
  *part = input_at;
  input_at += size;
  input_left -= size;
  return size;
}

size_t copy_part(void *out, size_t size) {
  const uint8_t *part;
  size_t given = take_part(&part);
  if (given < size) size = given;
  memcpy(out, part, size);
  return size;
}

char *text_part(char *out, size_t size) {
  out[copy_part(out, size - 1)] = 0;
  return out;
}

void require(bool holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "broken: %s\n", promise);
  abort();
}

int run_to_its_end(int argc, char **argv) {
  doctor_words = NULL;
  bridge = NULL;
  has_token = false;
  shown_size = 0;
  kind_asked = 0;
  now = 0;
  int code = setjmp(end);
  if (code == 0) run(argc, argv);
  return code - 2;
}

void end_here(void) { longjmp(end, ENDED + 2); }

OR_ITS_OWN void leave(int code) {
  require(code >= 0 && code <= 255, "an exit code is one");
  longjmp(end, code + 2);
}

void write_out(int fd, const void *data, size_t size) {
  require(fd == 1 || fd == 2, "output goes to stdout or stderr");
  if (fd == 1 && size > sizeof shown - shown_size) size = sizeof shown - shown_size;
  if (fd == 1) memcpy(shown + shown_size, data, size), shown_size += size;
  /* For the sanitizer: all of it is there. */
  for (volatile const unsigned char *at = data, *to = at + size; at < to;) (void)*at++;
}

void prepare(void) { strcpy(terminals, "ioe 80"); }

OR_ITS_OWN const char *variable(const char *name) {
  if (same(name, "EVERCRED_BRIDGE")) return bridge_given;
  if (same(name, "EVERCRED_BRIDGE_TOKEN")) return token_given;
  return same(name, "EVERCRED_BRIDGE_TOKEN_FILE") ? token_file_given : NULL;
}

OR_ITS_OWN void find_places(void) {}
OR_ITS_OWN void refuse_strangers(void) {}
OR_ITS_OWN bool reach(void) { return is_there; }
OR_ITS_OWN void disconnect(void) { is_there = false; }

OR_ITS_OWN const char *reach_socket(const char *path) {
  (void)path;
  return NULL;
}

OR_ITS_OWN const char *reach_tcp(const char *host, const char *port) {
  (void)host, (void)port;
  return NULL;
}

void add_environment(const char *names) {
  static const char *const entries[] = {"AWS_PROFILE=dev", "PATH=/bin", "LC_ALL=C", "XDG_SEAT=", "=odd", "bare"};
  require(bridge == NULL, "a bridge is told no variable");
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
    if (listed(entries[i], names)) add_text('E', entries[i]);
}

const char *working_directory(void) { return "/home/somebody"; }

bool has_reply(long limit_ms) {
  (void)limit_ms;
  return input_left > 0;
}

/* What is sent are whole frames. */
bool send_bytes(const void *data, size_t size) {
  const unsigned char *at = data, *to = at + size;
  while (at < to) {
    require(to - at >= HEAD, "a frame has a head");
    size_t payload = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 | at[4];
    require(payload <= MAX_FRAME && payload <= (size_t)(to - at) - HEAD, "a frame that is sent is whole");
    at += HEAD + payload;
  }
  return true;
}

size_t receive(void *data, size_t size) {
  if (chunk && chunk < size) size = chunk;
  if (input_left < size) size = input_left;
  memcpy(data, input_at, size);
  input_at += size;
  input_left -= size;
  /* Where little comes at a time whoever is asked answers before the next bytes are there. */
  if (chunk & 1) kind_asked = 0;
  return size;
}

void want_input(char kind) {
  require(kind == ' ' || kind == 'l' || kind == 'h', "a question is of a kind that is known");
  require(!kind_asked, "one question at a time");
  kind_asked = kind;
}

bool is_asked(void) { return kind_asked != 0; }

OR_ITS_OWN bool change_variable(char *entry) {
  (void)entry;
  return true;
}

OR_ITS_OWN void execute(int argc, char **argv, int first) {
  (void)argc, (void)argv, (void)first;
  end_here();
}

OR_ITS_OWN void run_script(char **words) {
  (void)words;
  end_here();
}

OR_ITS_OWN bool exists(const char *path) {
  (void)path;
  return false;
}

void forget(const char *path) { (void)path; }
void remember(const char *path) { (void)path; }

OR_ITS_OWN size_t read_start(const char *path, char *out, size_t size) {
  (void)path;
  return copy_part(out, size);
}

OR_ITS_OWN size_t read_tail(const char *path, char *out, size_t size) {
  (void)path;
  return copy_part(out, size);
}

OR_ITS_OWN const char *read_launch_file(char *text, size_t size, size_t *length) {
  static const char lines[] = "app\tEvercred\t--background\nheadless\t/opt/evercred/node\tdaemon.cjs\n";
  require(size > sizeof lines, "there is room for a launch file");
  memcpy(text, lines, *length = sizeof lines - 1);
  return "/opt/evercred";
}

bool is_absolute(const char *path) { return *path == '/'; }
OR_ITS_OWN bool has_display(void) { return false; }
OR_ITS_OWN void start(void) { bring_up(); }
OR_ITS_OWN bool take_start_lock(void) { return true; }

OR_ITS_OWN const char *launch(struct way *way) {
  (void)way;
  return "could not be started";
}

OR_ITS_OWN const char *launch_end(void) { return NULL; }

OR_ITS_OWN void run_in_foreground(struct way *way) {
  (void)way;
  end_here();
}

long now_ms(void) { return now++; }
void nap(int ms) { now += ms; }

int own(const char *number) {
  (void)number;
  return DONE;
}
