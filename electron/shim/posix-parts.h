/* What the parts of the shim share on Linux and macOS. */
#ifndef EVERCRED_POSIX_PARTS_H
#define EVERCRED_POSIX_PARTS_H

#include <sys/socket.h>

extern int channel; /* the connection; -1: none */

int connect_to(const struct sockaddr *address, socklen_t size); /* 0, or the error */

#endif
