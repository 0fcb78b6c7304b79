/* What the fuzz targets share: the shim with a made-up system under it. */
#ifndef EVERCRED_FUZZ_PORT_H
#define EVERCRED_FUZZ_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "shim.h"

/* The bytes that are left of the input. */
extern const uint8_t *input_at;
extern size_t input_left;

uint8_t take_byte(void);                                 /* 0 where nothing is left */
size_t take_part(const uint8_t **part);                  /* two bytes of length, and what follows */
char *text_part(char *out, size_t size);                 /* the same, up to its first NUL, as a text */
size_t copy_part(void *out, size_t size);                /* the same, as far as there is room */
void require(bool holds, const char *promise);           /* ends the fuzzer where a promise is broken */
int run_to_its_end(int argc, char **argv);               /* its exit code, or ENDED */
_Noreturn void end_here(void);                           /* the shim has become another program */

enum { ENDED = -1 };

extern const char *bridge_given, *token_given, *token_file_given; /* variables */
extern size_t chunk;                                              /* how much is received at once; 0: all */
extern bool is_there;                                             /* whether a daemon answers */
extern unsigned char shown[1 << 20];                              /* on stdout */
extern size_t shown_size;

#endif
