/* Starting the daemon: the ways that the launch file names, and the wait for an answer. */
#include "shim.h"

#include <string.h>

enum { START_LIMIT_MS = 10000, START_SILENT_MS = 300, START_STEP_MS = 20 };

/* What a started daemon keeps of the environment of the caller that happened to start it. */
const char daemon_names[] =
    "HOME USER LOGNAME SHELL PATH LANG LANGUAGE LC_* TZ TMPDIR XDG_* DBUS_SESSION_BUS_ADDRESS DISPLAY "
    "WAYLAND_DISPLAY XAUTHORITY DESKTOP_SESSION BROWSER HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy "
    "no_proxy NODE_EXTRA_CA_CERTS AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_PROFILE CLOUDSDK_CONFIG "
    "CLOUDSDK_PYTHON CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE GOOGLE_APPLICATION_CREDENTIALS "
    "GOOGLE_CLOUD_QUOTA_PROJECT GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES AWS_CA_BUNDLE REQUESTS_CA_BUNDLE "
    "SSL_CERT_FILE NO_COLOR EVERCRED_*"
#ifdef _WIN32
    " ALLUSERSPROFILE APPDATA COMMONPROGRAMFILES* COMPUTERNAME COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA "
    "NUMBER_OF_PROCESSORS OS PATHEXT PROCESSOR_* PROGRAMDATA PROGRAMFILES* PROGRAMW6432 PUBLIC SESSIONNAME "
    "SYSTEMDRIVE SYSTEMROOT TEMP TMP USERDOMAIN USERNAME USERPROFILE WINDIR"
#endif
    ;

static struct way ways[MAX_WAYS];
static size_t way_count;

static void parse_way(char *line, const char *folder, const char *path) {
  struct way *way = &ways[way_count];
  size_t words = 0;
  for (char *word = strtok(line, "\t"); word; word = strtok(NULL, "\t")) {
    if (words > MAX_WORDS) FAIL(UNREACHABLE, path, " has a line of too many words. Install Evercred again.");
    if (words++ == 0) {
      way->app = same(word, "app");
      if (!way->app && !same(word, "headless"))
        FAIL(UNREACHABLE, path, " says '", word, "', neither app nor headless. Install Evercred again.");
    } else {
      way->words[words - 2] = word;
    }
  }
  if (words < 2) FAIL(UNREACHABLE, path, " has a line without a program. Install Evercred again.");
  if (is_absolute(way->words[0])) JOIN(way->program, way->words[0]);
  else JOIN(way->program, folder, "/", way->words[0]);
  way->words[0] = way->program;
  way->end = "not tried";
  way_count++;
}

/* Reads the launch file beside this program: lines of words between tabs, tried in their order. */
void read_ways(void) {
  static char text[1 << 14], path[PATH_SIZE];
  size_t size = 0;
  const char *folder = read_launch_file(text, sizeof text, &size);
  way_count = 0;
  JOIN(path, folder, "/evercred.launch");
  if (size == sizeof text) FAIL(UNREACHABLE, path, " is too long. Install Evercred again.");
  text[size] = 0;
  for (char *line = text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next) *next++ = 0;
    line[strcspn(line, "\r")] = 0;
    if (*line == 0 || *line == '#') continue;
    if (way_count == MAX_WAYS) FAIL(UNREACHABLE, path, " has too many lines. Install Evercred again.");
    parse_way(line, folder, path);
  }
}

static bool all_need_display(void) {
  for (size_t i = 0; i < way_count; i++)
    if (!ways[i].app) return false;
  return way_count > 0;
}

void heed_stop(void) {
  if (exists(stopped_path)) FAIL(UNREACHABLE, "Evercred was stopped. Start it with: evercred daemon start");
}

