/* Programs on Windows: the one that exec runs, and the daemon that is started. */
#include "windows-parts.h"

#include <string.h>

#include "shim.h"

static HANDLE launched, start_lock;
static wchar_t command_line[WIDE];
static size_t command_size;

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
  const char *listed_extensions = variable("PATHEXT");
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
  give_console_away();
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

void run_script(char **words) {
  (void)words;
  FAIL(FAILED, "This needs a POSIX shell, which Windows does not have. Run it in WSL.");
}

static void quote_way(struct way *way) {
  command_size = 0;
  for (char **word = way->words; *word; word++) quote(wide(*word), false);
}

void run_in_foreground(struct way *way) {
  quote_way(way);
  run_and_wait(wide(way->program), way->program);
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
