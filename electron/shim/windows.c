/* The shim on Windows. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <aclapi.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "shim.h"

enum { WIDE = 32768 }; /* the longest command line, variable or path */
char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE], answered_at[PATH_SIZE];
static char endpoint_path[PATH_SIZE];
static unsigned char input[HEAD + CHUNK]; /* one I frame */
static HANDLE channel = INVALID_HANDLE_VALUE, launched, start_lock;
static unsigned char token[32];
static wchar_t **wide_words, command_line[WIDE];
static size_t command_size;
static volatile bool echo_off, program_runs;
static DWORD echo_on;
static UINT code_page;

/* Good until the fourth next call. */
static wchar_t *wide(const char *text) {
  static wchar_t rooms[4][WIDE];
  static unsigned turn;
  wchar_t *out = rooms[turn++ % 4];
  if (!MultiByteToWideChar(CP_UTF8, 0, text, -1, out, WIDE)) FAIL(USAGE, "A text is too long for Windows.");
  return out;
}

/* Good for ever. */
static char *narrow(const wchar_t *text) {
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

static const char *variable(const wchar_t *name) {
  static wchar_t value[WIDE];
  DWORD size = GetEnvironmentVariableW(name, value, WIDE);
  return size && size < WIDE ? narrow(value) : NULL;
}

bool is_absolute(const char *path) {
  return (*path && path[1] == ':') || (path[0] == '\\' && path[1] == '\\');
}

void find_places(void) {
  const char *own = variable(L"EVERCRED_HOME"), *local = variable(L"LOCALAPPDATA");
  if (own && !is_absolute(own)) FAIL(USAGE, "EVERCRED_HOME is not an absolute path. Set it to one, or unset it.");
  if (!own && !local) FAIL(USAGE, "LOCALAPPDATA is not set. Sign in to Windows again.");
  if (own) JOIN(state_path, own, "\\state");
  else JOIN(state_path, local, "\\Evercred");
  JOIN(endpoint_path, state_path, "\\endpoint");
  JOIN(stopped_path, state_path, "\\stopped");
  JOIN(log_path, state_path, "\\evercred.log");
}

/* The user of a process, in the caller's room. NULL where Windows does not say. */
static PSID user_of(HANDLE process, void *room, DWORD size) {
  HANDLE access;
  if (!OpenProcessToken(process, TOKEN_QUERY, &access)) return NULL;
  bool known = GetTokenInformation(access, TokenUser, room, size, &size);
  CloseHandle(access);
  return known ? ((TOKEN_USER *)room)->User.Sid : NULL;
}

static PSID my_sid(void) {
  static TOKEN_USER room[16]; /* the SID follows the structure */
  PSID user = user_of(GetCurrentProcess(), room, sizeof room);
  if (!user) FAIL(FAILED, "Windows does not say who you are. Sign in again.");
  return user;
}

void refuse_strangers(void) {
  if (IsWellKnownSid(my_sid(), WinLocalSystemSid)) FAIL(USAGE, "Run this as yourself, not as SYSTEM.");
}

static bool owned(HANDLE object, SE_OBJECT_TYPE kind, bool or_by_system) {
  PSECURITY_DESCRIPTOR descriptor;
  PSID owner;
  DWORD error = GetSecurityInfo(object, kind, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor);
  if (error != ERROR_SUCCESS) return false;
  bool mine = EqualSid(owner, my_sid()) ||
              (or_by_system && (IsWellKnownSid(owner, WinLocalSystemSid) ||
                                IsWellKnownSid(owner, WinBuiltinAdministratorsSid)));
  LocalFree(descriptor);
  return mine;
}

/* What an elevated daemon makes belongs to the administrators, though the daemon is ours. */
static bool server_is_me(void) {
  TOKEN_USER room[16];
  ULONG id;
  if (!GetNamedPipeServerProcessId(channel, &id)) return false;
  HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
  PSID user = process ? user_of(process, room, sizeof room) : NULL;
  if (process) CloseHandle(process);
  return user && EqualSid(user, my_sid());
}

void add_environment(void) {
  wchar_t *block = GetEnvironmentStringsW();
  for (wchar_t *entry = block; *entry; entry += wcslen(entry) + 1) {
    const char *text = narrow(entry);
    if (listed(text, request_names)) add_text('E', text);
  }
  FreeEnvironmentStringsW(block);
}

const char *working_directory(void) {
  static wchar_t path[WIDE];
  DWORD size = GetCurrentDirectoryW(WIDE, path);
  return size && size < WIDE ? narrow(path) : "";
}

static HANDLE open_file(const char *path) {
  return CreateFileW(wide(path), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                     OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

static bool read_token(const char *hex) {
  for (size_t i = 0; i < 2 * sizeof token; i++) {
    const char *digits = "0123456789abcdef", *digit = hex[i] ? strchr(digits, hex[i]) : NULL;
    if (!digit) return false;
    token[i / 2] = (unsigned char)(token[i / 2] << 4 | (digit - digits));
  }
  return true;
}

/* The endpoint file holds the pipe's name and, on the next line, the token. */
bool reach(void) {
  static const char local[] = "\\\\.\\pipe\\";
  char text[1024];
  DWORD size = 0;
  HANDLE file = open_file(endpoint_path);
  if (file == INVALID_HANDLE_VALUE) return false;
  if (!owned(file, SE_FILE_OBJECT, false))
    FAIL(UNREACHABLE, endpoint_path, " belongs to another user. Remove it, then try again.");
  if (!ReadFile(file, text, sizeof text - 1, &size, NULL)) size = 0;
  CloseHandle(file);
  text[size] = 0;
  char *second = strchr(text, '\n');
  if (!second || !read_token(second + 1) || strncmp(text, local, sizeof local - 1) != 0) return false;
  text[strcspn(text, "\r\n")] = 0;
  for (int tries = 0; tries < 5; tries++) {
    channel = CreateFileW(wide(text), GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                          SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
    if (channel != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY) break;
    WaitNamedPipeW(wide(text), 1000);
  }
  if (channel == INVALID_HANDLE_VALUE) return false;
  if (!owned(channel, SE_KERNEL_OBJECT, false) && !server_is_me())
    FAIL(UNREACHABLE, "Another user answers at ", text, ". Remove ", endpoint_path, ", then try again.");
  strcpy(answered_at, text);
  return true;
}

void disconnect(void) { CloseHandle(channel); }

void add_token(void) { add('K', token, sizeof token); }

bool send_bytes(const void *data, size_t size) {
  DWORD n;
  for (const char *at = data; size; at += n, size -= n)
    if (!WriteFile(channel, at, (DWORD)size, &n, NULL)) return false;
  return true;
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

static void put_wide(wchar_t c, size_t times) {
  if (times >= WIDE - command_size) FAIL(USAGE, "The command line is too long for Windows.");
  while (times--) command_line[command_size++] = c;
  command_line[command_size] = 0;
}

/* Adds a word so that CommandLineToArgvW reads it back: backslashes count only before a quote. */
static void quote(const wchar_t *word, bool always) {
  if (command_size) put_wide(' ', 1);
  bool plain = *word && !always && !wcspbrk(word, L" \t\n\v\"");
  if (!plain) put_wide('"', 1);
  for (size_t slashes = 0;; word++) {
    if (*word == '\\') {
      slashes++;
      continue;
    }
    bool doubled = !plain && (*word == 0 || *word == '"');
    put_wide('\\', (doubled ? 2 * slashes : slashes) + (*word == '"'));
    slashes = 0;
    if (*word == 0) break;
    put_wide(*word, 1);
  }
  if (!plain) put_wide('"', 1);
}

/* Looks in PATH only, never in the current folder, with the extensions of PATHEXT. */
static bool find_program(const wchar_t *name, wchar_t found[WIDE]) {
  static wchar_t path[WIDE], candidate[WIDE];
  const char *listed_extensions = variable(L"PATHEXT");
  const wchar_t *extension = wide(listed_extensions ? listed_extensions : ".COM;.EXE;.BAT;.CMD");
  size_t length = wcslen(name);
  if (wcspbrk(name, L"\\/:")) wcscpy(path, L".");
  else if (!GetEnvironmentVariableW(L"PATH", path, WIDE)) return false;
  if (wcschr(name, '.') && SearchPathW(path, name, NULL, WIDE, found, NULL)) return true;
  for (; *extension; extension += *extension == ';') {
    size_t size = wcscspn(extension, L";");
    if (size && length + size < WIDE) {
      wcscpy(candidate, name);
      wcsncpy(candidate + length, extension, size);
      candidate[length + size] = 0;
      if (SearchPathW(path, candidate, NULL, WIDE, found, NULL)) return true;
    }
    extension += size;
  }
  return false;
}

/* Windows has no exec: this process waits, and Ctrl-C is the program's. */
_Noreturn static void run_and_wait(const wchar_t *program, const char *name) {
  STARTUPINFOW how = {.cb = sizeof how};
  PROCESS_INFORMATION process;
  DWORD code = FAILED;
  restore_console();
  program_runs = true;
  if (!CreateProcessW(program, command_line, NULL, NULL, TRUE, 0, NULL, NULL, &how, &process))
    FAIL(NOT_EXECUTABLE, "'", name, "' could not be run: error ", decimal(GetLastError()), ".");
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  leave((int)code);
}

void execute(int argc, char **argv, int first) {
  static wchar_t program[WIDE];
  if (!find_program(wide_words[first], program)) FAIL(NOT_FOUND, "'", argv[first], "' is not found.");
  const wchar_t *extension = wcsrchr(program, '.');
  bool batch = extension && (_wcsicmp(extension, L".bat") == 0 || _wcsicmp(extension, L".cmd") == 0);
  quote(program, batch);
  for (int i = first + 1; i < argc; i++) {
    if (batch && wcspbrk(wide_words[i], L"\"%\r\n"))
      FAIL(NOT_EXECUTABLE, "A batch file cannot be given this argument safely: ", argv[i], ". Leave out \" and %.");
    quote(wide_words[i], batch);
  }
  run_and_wait(program, argv[first]);
}

static void quote_way(struct way *way) {
  command_size = 0;
  for (char **word = way->words; *word; word++) quote(wide(*word), false);
}

void run_in_foreground(struct way *way) {
  quote_way(way);
  run_and_wait(wide(way->program), way->program);
}

bool exists(const char *path) { return GetFileAttributesW(wide(path)) != INVALID_FILE_ATTRIBUTES; }

void forget(const char *path) { DeleteFileW(wide(path)); }

size_t read_tail(const char *path, char *out, size_t size) {
  HANDLE file = open_file(path);
  DWORD n = 0;
  if (file == INVALID_HANDLE_VALUE) return 0;
  SetFilePointer(file, -(LONG)size, NULL, FILE_END); /* fails on a shorter file, which is then read from its start */
  if (!ReadFile(file, out, (DWORD)size, &n, NULL)) n = 0;
  CloseHandle(file);
  return n;
}

const char *read_launch_file(char *text, size_t size, size_t *length) {
  static wchar_t self[WIDE];
  char path[PATH_SIZE];
  DWORD n = GetModuleFileNameW(NULL, self, WIDE);
  if (n == 0 || n == WIDE) FAIL(UNREACHABLE, "This shim cannot find where it is installed. Start the app instead.");
  char *folder = narrow(self);
  *strrchr(folder, '\\') = 0;
  JOIN(path, folder, "/evercred.launch");
  HANDLE file = open_file(path);
  if (file == INVALID_HANDLE_VALUE)
    FAIL(UNREACHABLE, "This shim is not installed with its app: ", path, " is missing. Start the app instead.");
  if (!owned(file, SE_FILE_OBJECT, true)) FAIL(UNREACHABLE, "Others may change ", path, ". Install Evercred again.");
  while (*length < size && ReadFile(file, text + *length, (DWORD)(size - *length), &n, NULL) && n) *length += n;
  CloseHandle(file);
  return folder;
}

bool has_display(void) { return true; }

bool take_start_lock(void) {
  if (!start_lock) start_lock = CreateMutexW(NULL, FALSE, L"Local\\Evercred-start");
  DWORD result = WaitForSingleObject(start_lock, 0);
  return result == WAIT_OBJECT_0 || result == WAIT_ABANDONED;
}

void start(void) {
  bring_up();
  CloseHandle(start_lock); /* this process may live long, waiting for the program that it runs */
}

const char *launch(struct way *way) {
  static wchar_t kept[4 * WIDE];
  STARTUPINFOW how = {.cb = sizeof how};
  PROCESS_INFORMATION process;
  DWORD flags = DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT;
  wchar_t *block = GetEnvironmentStringsW(), *at = kept;
  for (wchar_t *entry = block; *entry; entry += wcslen(entry) + 1) {
    size_t size = wcslen(entry) + 1;
    if (size >= (size_t)(kept + 4 * WIDE - at) || !listed(narrow(entry), daemon_names)) continue;
    wcscpy(at, entry);
    at += size;
  }
  *at = 0;
  FreeEnvironmentStringsW(block);
  quote_way(way);
  const wchar_t *program = wide(way->program);
  /* Out of the caller's job where it lets us: else the daemon would end with the caller's terminal. */
  DWORD apart = flags | CREATE_BREAKAWAY_FROM_JOB;
  if (!CreateProcessW(program, command_line, NULL, NULL, FALSE, apart, kept, NULL, &how, &process) &&
      !CreateProcessW(program, command_line, NULL, NULL, FALSE, flags, kept, NULL, &how, &process))
    return GetLastError() == ERROR_FILE_NOT_FOUND ? "not found" : "cannot be run";
  CloseHandle(process.hThread);
  launched = process.hProcess;
  return NULL;
}

const char *launch_end(void) {
  static char text[MAX_WAYS][PATH_SIZE];
  static size_t at;
  DWORD code = 0;
  if (WaitForSingleObject(launched, 0) != WAIT_OBJECT_0) return NULL;
  GetExitCodeProcess(launched, &code);
  CloseHandle(launched);
  JOIN(text[at], "ended with exit status ", decimal(code));
  return text[at++];
}

long now_ms(void) { return (long)(GetTickCount64() & LONG_MAX); }

void nap(int ms) { Sleep((DWORD)ms); }

/* On Windows the daemon's own file handle is its lock. */
int own(const char *number) {
  (void)number;
  return USAGE;
}

int wmain(int argc, wchar_t **argv) {
  static char *words[MAX_FRAMES + 1];
  wide_words = argv;
  if (argc > MAX_FRAMES) FAIL(USAGE, "The command line is too long for Evercred. Use fewer or shorter arguments.");
  for (int i = 0; i < argc; i++) words[i] = narrow(argv[i]);
  run(argc, words);
}
