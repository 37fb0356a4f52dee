/* What both programs on the official C client, libzookeeper_mt, need. */
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#define THREADED
#include <zookeeper/zookeeper.h>

enum { PATH_ROOM = 1024 };

/* Say on stderr what went wrong, and exit with 1. */
_Noreturn void fail(const char *what, int code);

/* Fail, unless the code is ZOK. */
void must(const char *what, int code);

long long now_ns(void);

void print_version(void);

#endif
