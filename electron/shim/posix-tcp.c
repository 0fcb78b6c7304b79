/* TCP on Linux and macOS, which only a bridge needs. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "posix-parts.h"
#include "shim.h"

static void on_alarm(int number) {
  (void)number;
  FAIL_BRIDGE("did not answer within 3 s");
}

#if defined(__APPLE__) || defined(__GLIBC__)

static const char *connect_by_name(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  int error = getaddrinfo(host, port, &hints, &found);
  if (error) return gai_strerror(error);
  for (; found; found = found->ai_next)
    if ((error = connect_to(found->ai_addr, found->ai_addrlen)) == 0) return NULL;
  return strerror(error);
}

#else

/*
 * A static shim with getaddrinfo would be 28 KB larger, half of what it may be in all. This is the part that a bridge
 * needs, in 2 KB: numbers, localhost, /etc/hosts, and DNS over UDP without search domains.
 */

enum { MAX_ADDRESSES = 8, DNS_HEAD = 12, DNS_WAIT_MS = 1000 };

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

struct addresses {
  union address all[MAX_ADDRESSES];
  size_t count;
};

/* The bytes of an address: 4 or 16. */
static void add_address(struct addresses *to, const void *bytes, size_t size) {
  if (to->count == MAX_ADDRESSES) return;
  union address *address = &to->all[to->count++];
  address->any.sa_family = size == 4 ? AF_INET : AF_INET6;
  memcpy(size == 4 ? (void *)&address->v4.sin_addr : &address->v6.sin6_addr, bytes, size);
}

static socklen_t with_port(union address *address, unsigned long port) {
  address->v4.sin_port = htons((in_port_t)port); /* stands at the same place in both */
  return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}

static bool add_numeric(struct addresses *to, const char *text) {
  unsigned char bytes[16];
  bool v4 = inet_pton(AF_INET, text, bytes) == 1;
  if (!v4 && inet_pton(AF_INET6, text, bytes) != 1) return false;
  add_address(to, bytes, v4 ? 4 : 16);
  return true;
}

/* The text of a file, good until the next call. */
static char *text_of(const char *path) {
  static char text[CHUNK];
  text[read_start(path, text, sizeof text - 1)] = 0;
  return text;
}

/* The words of the next line that has two or more. False: there is none. */
static bool next_line(char **text, char *words[MAX_WORDS + 1]) {
  size_t count = 0;
  while (count < 2 && **text) {
    char *line = *text, *rest;
    *text += strcspn(line, "\n");
    if (**text) *(*text)++ = 0;
    line[strcspn(line, "#;")] = 0;
    count = 0;
    for (char *word = strtok_r(line, " \t", &rest); word && count < MAX_WORDS; word = strtok_r(NULL, " \t", &rest))
      words[count++] = word;
    words[count] = NULL;
  }
  return count > 1;
}

static void look_in_hosts(const char *host, struct addresses *to) {
  char *text = text_of("/etc/hosts"), *words[MAX_WORDS + 1];
  while (next_line(&text, words))
    for (char **name = words + 1; *name; name++)
      if (strcasecmp(*name, host) == 0) add_numeric(to, *words);
}

/* The size of the answer; 0 if none came in time. */
static size_t exchange(union address *server, const void *query, size_t size, unsigned char *answer, size_t room) {
  int fd = socket(server->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  ssize_t n = 0;
  if (connect(fd, &server->any, with_port(server, 53)) == 0)
    for (int tries = 0; tries < 2 && n <= 0; tries++)
      if (send(fd, query, size, 0) > 0 && poll(&wait, 1, DNS_WAIT_MS) == 1) n = recv(fd, answer, room, 0);
  close(fd);
  return n >= DNS_HEAD && memcmp(answer, query, 2) == 0 ? (size_t)n : 0;
}

static void take_answer(const unsigned char *answer, size_t size, int type, size_t bytes, struct addresses *to) {
  const unsigned char *at = answer + DNS_HEAD, *end = answer + size;
  int questions = answer[4] << 8 | answer[5], records = questions + (answer[6] << 8 | answer[7]);
  for (int i = 0; i < records; i++) {
    int name = dn_skipname(at, end), head = i < questions ? 4 : 10;
    if (name < 0 || end - at - name < head) return;
    at += name + head;
    if (i < questions) continue;
    size_t length = (size_t)(at[-2] << 8 | at[-1]);
    if (length > (size_t)(end - at)) return;
    if ((at[-10] << 8 | at[-9]) == type && length == bytes) add_address(to, at, bytes);
    at += length;
  }
}

static void ask_dns(const char *host, int type, size_t bytes, struct addresses *to) {
  char *text = text_of("/etc/resolv.conf"), *words[MAX_WORDS + 1];
  struct addresses servers = {.count = 0};
  unsigned char query[280], answer[4096]; /* 280: musl writes no longer one */
  int query_size = res_mkquery(0, host, C_IN, type, NULL, 0, NULL, query, sizeof query);
  while (next_line(&text, words))
    if (same(*words, "nameserver")) add_numeric(&servers, words[1]);
  for (size_t i = 0; query_size > 0 && i < servers.count; i++) {
    size_t size = exchange(&servers.all[i], query, (size_t)query_size, answer, sizeof answer);
    if (size) return take_answer(answer, size, type, bytes, to);
  }
}

static const char *connect_by_name(const char *host, const char *port) {
  struct addresses found = {.count = 0};
  int error = 0;
  if (!add_numeric(&found, same(host, "localhost") ? "127.0.0.1" : host)) look_in_hosts(host, &found);
  if (!found.count) ask_dns(host, T_A, 4, &found);
  if (!found.count) ask_dns(host, T_AAAA, 16, &found);
  if (!found.count) return "its name is not known";
  for (size_t i = 0; i < found.count; i++) {
    socklen_t size = with_port(&found.all[i], read_decimal(port, strlen(port)));
    if ((error = connect_to(&found.all[i].any, size)) == 0) return NULL;
  }
  return strerror(error);
}

#endif

/* The alarm covers the look-up of the name as well. */
const char *reach_tcp(const char *host, const char *port) {
  struct sigaction action = {.sa_handler = on_alarm}, before;
  sigaction(SIGALRM, &action, &before);
  unsigned callers_alarm = alarm(CONNECT_LIMIT_MS / 1000);
  const char *why = connect_by_name(host, port);
  alarm(callers_alarm);
  sigaction(SIGALRM, &before, NULL);
  return why;
}
