/* Where the daemon is on Windows, and the way to it. */
#include "windows-parts.h"

#include <string.h>
#include <ws2tcpip.h>

#include "shim.h"

char state_path[PATH_SIZE], stopped_path[PATH_SIZE], log_path[PATH_SIZE], answered_at[PATH_SIZE];
static char endpoint_path[PATH_SIZE];
HANDLE channel = INVALID_HANDLE_VALUE;

bool is_absolute(const char *path) {
  return (*path && path[1] == ':') || (path[0] == '\\' && path[1] == '\\');
}

void find_places(void) {
  const char *own = variable("EVERCRED_HOME"), *local = variable("LOCALAPPDATA");
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

bool owned(HANDLE object, SE_OBJECT_TYPE kind, bool or_by_system) {
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

HANDLE open_file(const char *path) {
  return CreateFileW(wide(path), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                     OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
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

void disconnect(void) {
  if (bridge) closesocket((SOCKET)channel);
  else CloseHandle(channel);
}

const char *reach_socket(const char *path) {
  FAIL(USAGE, "On Windows a bridge is reached over TCP, not at ", path, ". Set EVERCRED_BRIDGE to tcp://HOST:PORT.");
}

/* Whether the socket is connected within the limit. */
static bool connect_in_time(SOCKET s, const ADDRINFOA *to) {
  u_long waiting = 1;
  fd_set done, failed;
  FD_ZERO(&done);
  FD_ZERO(&failed);
  FD_SET(s, &done);
  FD_SET(s, &failed);
  ioctlsocket(s, FIONBIO, &waiting);
  if (connect(s, to->ai_addr, (int)to->ai_addrlen) != 0 && WSAGetLastError() != WSAEWOULDBLOCK) return false;
  struct timeval limit = {.tv_sec = CONNECT_LIMIT_MS / 1000};
  if (select(0, NULL, &done, &failed, &limit) < 1 || !FD_ISSET(s, &done)) return false;
  waiting = 0;
  return ioctlsocket(s, FIONBIO, &waiting) == 0;
}

/* Not overlapped, so that the socket is read and written like the pipe. */
const char *reach_tcp(const char *host, const char *port) {
  WSADATA data;
  ADDRINFOA hints = {.ai_socktype = SOCK_STREAM}, *found;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return "Windows gives no sockets";
  if (getaddrinfo(host, port, &hints, &found) != 0) return "its name is not known";
  for (ADDRINFOA *at = found; at; at = at->ai_next) {
    SOCKET s = WSASocketW(at->ai_family, at->ai_socktype, at->ai_protocol, NULL, 0, WSA_FLAG_NO_HANDLE_INHERIT);
    if (s == INVALID_SOCKET) continue;
    channel = (HANDLE)s;
    if (connect_in_time(s, at)) return NULL;
    closesocket(s);
  }
  return "nobody answers there";
}
