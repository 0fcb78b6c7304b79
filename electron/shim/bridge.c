/*
 * Bridges: the daemon of another computer, or of the one around this container. EVERCRED_BRIDGE says where: a folder
 * with a socket and a token, or tcp://HOST:PORT. A bridge wins over every other endpoint. Its token is all that is
 * checked, and it proves us to the daemon, not the daemon to us: what answers there is not trusted.
 */
#include "shim.h"

#include <string.h>

const char *bridge;
unsigned char token[TOKEN_SIZE];
bool has_token;

/* What the answer may set for a program: nothing by which somebody could run another one (PATH, BASH_ENV, …). */
const char bridge_names[] =
    "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_EC2_METADATA_DISABLED "
    "AWS_REGION AWS_DEFAULT_REGION";

void find_bridge(void) {
  bridge = variable("EVERCRED_BRIDGE");
  if (bridge && !*bridge) bridge = NULL;
}

/* False: the text does not begin with a line of 64 hexadecimal digits. */
bool read_token(const char *text) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 2 * TOKEN_SIZE; i++) {
    const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
    if (!digit) return false;
    token[i / 2] = (unsigned char)(token[i / 2] << 4 | (digit - digits));
  }
  has_token = strchr("\r\n", text[2 * TOKEN_SIZE]) != NULL; /* its end, or the text's */
  return has_token;
}

static void read_token_file(const char *path) {
  char text[2 * TOKEN_SIZE + 2];
  text[read_start(path, text, sizeof text - 1)] = 0;
  if (!*text) FAIL_BRIDGE("has no token that can be read at ", path);
  if (!read_token(text)) FAIL_BRIDGE("has something else than a token at ", path);
}

static const char *reach_address(const char *address) {
  char host[PATH_SIZE];
  const char *file = variable("EVERCRED_BRIDGE_TOKEN_FILE"), *given = variable("EVERCRED_BRIDGE_TOKEN");
  JOIN(host, address);
  char *port = strrchr(host, ':'), *name = host;
  if (port) *port++ = 0;
  if (*name == '[' && name[strlen(name) - 1] == ']') *strrchr(++name, ']') = 0; /* an IPv6 address */
  if (!*name || !port || read_decimal(port, strlen(port)) - 1 >= 65535)
    FAIL(USAGE, "EVERCRED_BRIDGE names no host and port: ", bridge, ". Set it to tcp://HOST:PORT.");
  if (file && *file) read_token_file(file);
  else if (!given || !read_token(given))
    FAIL(USAGE, "The bridge ", bridge, " has no token. Set EVERCRED_BRIDGE_TOKEN_FILE to the file that holds it.");
  return reach_tcp(name, port);
}

void reach_bridge(void) {
  static const char scheme[] = "tcp://";
  char path[PATH_SIZE];
  const char *why;
  if (strncmp(bridge, scheme, sizeof scheme - 1) == 0) {
    why = reach_address(bridge + sizeof scheme - 1);
  } else if (is_absolute(bridge)) {
    JOIN(path, bridge, "/token");
    read_token_file(path);
    JOIN(path, bridge, "/socket");
    why = reach_socket(path);
  } else {
    FAIL(USAGE, "EVERCRED_BRIDGE is neither a whole path nor tcp://HOST:PORT: ", bridge, ". Set it to one of them.");
  }
  if (why) FAIL_BRIDGE("cannot be reached: ", why);
}
