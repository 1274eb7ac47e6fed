// client ITEM SERVERS FOLDER: does one item and prints what happened. See RealClientTests.
#include <libgearman/gearman.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gearman_client_st *client;
static const char *folder;

static bool done;

static gearman_return_t say(gearman_task_st *task, const char *what, bool last) {
    printf("%s %.*s\n", what, (int)gearman_task_data_size(task), (const char *)gearman_task_data(task));
    done |= last;
    return GEARMAN_SUCCESS;
}

static gearman_return_t on_data(gearman_task_st *task) { return say(task, "data", false); }
static gearman_return_t on_warning(gearman_task_st *task) { return say(task, "warning", false); }
static gearman_return_t on_exception(gearman_task_st *task) { return say(task, "exception", true); }
static gearman_return_t on_complete(gearman_task_st *task) { return say(task, "complete", true); }

static gearman_return_t on_status(gearman_task_st *task) {
    printf("status %u/%u\n", gearman_task_numerator(task), gearman_task_denominator(task));
    return GEARMAN_SUCCESS;
}

static gearman_return_t on_fail(gearman_task_st *task) {
    (void)task;
    if (!done) puts("fail"); // an exception counts as a failure too
    done = true;
    return GEARMAN_SUCCESS;
}

static bool perform(const char *function, const char *payload) {
    gearman_return_t result;
    done = false;
    gearman_client_add_task(client, NULL, NULL, function, NULL, payload, strlen(payload), &result);
    gearman_client_run_tasks(client);
    return done;
}

// The simple call: it may be repeated after it failed, where a failed task would stay with the client.
static bool call(const char *function, const char *payload, bool timeout_ends) {
    size_t size;
    gearman_return_t result;
    char *bytes = gearman_client_do(client, function, NULL, payload, strlen(payload), &size, &result);
    if (result == GEARMAN_SUCCESS) printf("complete %.*s\n", (int)size, bytes);
    else if (result == GEARMAN_TIMEOUT && timeout_ends) puts("timed out");
    else fprintf(stderr, "%s\n", gearman_strerror(result));
    free(bytes);
    return result == GEARMAN_SUCCESS || (result == GEARMAN_TIMEOUT && timeout_ends);
}

static void foreground(void) {
    perform("reverse", "hello");
    size_t size;
    gearman_return_t result;
    unsigned char *bytes = gearman_client_do(client, "reverse", NULL, "a\0b", 3, &size, &result);
    printf("bytes ");
    for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
    puts("");
}

static void submit(gearman_return_t (*how)(gearman_client_st *, const char *, const char *, const void *, size_t, char *),
    const char *payload, const char *unique, char *handle) {
    gearman_job_handle_t ignored;
    how(client, "record", unique, payload, strlen(payload), handle ? handle : ignored);
}

static void background(void) {
    gearman_job_handle_t handle = "";
    submit(gearman_client_do_background, "one", NULL, handle);
    puts(strncmp(handle, "H:", 2) == 0 ? "handle" : "no handle");
}

static void priorities(void) {
    submit(gearman_client_do_low_background, "low", NULL, NULL);
    submit(gearman_client_do_background, "normal", NULL, NULL);
    submit(gearman_client_do_high_background, "high", NULL, NULL);
    puts("submitted");
}

static void unique(void) {
    gearman_job_handle_t first = "", second = "", other = "";
    submit(gearman_client_do_background, "first", "key", first);
    submit(gearman_client_do_background, "second", "key", second);
    submit(gearman_client_do_background, "other", "key2", other);
    printf("%s %s\n", strcmp(first, second) ? "different" : "same", strcmp(first, other) ? "different" : "same");
}

static void status(void) {
    gearman_job_handle_t handle;
    bool known, running;
    uint32_t numerator, denominator = 0;
    gearman_client_do_background(client, "status", NULL, "x", 1, handle);
    while (denominator == 0) {
        usleep(5000);
        gearman_client_job_status(client, handle, &known, &running, &numerator, &denominator);
    }
    printf("%s %s %u/%u\n", known ? "known" : "unknown", running ? "running" : "waiting", numerator, denominator);
    char path[512];
    snprintf(path, sizeof path, "%s/gate", folder);
    fclose(fopen(path, "w"));
    while (known) {
        usleep(5000);
        gearman_client_job_status(client, handle, &known, &running, &numerator, &denominator);
    }
    puts("unknown");
    perform("status", "x");
}

static void timeouts(void) {
    gearman_client_set_timeout(client, 200);
    call("nobody", "x", true);
    gearman_client_set_timeout(client, -1);
    call("sleepy", "x", true);
}

static void reconnect(void) {
    // libgearman sometimes waits for an answer to what it never sent, when a server goes while it looks for another
    gearman_client_set_timeout(client, 2000);
    while (!call("reverse", "hello", false)) usleep(50000);
    getchar();
    while (!call("reverse", "again", false)) usleep(50000);
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    folder = argv[3];
    client = gearman_client_create(NULL);
    gearman_client_add_servers(client, argv[2]);
    gearman_client_set_data_fn(client, on_data);
    gearman_client_set_warning_fn(client, on_warning);
    gearman_client_set_status_fn(client, on_status);
    gearman_client_set_exception_fn(client, on_exception);
    gearman_client_set_complete_fn(client, on_complete);
    gearman_client_set_fail_fn(client, on_fail);
    const char *item = argv[1];
    if (!strcmp(item, "foreground")) foreground();
    else if (!strcmp(item, "background")) background();
    else if (!strcmp(item, "priorities")) priorities();
    else if (!strcmp(item, "unique")) unique();
    else if (!strcmp(item, "status")) status();
    else if (!strcmp(item, "timeout")) timeouts();
    else if (!strcmp(item, "reconnect")) reconnect();
    else {
        if (!strcmp(item, "exception")) gearman_client_set_server_option(client, "exceptions", 10);
        perform(item, "x");
    }
    return 0;
}
