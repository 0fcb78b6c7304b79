/* The reply of a daemon, or of whoever stands at the other end of a bridge. */
#include <string.h>

#include "port.h"

/* Whole, so that no run finds what another one has left in its buffers. */
#include "evercred.c"

struct asking {
  const char *bridge;
  bool may_run, may_script; /* what the answer may order */
  char *words[8];
};

static struct asking askings[] = {
    {NULL, false, false, {"evercred", "status", NULL}},
    {NULL, true, false, {"evercred", "exec", "--", "env", NULL}},
    {NULL, true, false, {"evercred", "exec", "--", NULL}},
    {NULL, true, true, {"evercred", "bridge", "ssh", "host", "--", "ls", NULL}},
    {NULL, false, true, {"evercred", "config", "edit", NULL}},
    {NULL, false, false, {"evercred", "doctor", "--json", NULL}},
    {NULL, false, false, {"evercred", "daemon", "restart", NULL}},
    {NULL, false, false, {"evercred", "daemon", "stop", NULL}},
    {"/bridge", true, false, {"evercred", "exec", "--", "env", NULL}},
    {"tcp://host:1", false, false, {"evercred", "aws", "export", NULL}},
};
enum { ASKINGS = sizeof askings / sizeof *askings };

static struct asking *asked;

/* As bridge.c has them, told a second time. */
static const char *const bridge_may_set[] = {"AWS_ACCESS_KEY_ID",         "AWS_SECRET_ACCESS_KEY",
                                             "AWS_SESSION_TOKEN",         "AWS_CREDENTIAL_EXPIRATION",
                                             "AWS_EC2_METADATA_DISABLED", "AWS_REGION",
                                             "AWS_DEFAULT_REGION"};

bool change_variable(char *entry) {
  size_t name = strcspn(entry, "=");
  bool allowed = !asked->bridge || !entry[name];
  for (size_t i = 0; i < sizeof bridge_may_set / sizeof *bridge_may_set; i++)
    allowed = allowed || (strlen(bridge_may_set[i]) == name && strncmp(bridge_may_set[i], entry, name) == 0);
  require(allowed, "a bridge sets only the variables of a credential");
  require(name > 0, "a variable has a name");
  return name < 200;
}

void execute(int argc, char **argv, int first) {
  require(asked->may_run, "a program is run only where one was given");
  require(argv == asked->words && first < argc && same(argv[first - 1], "--"), "what is run are the caller's own words");
  end_here();
}

void run_script(char **words) {
  size_t count = 0;
  require(asked->may_script, "a script is run only where one was asked for");
  while (words[count]) count++;
  require(count >= 4 && same(words[0], "/bin/sh") && same(words[1], "-c"), "a script is run by sh");
  if (asked->may_run) require(same(words[count - 1], "ls"), "the caller's words stand at a script's end");
  end_here();
}

size_t read_start(const char *path, char *out, size_t size) {
  (void)path;
  if (size > 64) size = 64;
  memset(out, 'a', size);
  return size;
}

/* The payloads of all frames of stdout, put together by a second decoder; the exit code, -1 where there is none. */
static int decode(const uint8_t *at, size_t left, unsigned char *out, size_t *out_size) {
  for (*out_size = 0; left >= 5;) {
    size_t size = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 | at[4];
    size_t here = size < left - 5 ? size : left - 5;
    if (size > (1 << 20)) return -1;
    if (at[0] == '1') memcpy(out + *out_size, at + 5, here), *out_size += here;
    if (at[0] == 'X') {
      int code = 0;
      if (size == 0 || size > 3 || here < size) return -1;
      for (size_t i = 0; i < size; i++) {
        if (at[5 + i] < '0' || at[5 + i] > '9') return -1;
        code = code * 10 + at[5 + i] - '0';
      }
      return code;
    }
    at += 5 + here;
    left -= 5 + here;
  }
  return -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned char expected[1 << 20];
  size_t expected_size;
  int argc = 0;
  if (size < 2 || size > sizeof expected) return 0;
  asked = &askings[data[0] % ASKINGS];
  chunk = data[1];
  input_at = data + 2;
  input_left = size - 2;
  bridge_given = asked->bridge;
  token_given = NULL;
  token_file_given = "/token";
  is_there = true;
  memset(changes, 'x', sizeof changes);
  while (asked->words[argc]) argc++;
  int told = decode(input_at, input_left, expected, &expected_size);
  int code = run_to_its_end(argc, asked->words);
  /* An order of `daemon` has more to do than to pass the reply on. */
  if (same(asked->words[1], "daemon")) return 0;
  require(shown_size <= expected_size && memcmp(shown, expected, shown_size) == 0, "stdout is what the reply says");
  bool is_own = code == ENDED || code == FAILED || code == USAGE || code == UNREACHABLE || code == NOT_RUN;
  require(is_own || code == told, "the exit code is the reply's, or one of the shim's own");
  return 0;
}
