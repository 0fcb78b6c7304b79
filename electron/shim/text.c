/* Text: what is said to people, paths, numbers. */
#include "shim.h"

#include <string.h>

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

/* Whether the variable (NAME=VALUE) is one of the names, which blanks part. A star alone is no name. */
bool listed(const char *entry, const char *names) {
#ifdef _WIN32
  int (*compare)(const char *, const char *, size_t) = _strnicmp;
#else
  int (*compare)(const char *, const char *, size_t) = strncmp;
#endif
  size_t size = strcspn(entry, "=");
  for (; *names; names += *names == ' ') {
    size_t length = strcspn(names, " ");
    bool prefix = length > 1 && names[length - 1] == '*';
    if (length && (prefix ? size >= length - 1 : size == length) && compare(entry, names, length - prefix) == 0) return true;
    names += length;
  }
  return false;
}
