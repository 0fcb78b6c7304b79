/* The shim on Windows: console, streams, the connection, files. */
#include "windows-parts.h"

#include <limits.h>
#include <string.h>

#include "shim.h"

static unsigned char input[HEAD + CHUNK]; /* one I frame */
wchar_t **wide_words;
static volatile bool echo_off, program_runs;
static DWORD echo_on;
static UINT code_page;

wchar_t *wide(const char *text) {
  static wchar_t rooms[4][WIDE];
  static unsigned turn;
  wchar_t *out = rooms[turn++ % 4];
  if (!MultiByteToWideChar(CP_UTF8, 0, text, -1, out, WIDE)) FAIL(USAGE, "A text is too long for Windows.");
  return out;
}

char *narrow(const wchar_t *text) {
  static char room[MAX_REQUEST];
  static size_t used;
  char *out = room + used;
  int left = (int)(sizeof room - used);
  int size = left ? WideCharToMultiByte(CP_UTF8, 0, text, -1, out, left, NULL, NULL) : 0;
  if (size == 0) FAIL(USAGE, "The command line is too long for Evercred. Use fewer or shorter arguments.");
  used += (size_t)size;
  return out;
}

static HANDLE stream(int fd) {
  return GetStdHandle(fd == 0 ? STD_INPUT_HANDLE : fd == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

static void restore_console(void) {
  if (echo_off) SetConsoleMode(stream(0), echo_on);
  echo_off = false;
  if (code_page) SetConsoleOutputCP(code_page);
  code_page = 0;
}

void leave(int code) {
  restore_console();
  ExitProcess((UINT)code);
}

void give_console_away(void) {
  restore_console();
  program_runs = true;
}

static BOOL WINAPI on_control(DWORD kind) {
  if (!program_runs) leave(kind == CTRL_C_EVENT || kind == CTRL_BREAK_EVENT ? INTERRUPTED : INTERRUPTED + 13);
  return TRUE; /* the program decides */
}

void write_out(int fd, const void *data, size_t size) {
  DWORD n;
  for (const char *at = data; size; at += n, size -= n)
    if (!WriteFile(stream(fd), at, (DWORD)size, &n, NULL)) {
      DWORD error = GetLastError();
      if (fd == 2) return;
      if (error == ERROR_NO_DATA || error == ERROR_BROKEN_PIPE) leave(FAILED);
      FAIL(FAILED, "The output could not be written: error ", decimal(error), ".");
    }
}

void prepare(void) {
  CONSOLE_SCREEN_BUFFER_INFO screen;
  DWORD mode;
  unsigned width = 0;
  char *at = terminals;
  for (int fd = 0; fd < 3; fd++) {
    if (!GetConsoleMode(stream(fd), &mode)) continue;
    *at++ = "ioe"[fd];
    if (GetConsoleScreenBufferInfo(stream(fd), &screen))
      width = (unsigned)(screen.srWindow.Right - screen.srWindow.Left + 1);
  }
  *at++ = ' ';
  strcpy(at, decimal(width));
  if (width && (code_page = GetConsoleOutputCP())) SetConsoleOutputCP(CP_UTF8);
  SetConsoleCtrlHandler(on_control, TRUE);
}

const char *variable(const char *name) {
  static wchar_t value[WIDE];
  DWORD size = GetEnvironmentVariableW(wide(name), value, WIDE);
  return size && size < WIDE ? narrow(value) : NULL;
}

void add_environment(const char *names) {
  wchar_t *block = GetEnvironmentStringsW();
  for (wchar_t *entry = block; *entry; entry += wcslen(entry) + 1) {
    const char *text = narrow(entry);
    if (listed(text, names)) add_text('E', text);
  }
  FreeEnvironmentStringsW(block);
}

const char *working_directory(void) {
  static wchar_t path[WIDE];
  DWORD size = GetCurrentDirectoryW(WIDE, path);
  return size && size < WIDE ? narrow(path) : "";
}

bool send_bytes(const void *data, size_t size) {
  DWORD n;
  for (const char *at = data; size; at += n, size -= n)
    if (!WriteFile(channel, at, (DWORD)size, &n, NULL)) return false;
  return true;
}

bool has_reply(long limit_ms) {
  DWORD there = 0;
  for (long begin = now_ms(); now_ms() - begin < limit_ms; nap(20))
    if (bridge || !PeekNamedPipe(channel, NULL, 0, NULL, &there, NULL) || there) return true;
  return false;
}

size_t receive(void *data, size_t size) {
  DWORD n;
  return ReadFile(channel, data, (DWORD)size, &n, NULL) ? n : 0;
}

static size_t read_stdin(unsigned char *out, size_t size) {
  static wchar_t text[CHUNK / 3];
  DWORD mode, n = 0;
  if (!GetConsoleMode(stream(0), &mode)) return ReadFile(stream(0), out, (DWORD)size, &n, NULL) ? n : 0;
  SetLastError(0);
  if (!ReadConsoleW(stream(0), text, size < CHUNK / 3 ? (DWORD)size : CHUNK / 3, &n, NULL)) return 0;
  if (GetLastError() == ERROR_OPERATION_ABORTED) Sleep(INFINITE); /* Ctrl-C: on_control ends this process */
  if (n == 0 || text[0] == 26) return 0;                          /* Ctrl-Z */
  return (size_t)WideCharToMultiByte(CP_UTF8, 0, text, (int)n, (char *)out, (int)size, NULL, NULL);
}

static void send_input(size_t size) {
  put_head(input, 'I', size);
  (void)!send_bytes(input, HEAD + size);
}

/* Each question is answered before anything else is read. */
bool is_asked(void) { return false; }

/* Waits for stdin alone: a pipe cannot be read and written at the same time without overlapped calls. */
void want_input(char kind) {
  unsigned char *line = input + HEAD;
  size_t size = 0, n;
  DWORD mode;
  bool console = GetConsoleMode(stream(0), &mode);
  if (kind == ' ') {
    do send_input(n = read_stdin(line, CHUNK));
    while (n);
    return;
  }
  if (kind == 'h' && console) {
    echo_on = mode;
    echo_off = true;
    SetConsoleMode(stream(0), mode & ~(DWORD)ENABLE_ECHO_INPUT);
  }
  do {
    if (size == CHUNK) FAIL(FAILED, "The line on stdin is too long.");
    n = read_stdin(line + size, console ? CHUNK - size : 1);
    size += n;
  } while (n && line[size - 1] != '\n');
  if (echo_off) {
    SetConsoleMode(stream(0), echo_on);
    echo_off = false;
    TELL(2, "\n");
  }
  bool empty = size && (line[0] == '\n' || line[0] == '\r');
  while (size && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
  if (empty) line[size++] = '\n';
  send_input(size);
}

bool change_variable(char *entry) {
  char *value = strchr(entry, '=');
  if (value) *value = 0;
  bool done = SetEnvironmentVariableW(wide(entry), value ? wide(value + 1) : NULL);
  if (value) *value = '='; /* the caller steps over the whole entry */
  return done || (!value && GetLastError() == ERROR_ENVVAR_NOT_FOUND);
}

bool exists(const char *path) { return GetFileAttributesW(wide(path)) != INVALID_FILE_ATTRIBUTES; }

void forget(const char *path) { DeleteFileW(wide(path)); }

void remember(const char *path) {
  HANDLE file = CreateFileW(wide(path), GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
}

size_t read_tail(const char *path, char *out, size_t size) {
  HANDLE file = open_file(path);
  DWORD n = 0;
  if (file == INVALID_HANDLE_VALUE) return 0;
  SetFilePointer(file, -(LONG)size, NULL, FILE_END); /* fails on a shorter file, which is then read from its start */
  if (!ReadFile(file, out, (DWORD)size, &n, NULL)) n = 0;
  CloseHandle(file);
  return n;
}

size_t read_start(const char *path, char *out, size_t size) {
  HANDLE file = open_file(path);
  DWORD n = 0;
  if (file == INVALID_HANDLE_VALUE) return 0;
  if (!ReadFile(file, out, (DWORD)size, &n, NULL)) n = 0;
  CloseHandle(file);
  return n;
}

long now_ms(void) { return (long)(GetTickCount64() & LONG_MAX); }

void nap(int ms) { Sleep((DWORD)ms); }

/* On Windows the daemon's own file handle is its lock. */
int own(const char *number) {
  (void)number;
  return USAGE;
}

int wmain(int argc, wchar_t **argv) {
  static char *words[WIDE];
  wide_words = argv;
  if (argc >= WIDE) FAIL(USAGE, "The command line is too long for Evercred. Use fewer or shorter arguments.");
  for (int i = 0; i < argc; i++) words[i] = narrow(argv[i]);
  run(argc, words);
}