_Noreturn static void give_up(bool mine) {
  static char tail[2048];
  heed_stop(); /* somebody's order meanwhile */
  size_t size = read_tail(log_path, tail, sizeof tail - 1);
  while (size && (tail[size - 1] == '\n' || tail[size - 1] == '\r')) size--;
  tail[size] = 0;
  if (mine && all_need_display() && !has_display())
    FAIL(UNREACHABLE, "The app needs a display, and there is none. Start it on the desktop; on a computer without one "
                      "install the deb evercred-headless, which takes the place of the app.");
  char *last = strrchr(tail, '\n');
  last = last ? last + 1 : tail;
  TELL(2, "evercred: Evercred could not be started. To see why, run: evercred daemon run", "\n");
  if (!mine) TELL(2, "  Another evercred is starting it: no answer within 10 s", "\n");
  else if (way_count == 0) TELL(2, "  The launch file names no way to start it", "\n");
  for (size_t i = 0; mine && i < way_count; i++) TELL(2, "  ", ways[i].program, ": ", ways[i].end, "\n");
  TELL(2, "  Log: ", log_path, *last ? ": " : " (empty)", last, "\n");
  fail(UNREACHABLE);
}

/* Returns once somebody answers. One caller starts the daemon, one way after the other; the others wait. */
void bring_up(void) {
  long begin = now_ms();
  bool mine = false, told = false, running = false;
  size_t next = 0;
  while (!reach()) {
    long waited = now_ms() - begin;
    const char *end = running ? launch_end() : NULL;
    if (end) {
      ways[next++].end = end;
      running = false;
    }
    if (waited >= START_LIMIT_MS) {
      if (running) ways[next].end = "no answer within 10 s";
      give_up(mine);
    }
    if (!told && waited >= START_SILENT_MS) {
      TELL(2, "Starting Evercred…", "\n");
      told = true;
    }
    if (!mine) {
      mine = take_start_lock();
      if (mine) continue; /* the one who had the lock may have done it */
    } else if (!running) {
      if (next == way_count) give_up(mine);
      if (ways[next].app && !has_display()) ways[next++].end = "needs a display, and there is none";
      else if ((end = launch(&ways[next]))) ways[next++].end = end;
      else running = true;
      continue;
    }
    /* Hundreds that wait together look ever more seldom: they must leave the processor to the one that starts. */
    nap(mine || waited < 16 * START_STEP_MS ? START_STEP_MS : (int)(waited / 16));
  }
}

void wait_until_gone(void) {
  long begin = now_ms();
  while (reach()) {
    disconnect();
    if (now_ms() - begin >= START_LIMIT_MS)
      FAIL(UNREACHABLE, "The daemon did not stop within 10 s. End its process, then run: evercred daemon start");
    nap(START_STEP_MS);
  }
}

void run_daemon(void) {
  if (reach()) FAIL(FAILED, "Evercred runs already, at ", answered_at, ". Stop it with: evercred daemon stop");
  read_ways();
  forget(stopped_path);
  for (size_t i = 0; i < way_count; i++)
    if (!ways[i].app) run_in_foreground(&ways[i]);
  FAIL(UNREACHABLE, "The daemon without a window is not installed. Start the app instead.");
}

/* The way that is there: rather one without a window. */
static struct way *way_of_doctor(void) {
  struct way *found = NULL;
  for (size_t i = 0; i < way_count; i++)
    if ((!found || (found->app && !ways[i].app)) && exists(ways[i].program)) found = &ways[i];
  if (!found) FAIL(UNREACHABLE, "What the launch file names is not there. Install Evercred again.");
  return found;
}

/* Where no daemon can be asked, the app looks for the reason itself, in the caller's own terminal and environment. */
void run_doctor(char **words) {
  read_ways();
  struct way *way = way_of_doctor();
  size_t count = 0;
  while (way->words[count]) count++;
  for (char *word = "--doctor"; word; word = *words++) {
    if (count == MAX_WORDS) FAIL(USAGE, "There are too many words after doctor. See: evercred help doctor");
    way->words[count++] = word;
  }
  way->words[count] = NULL;
  run_in_foreground(way);
}
