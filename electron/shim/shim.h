/*
 * What the parts of the shim share. evercred.c is the program; the posix and windows parts do what each system does in
 * its own way, and only those of one system are compiled. Nothing here allocates memory: every buffer is static, and
 * every length is checked against it.
 */
#ifndef EVERCRED_SHIM_H
#define EVERCRED_SHIM_H

#include <stdbool.h>
#include <stddef.h>

enum { DONE = 0, FAILED = 1, USAGE = 2, UNREACHABLE = 4, DENIED = 5 };
enum { NOT_RUN = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127, INTERRUPTED = 130 };
enum { HEAD = 5, MAX_FRAME = 1 << 20, MAX_FRAMES = 1024, MAX_REQUEST = 2 << 20, CHUNK = 1 << 16, TOKEN_SIZE = 32 };
enum { PATH_SIZE = 4096, MAX_WAYS = 8, MAX_WORDS = 32, CONNECT_LIMIT_MS = 3000 };

#define NOT_A_NUMBER (~0ul)

/* One way to start the daemon: a line of the launch file. */
struct way {
  bool app; /* needs a display */
  char *words[MAX_WORDS + 1];
  char program[PATH_SIZE];
  const char *end; /* how it ended, for the person who waits */
};

/* ---- text.c ---- */

void tell(int fd, const char *const *parts);
void join(char out[PATH_SIZE], const char *const *parts);
const char *decimal(unsigned long number);
unsigned long read_decimal(const char *text, size_t size);
bool same(const char *a, const char *b);
bool listed(const char *entry, const char *names); /* whether NAME=VALUE has one of the names */

#define TELL(fd, ...) tell(fd, (const char *const[]){__VA_ARGS__, NULL})
#define FAIL(code, ...) (TELL(2, "evercred: ", __VA_ARGS__, "\n"), fail(code))
#define JOIN(out, ...) join(out, (const char *const[]){__VA_ARGS__, NULL})

/* ---- evercred.c ---- */

extern const char request_names[];
extern char terminals[32];  /* payload of T */
extern char **doctor_words; /* those after "doctor", which works without a daemon too; else NULL */

_Noreturn void run(int argc, char **argv);
_Noreturn void fail(int code);
void put_head(unsigned char *at, char type, size_t size);
void add(char type, const void *data, size_t size);
void add_text(char type, const char *text);
_Noreturn void refuse_reply(const char *what);

/* ---- start.c ---- */

extern const char daemon_names[];

void read_ways(void); /* the launch file */
void bring_up(void);  /* returns once somebody answers */
void heed_stop(void); /* ends the program where the user has stopped the daemon */
void wait_until_gone(void);
_Noreturn void run_daemon(void);
_Noreturn void run_doctor(char **words);

/* ---- bridge.c ---- */

extern const char *bridge; /* EVERCRED_BRIDGE; NULL: the user's own daemon */
extern const char bridge_names[];
extern unsigned char token[TOKEN_SIZE];
extern bool has_token;

void find_bridge(void);
void reach_bridge(void); /* connects, or ends the program */
bool read_token(const char *text);

#define FAIL_BRIDGE(...)                                                                                               \
  FAIL(UNREACHABLE, "The bridge ", bridge, " ", __VA_ARGS__, ". Make it anew on the host with: evercred bridge add")

/* ---- the posix and windows parts ---- */

extern char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE];
extern char answered_at[PATH_SIZE]; /* where the connection goes */

_Noreturn void leave(int code); /* puts the terminal back and ends */
void write_out(int fd, const void *data, size_t size);
void prepare(void);                     /* signals, terminals */
const char *variable(const char *name); /* NULL where it is not set */

void find_places(void);                                    /* the paths above */
void refuse_strangers(void);                               /* callers whose daemon this is not */
bool reach(void);                                          /* connects; false: nobody is there */
const char *reach_socket(const char *path);                /* connects to a bridge; NULL, or why not */
const char *reach_tcp(const char *host, const char *port); /* as reach_socket, within the limit */
void disconnect(void);

void add_environment(const char *names); /* E */
const char *working_directory(void);
bool send_bytes(const void *data, size_t size);
size_t receive(void *data, size_t size); /* 0: the connection ended */
bool has_reply(long limit_ms); /* whether the daemon says something, or ends the connection, within this time */
void want_input(char kind);              /* ' ' all, 'l' a line, 'h' a line with echo off */
bool is_asked(void);                     /* whether that is still to be sent */

bool change_variable(char *entry); /* NAME=VALUE sets, NAME unsets; the text is kept */
_Noreturn void execute(int argc, char **argv, int first);
_Noreturn void run_script(char **words); /* the words of /bin/sh */

bool exists(const char *path);
void forget(const char *path);
void remember(const char *path); /* makes an empty file, where its folder can be had */
size_t read_start(const char *path, char *out, size_t size); /* 0: there is nothing that can be read */
size_t read_tail(const char *path, char *out, size_t size);
const char *read_launch_file(char *text, size_t size, size_t *length); /* the folder it is in */
bool is_absolute(const char *path);

bool has_display(void);
void start(void); /* brings the daemon up and connects */
bool take_start_lock(void);
const char *launch(struct way *way); /* NULL, or why it could not be started */
const char *launch_end(void);        /* NULL while it runs */
_Noreturn void run_in_foreground(struct way *way);
long now_ms(void);
void nap(int ms);
int own(const char *number); /* locks an inherited descriptor: 0 done, 1 somebody else has it, 2 neither */

#endif
