/* The operations that are repeated; every reply is checked. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "load.h"

enum { TOGETHER = 10 }; /* writes in a transaction */

#define NUMBER(number) ((const void *)(intptr_t)(number))

static void check_size(const char *what, int code, int length, const struct Stat *stat)
{
    must(what, code);
    if (length != job.size || stat->dataLength != job.size)
        fail("a value of another size", ZMARSHALLINGERROR);
}

static void node(char *name, long number)
{
    snprintf(name, PATH_ROOM, "%s/n%08ld", job.path, number);
}

static char *buffer;

static void get_prepare(void)
{
    buffer = malloc(job.size + 1);
}

static void get_one(long number)
{
    (void)number;
    struct Stat stat;
    int length = job.size + 1;
    int code = zoo_get(job.zh, job.path, 0, buffer, &length, &stat);
    check_size("zoo_get", code, length, &stat);
}

static void got(int code, const char *value, int length, const struct Stat *stat, const void *data)
{
    (void)value;
    check_size("zoo_aget", code, length, stat);
    answered(data);
}

static void get_ask(long number)
{
    must("zoo_aget", zoo_aget(job.zh, job.path, 0, got, NUMBER(number)));
}

static void set_one(long number)
{
    (void)number;
    struct Stat stat;
    int code = zoo_set2(job.zh, job.path, job.value, job.size, -1, &stat);
    check_size("zoo_set2", code, job.size, &stat);
}

static void was_set(int code, const struct Stat *stat, const void *data)
{
    check_size("zoo_aset", code, job.size, stat);
    answered(data);
}

static void set_ask(long number)
{
    must("zoo_aset",
         zoo_aset(job.zh, job.path, job.value, job.size, -1, was_set, NUMBER(number)));
}

static void create_one(long number)
{
    char name[PATH_ROOM], made[PATH_ROOM];
    node(name, number);
    must("zoo_create", zoo_create(job.zh, name, job.value, job.size, &ZOO_OPEN_ACL_UNSAFE,
                                  ZOO_PERSISTENT, made, sizeof made));
}

static void created(int code, const char *name, const void *data)
{
    must("zoo_acreate", code);
    if (strncmp(name, job.path, strlen(job.path)) != 0)
        fail("another node was created", ZMARSHALLINGERROR);
    answered(data);
}

static void create_ask(long number)
{
    char name[PATH_ROOM];
    node(name, number);
    must("zoo_acreate", zoo_acreate(job.zh, name, job.value, job.size, &ZOO_OPEN_ACL_UNSAFE,
                                    ZOO_PERSISTENT, created, NUMBER(number)));
}

static void delete_one(long number)
{
    char name[PATH_ROOM];
    node(name, number);
    must("zoo_delete", zoo_delete(job.zh, name, -1));
}

static void deleted(int code, const void *data)
{
    must("zoo_adelete", code);
    answered(data);
}

static void delete_ask(long number)
{
    char name[PATH_ROOM];
    node(name, number);
    must("zoo_adelete", zoo_adelete(job.zh, name, -1, deleted, NUMBER(number)));
}

static void check_children(int code, const struct String_vector *names)
{
    must("zoo_get_children", code);
    if (names->count != job.size)
        fail("another number of children", ZMARSHALLINGERROR);
}

static void children_one(long number)
{
    (void)number;
    struct String_vector names;
    int code = zoo_get_children(job.zh, job.path, 0, &names);
    check_children(code, &names);
    deallocate_String_vector(&names);
}

static void listed(int code, const struct String_vector *names, const void *data)
{
    check_children(code, names);
    answered(data);
}

static void children_ask(long number)
{
    must("zoo_aget_children",
         zoo_aget_children(job.zh, job.path, 0, listed, NUMBER(number)));
}

/* The library fills in the results when the reply comes, so a request keeps its own until then.
 * Replies come in the order of the requests: a window of so many needs so many of these. */
static struct transaction {
    zoo_op_t writes[TOGETHER];
    zoo_op_result_t results[TOGETHER];
    struct Stat stats[TOGETHER];
} *transactions;

static void multi_prepare(void)
{
    transactions = calloc(job.in_flight, sizeof *transactions);
    for (long i = 0; i < job.in_flight; i++)
        for (int j = 0; j < TOGETHER; j++)
            zoo_set_op_init(&transactions[i].writes[j], job.path, job.value, job.size, -1,
                            &transactions[i].stats[j]);
}

static void check_transaction(const char *what, int code, const struct transaction *all)
{
    must(what, code);
    for (int j = 0; j < TOGETHER; j++)
        check_size(what, all->results[j].err, job.size, &all->stats[j]);
}

static void multi_one(long number)
{
    (void)number;
    int code = zoo_multi(job.zh, TOGETHER, transactions->writes, transactions->results);
    check_transaction("zoo_multi", code, transactions);
}

static void committed(int code, const void *data)
{
    check_transaction("zoo_amulti", code, &transactions[(intptr_t)data % job.in_flight]);
    answered(data);
}

static void multi_ask(long number)
{
    struct transaction *all = &transactions[number % job.in_flight];
    must("zoo_amulti", zoo_amulti(job.zh, TOGETHER, all->writes, all->results, committed,
                                  NUMBER(number)));
}

static const struct operation operations[] = {
    {"get", get_one, get_ask, get_prepare},
    {"set", set_one, set_ask, NULL},
    {"create", create_one, create_ask, NULL},
    {"delete", delete_one, delete_ask, NULL},
    {"children", children_one, children_ask, NULL},
    {"multi", multi_one, multi_ask, multi_prepare},
};

const struct operation *find_operation(const char *name)
{
    for (unsigned i = 0; i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}
