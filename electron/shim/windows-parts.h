/* What the parts of the shim share on Windows. */
#ifndef EVERCRED_WINDOWS_PARTS_H
#define EVERCRED_WINDOWS_PARTS_H

#define WIN32_LEAN_AND_MEAN
#include <winsock2.h> /* before windows.h, which would bring an older one */

#include <windows.h>

#include <aclapi.h>
#include <stdbool.h>

enum { WIDE = 32768 }; /* the longest command line, variable or path */

extern HANDLE channel; /* the connection: a pipe, or over a bridge a socket */
extern wchar_t **wide_words; /* the command line */

wchar_t *wide(const char *text);    /* good until the fourth next call */
char *narrow(const wchar_t *text);  /* good for ever */
HANDLE open_file(const char *path); /* to read */
void give_console_away(void);       /* to a program that this one waits for */
bool owned(HANDLE object, SE_OBJECT_TYPE kind, bool or_by_system);

#endif
