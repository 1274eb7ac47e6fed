// worker SERVERS FOLDER ROLE: the functions that every client of these tests calls. See RealClientTests.
#include <libgearman/gearman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder;

static void await_gate(void) {
    char path[512];
    snprintf(path, sizeof path, "%s/gate", folder);
    while (access(path, F_OK) != 0) usleep(5000);
}

static void *text(const char *value, size_t *size) {
    *size = strlen(value);
    return strdup(value);
}

static void *copy(gearman_job_st *job, size_t *size) {
    *size = gearman_job_workload_size(job);
    char *bytes = malloc(*size + 1);
    memcpy(bytes, gearman_job_workload(job), *size);
    return bytes;
}

#define FUNCTION(name) static void *name(gearman_job_st *job, void *context, size_t *size, gearman_return_t *result)
#define FINE (void)job, (void)context, *result = GEARMAN_SUCCESS

FUNCTION(reverse) {
    FINE;
    char *bytes = copy(job, size);
    for (size_t i = 0; i < *size / 2; i++) {
        char swapped = bytes[i];
        bytes[i] = bytes[*size - 1 - i];
        bytes[*size - 1 - i] = swapped;
    }
    return bytes;
}

FUNCTION(data) {
    FINE;
    gearman_job_send_data(job, "one", 3);
    gearman_job_send_data(job, "two", 3);
    return text("three", size);
}

FUNCTION(warning) {
    FINE;
    gearman_job_send_warning(job, "careful", 7);
    return text("done", size);
}

FUNCTION(status) {
    FINE;
    gearman_job_send_status(job, 3, 7);
    await_gate();
    return text("done", size);
}

FUNCTION(exception) {
    (void)context;
    *size = 0;
    *result = gearman_job_send_exception(job, "boom", 4);
    return NULL;
}

FUNCTION(fail) {
    (void)job, (void)context;
    *size = 0;
    *result = GEARMAN_WORK_FAIL;
    return NULL;
}

FUNCTION(record) {
    FINE;
    char path[512];
    snprintf(path, sizeof path, "%s/record", folder);
    FILE *file = fopen(path, "a");
    fprintf(file, "%.*s\n", (int)gearman_job_workload_size(job), (const char *)gearman_job_workload(job));
    fclose(file);
    return copy(job, size);
}

FUNCTION(sleepy) {
    FINE;
    await_gate();
    return text("late", size);
}

FUNCTION(wakeful) {
    FINE;
    return text("in time", size);
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    folder = argv[2];
    gearman_worker_st *worker = gearman_worker_create(NULL);
    gearman_worker_add_servers(worker, argv[1]);
    gearman_worker_set_timeout(worker, 1000);
    if (!strcmp(argv[3], "all")) {
        gearman_worker_add_function(worker, "reverse", 0, reverse, NULL);
        gearman_worker_add_function(worker, "data", 0, data, NULL);
        gearman_worker_add_function(worker, "warning", 0, warning, NULL);
        gearman_worker_add_function(worker, "status", 0, status, NULL);
        gearman_worker_add_function(worker, "exception", 0, exception, NULL);
        gearman_worker_add_function(worker, "fail", 0, fail, NULL);
        gearman_worker_add_function(worker, "record", 0, record, NULL);
    } else if (!strcmp(argv[3], "sleepy")) {
        gearman_worker_add_function(worker, "sleepy", 1, sleepy, NULL);
    } else {
        gearman_worker_add_function(worker, "sleepy", 0, wakeful, NULL);
    }
    for (;;) {
        gearman_return_t result = gearman_worker_work(worker);
        if (gearman_failed(result) && result != GEARMAN_TIMEOUT) usleep(20000);
    }
}
