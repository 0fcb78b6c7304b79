/* EVERCRED_BRIDGE, and the token of a bridge. */
#include <stdlib.h>
#include <string.h>

#include "port.h"

static char address[PATH_SIZE + 100], file[100], given[200], content[200];
static const char *used; /* the text that the token was read from */

static void require_token(void) {
  static const char digits[] = "0123456789abcdef";
  require(has_token, "nobody is asked over a bridge without a token");
  for (size_t i = 0; i < 2 * TOKEN_SIZE; i++) {
    unsigned char byte = token[i / 2], half = i % 2 ? byte & 15 : byte >> 4;
    require(used[i] == digits[half], "a token is what its text says");
  }
}

size_t read_start(const char *path, char *out, size_t size) {
  (void)path;
  size_t length = strlen(content);
  if (length < size) size = length;
  memcpy(out, content, size);
  used = content;
  return size;
}

const char *reach_tcp(const char *host, const char *port) {
  require_token();
  unsigned long number = strtoul(port, NULL, 10);
  require(*host && number >= 1 && number <= 65535, "a bridge has a host and a port");
  return *host == '0' ? "no" : NULL;
}

const char *reach_socket(const char *path) {
  size_t size = strlen(path);
  require_token();
  require(*path == '/' && size > 7 && same(path + size - 7, "/socket"), "a bridge's socket is in its folder");
  return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *words[] = {"evercred", "aws", "export", NULL};
  input_at = data;
  input_left = size;
  bridge_given = text_part(address, sizeof address);
  token_file_given = text_part(file, sizeof file);
  token_given = text_part(given, sizeof given);
  text_part(content, sizeof content);
  used = given;
  chunk = 0;
  /* Without a bridge it would be the user's own daemon, which is another target's matter. */
  if (*address) run_to_its_end(3, words);
  return 0;
}
