/* The names that the static client looks up by itself: /etc/hosts, /etc/resolv.conf, and answers of DNS. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sanitizer/asan_interface.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port.h"

static char hosts[2000], resolv[2000];
static uint8_t asked[2]; /* the number of the query */
static size_t exchanges;
static unsigned char *beyond; /* what no answer has filled: nobody reads that */
static size_t beyond_size;

static void forbid_beyond(unsigned char *from, size_t size) {
  ASAN_UNPOISON_MEMORY_REGION(beyond, beyond_size);
  ASAN_POISON_MEMORY_REGION(from, size);
  beyond = from;
  beyond_size = size;
}

size_t read_start(const char *path, char *out, size_t size) {
  const char *text = same(path, "/etc/hosts") ? hosts : resolv;
  size_t length = strlen(text);
  if (length < size) size = length;
  memcpy(out, text, size);
  return size;
}

static ssize_t fake_send(const void *query, size_t size) {
  forbid_beyond(NULL, 0);
  require(size >= 12 && size <= 280, "a query has a size");
  memcpy(asked, query, sizeof asked);
  exchanges++;
  return (ssize_t)size;
}

/* Most answers are to what was asked: no input could know the number. */
static ssize_t fake_recv(unsigned char *out, size_t size) {
  forbid_beyond(NULL, 0);
  bool is_other = take_byte() == 255;
  size_t given = copy_part(out, size);
  if (given >= 2 && !is_other) memcpy(out, asked, sizeof asked);
  forbid_beyond(out + given, size - given);
  return given ? (ssize_t)given : -1;
}

static int fake_connect(const struct sockaddr *to, socklen_t size) {
  require(to->sa_family == (size == sizeof(struct sockaddr_in) ? AF_INET : AF_INET6), "a server's address is one");
  return take_byte() == 255 ? -1 : 0;
}

static unsigned fake_alarm(unsigned seconds) {
  static unsigned left;
  unsigned before = left;
  left = seconds;
  return before;
}

/* As musl has it, with which the client is built. */
static int fake_skipname(const unsigned char *from, const unsigned char *end) {
  for (const unsigned char *at = from; at < end; at += *at + 1) {
    if (!*at) return (int)(at - from) + 1;
    if (*at >= 192) return end - at > 1 ? (int)(at - from) + 2 : -1;
    if (end - at < *at + 1) return -1;
  }
  return -1;
}

int connect_to(const struct sockaddr *address, socklen_t size) {
  bool v4 = address->sa_family == AF_INET, v6 = address->sa_family == AF_INET6;
  forbid_beyond(NULL, 0);
  require((v4 && size == sizeof(struct sockaddr_in)) || (v6 && size == sizeof(struct sockaddr_in6)), "an address is one");
  return take_byte() & 1;
}

#define socket(...) 5
#define connect(fd, to, size) fake_connect(to, size)
#define send(fd, query, size, flags) fake_send(query, size)
#define poll(waits, count, ms) ((waits)->events == POLLIN && take_byte() != 255)
#define recv(fd, out, size, flags) fake_recv(out, size)
#define close(...) ((void)0)
#define alarm(seconds) fake_alarm(seconds)
#define sigaction(number, to, was) ((void)(to), (void)(was))
#undef dn_skipname
#define dn_skipname fake_skipname
#undef __GLIBC__
#include "posix-tcp.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char host[600];
  input_at = data;
  input_left = size;
  text_part(host, sizeof host);
  text_part(hosts, sizeof hosts);
  text_part(resolv, sizeof resolv);
  exchanges = 0;
  const char *why = reach_tcp(host, "443");
  forbid_beyond(NULL, 0);
  require(!why || *why, "what went wrong has a name");
  require(exchanges <= 2 * 2 * MAX_ADDRESSES, "each server is asked twice at most, for each kind of address");
  return 0;
}
