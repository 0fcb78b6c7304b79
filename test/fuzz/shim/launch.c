/* The launch file, and what is started, tried and said by it. */
#include <string.h>

#include "port.h"

static uint8_t facts; /* what the system is like */
static size_t launches;

static void require_way(struct way *way) {
  size_t count = 0;
  while (count < MAX_WORDS && way->words[count]) count++;
  require(way->words[count] == NULL, "the words of a way have an end");
  require(count > 0 && way->words[0] == way->program, "a way begins with its program");
  require(*way->program == '/', "a program is named by its whole path");
}

const char *read_launch_file(char *text, size_t size, size_t *length) {
  *length = copy_part(text, size);
  return "/opt/evercred";
}

bool exists(const char *path) { return (facts & 1) && !same(path, stopped_path); }
bool has_display(void) { return facts & 2; }
bool take_start_lock(void) { return facts & 4; }

/* One that runs answers, or ends, after a while. */
const char *launch(struct way *way) {
  require_way(way);
  require(++launches <= MAX_WAYS, "each way is tried once");
  return facts & 8 ? NULL : "could not be started";
}

const char *launch_end(void) {
  if (facts & 16) is_there = true;
  return facts & 32 ? "ended" : NULL;
}

void run_in_foreground(struct way *way) {
  require_way(way);
  end_here();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char *words[][MAX_WORDS + 4] = {
      {"evercred", "status", NULL},
      {"evercred", "daemon", "run", NULL},
      {"evercred", "doctor", "--json", NULL},
      {"evercred", "doctor", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17",
       "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", NULL},
  };
  int argc = 0;
  input_at = data;
  input_left = size;
  char **argv = words[take_byte() % (sizeof words / sizeof *words)];
  facts = take_byte();
  is_there = false;
  launches = 0;
  bridge_given = NULL;
  chunk = 0;
  strcpy(stopped_path, "/run/stopped");
  while (argv[argc]) argc++;
  run_to_its_end(argc, argv);
  return 0;
}
