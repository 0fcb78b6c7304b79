/* A daemon's end of a named pipe, for the shim under Windows or wine: pipe-server.exe PIPE.
 *
 * Each request, up to its G frame, is copied to stdout as it came. What is to be answered is read from stdin: a 32-bit
 * little-endian number, then as many bytes, which go into the pipe. 0 ends the connection, and the next one is waited for;
 * -1 asks for the shim's stdin, which is copied to stdout up to the empty I frame. */
#include <stdbool.h>
#include <stdio.h>
#include <windows.h>

static HANDLE connection;
static unsigned char room[1 << 20];

static bool read_pipe(unsigned char *out, DWORD size) {
  for (DWORD n; size; out += n, size -= n)
    if (!ReadFile(connection, out, size, &n, NULL) || n == 0) return false;
  return true;
}

static void write_all(HANDLE to, const unsigned char *from, DWORD size) {
  for (DWORD n; size; from += n, size -= n)
    if (!WriteFile(to, from, size, &n, NULL)) ExitProcess(3);
}

static void read_order(void *out, DWORD size) {
  for (DWORD n; size; out = (char *)out + n, size -= n)
    if (!ReadFile(GetStdHandle(STD_INPUT_HANDLE), out, size, &n, NULL) || n == 0) ExitProcess(0);
}

/* Copies frames until one of the type; an I frame ends them only if it is empty. False: the shim has gone. */
static bool copy_until(unsigned char type) {
  unsigned char head[5];
  HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
  for (;;) {
    if (!read_pipe(head, sizeof head)) return false;
    DWORD size = (DWORD)head[1] << 24 | (DWORD)head[2] << 16 | (DWORD)head[3] << 8 | head[4];
    if (size > sizeof room || !read_pipe(room, size)) return false;
    write_all(out, head, sizeof head);
    write_all(out, room, size);
    if (head[0] == type && (type != 'I' || size == 0)) return true;
  }
}

static void answer(void) {
  for (int size;;) {
    read_order(&size, sizeof size);
    if (size == 0) return;
    if (size == -1) {
      if (!copy_until('I')) ExitProcess(4);
      continue;
    }
    read_order(room, (DWORD)size);
    write_all(connection, room, (DWORD)size);
  }
}

int wmain(int argc, wchar_t **argv) {
  if (argc != 2) return 2;
  DWORD mode = PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;
  DWORD access = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE;
  connection = CreateNamedPipeW(argv[1], access, mode, 1, 1 << 16, 1 << 16, 0, NULL);
  if (connection == INVALID_HANDLE_VALUE) return 1;
  /* As a frame of no request: the pipe is there. */
  write_all(GetStdHandle(STD_OUTPUT_HANDLE), (const unsigned char *)"L\0\0\0\0", 5);
  for (;;) {
    if (!ConnectNamedPipe(connection, NULL) && GetLastError() != ERROR_PIPE_CONNECTED) return 1;
    if (copy_until('G')) answer();
    FlushFileBuffers(connection);
    DisconnectNamedPipe(connection);
  }
}
