/* Makes a libgearman client and libgearman workers send every packet they can, so that a recording proxy sees the bytes.
 *   cc -o traffic traffic.c -lgearman -lpthread && ./traffic HOST PORT
 * Written for libgearman 1.1.20. Nothing here is part of Flotilla; it only produces test data. */
#include <libgearman/gearman.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *host;
static int port;
static volatile bool stop;

static gearman_client_st *new_client(void)
{
    gearman_client_st *client = gearman_client_create(NULL);
    gearman_client_add_server(client, host, port);
    gearman_client_set_timeout(client, 10000);
    return client;
}

static gearman_worker_st *new_worker(void)
{
    gearman_worker_st *worker = gearman_worker_create(NULL);
    gearman_worker_add_server(worker, host, port);
    gearman_worker_set_timeout(worker, 300);
    return worker;
}

/* Every kind of report a worker can send, then the result. */
static gearman_return_t reverse(gearman_job_st *job, void *context)
{
    (void)context;
    const char *in = gearman_job_workload(job);
    size_t size = gearman_job_workload_size(job);
    char *out = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        out[i] = in[size - 1 - i];
    gearman_job_send_data(job, "part", 4);
    gearman_job_send_warning(job, "careful", 7);
    gearman_job_send_status(job, 3, 12);
    gearman_job_send_complete(job, out, size);
    free(out);
    return GEARMAN_SUCCESS;
}

static gearman_return_t broken(gearman_job_st *job, void *context)
{
    (void)context;
    gearman_job_send_fail(job);
    return GEARMAN_SUCCESS;
}

static gearman_return_t throws(gearman_job_st *job, void *context)
{
    (void)context;
    gearman_job_send_exception(job, "it went wrong", 13);
    return GEARMAN_SUCCESS;
}

static gearman_return_t split(gearman_job_st *job, void *context)
{
    (void)context;
    gearman_job_send_data(job, "one", 3);
    gearman_job_send_data(job, "two", 3);
    return GEARMAN_SUCCESS;
}

static gearman_return_t join(gearman_aggregator_st *aggregator, gearman_task_st *task, gearman_result_st *result)
{
    (void)aggregator;
    (void)task;
    gearman_result_store_value(result, "joined", 6);
    return GEARMAN_SUCCESS;
}

static void *serve(void *context)
{
    (void)context;
    gearman_worker_st *worker = new_worker();
    gearman_worker_set_identifier(worker, "golden-worker", 13);
    gearman_worker_define_function(worker, "reverse", 7, gearman_function_create(reverse), 0, NULL);
    gearman_worker_define_function(worker, "broken", 6, gearman_function_create(broken), 0, NULL);
    gearman_worker_define_function(worker, "throws", 6, gearman_function_create(throws), 30, NULL);
    gearman_worker_define_function(worker, "split", 5, gearman_function_create_partition(split, join), 0, NULL);
    while (!stop)
        gearman_worker_work(worker);
    gearman_worker_free(worker);
    return NULL;
}

/* Takes one queued job by hand with the given way of grabbing. */
static void grab(const char *function, gearman_worker_options_t remove, gearman_worker_options_t add)
{
    gearman_return_t code;
    gearman_worker_st *worker = new_worker();
    gearman_worker_remove_options(worker, remove);
    gearman_worker_add_options(worker, add);
    gearman_worker_register(worker, function, 0);
    gearman_job_st *job = gearman_worker_grab_job(worker, NULL, &code);
    if (job)
    {
        gearman_job_send_complete(job, "taken", 5);
        gearman_job_send_data(job, "late", 4); /* the server no longer knows the job: ERROR */
        gearman_job_free(job);
    }
    gearman_worker_echo(worker, "worker echo", 11);

    gearman_worker_free(worker);
}

static gearman_return_t reverse(gearman_job_st *job, void *context);

/* Changes of abilities are sent with the next turn of work. */
static void change_abilities(void)
{
    gearman_worker_st *worker = new_worker();
    gearman_worker_define_function(worker, "idle-1", 6, gearman_function_create(reverse), 0, NULL);
    gearman_worker_define_function(worker, "idle-2", 6, gearman_function_create(reverse), 0, NULL);
    gearman_worker_work(worker);
    gearman_worker_unregister(worker, "idle-1");
    gearman_worker_work(worker);
    gearman_worker_unregister_all(worker);
    gearman_worker_define_function(worker, "idle-3", 6, gearman_function_create(reverse), 0, NULL);
    gearman_worker_work(worker);
    gearman_worker_free(worker);
}

static void submit_foreground(gearman_client_st *client)
{
    gearman_return_t code;
    size_t size;
    free(gearman_client_do(client, "reverse", "unique-1", "hello", 5, &size, &code));
    free(gearman_client_do_high(client, "reverse", "unique-2", "high", 4, &size, &code));
    free(gearman_client_do_low(client, "reverse", "unique-3", "low", 3, &size, &code));
    free(gearman_client_do(client, "reverse", "unique-4", "zero\0inside", 11, &size, &code));
    free(gearman_client_do(client, "broken", "unique-5", "", 0, &size, &code));
    free(gearman_client_do(client, "throws", "unique-6", "x", 1, &size, &code)); /* without the option: WORK_FAIL */
    gearman_client_set_server_option(client, "exceptions", 10);
    gearman_client_set_server_option(client, "nonsense", 8);
    free(gearman_client_do(client, "throws", "unique-7", "x", 1, &size, &code));
}

static void submit_background(gearman_client_st *client)
{
    gearman_job_handle_t handle;
    gearman_client_do_background(client, "queued", "unique-10", "normal", 6, handle);
    gearman_client_do_high_background(client, "queued", "unique-11", "high", 4, handle);
    gearman_client_do_low_background(client, "queued", "unique-12", "low", 3, handle);

    gearman_task_attr_t when = gearman_task_attr_init_epoch(4102444800, GEARMAN_JOB_PRIORITY_NORMAL);
    gearman_argument_t argument = gearman_argument_make(NULL, 0, "later", 5);
    gearman_execute(client, "queued", 6, "unique-13", 9, &when, &argument, NULL);
}

/* On a client of its own: some of these calls leave libgearman's client in a state in which the next submission waits for ever. */
static void ask_for_status(void)
{
    gearman_client_st *client = new_client();
    gearman_job_handle_t handle = "H:golden:1";
    gearman_job_handle_t unknown = "H:golden:999";
    bool known, running;
    uint32_t numerator, denominator;
    gearman_client_job_status(client, handle, &known, &running, &numerator, &denominator);
    gearman_client_job_status(client, unknown, &known, &running, &numerator, &denominator);
    gearman_client_unique_status(client, "unique-10", 9);
    gearman_client_unique_status(client, "nobody", 6);
    gearman_client_free(client);
}

static void cancel(void)
{
    gearman_client_st *client = new_client();
    gearman_job_handle_t unknown = "H:golden:999";
    gearman_client_cancel_job(client, unknown);
    gearman_client_free(client);
}

static void submit_reduce(gearman_client_st *client)
{
    gearman_argument_t argument = gearman_argument_make(NULL, 0, "whole", 5);
    gearman_execute_by_partition(client, "split", 5, "reverse", 7, "unique-20", 9, NULL, &argument, NULL);
    gearman_task_attr_t background = gearman_task_attr_init_background(GEARMAN_JOB_PRIORITY_NORMAL);
    gearman_execute_by_partition(client, "split", 5, "reverse", 7, "unique-21", 9, &background, &argument, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    host = argv[1];
    port = atoi(argv[2]);
    gearman_client_st *client = new_client();
    gearman_client_echo(client, "echo\0echo", 9);
    submit_background(client);
    ask_for_status();
    cancel();
    grab("queued", GEARMAN_WORKER_GRAB_ALL | GEARMAN_WORKER_GRAB_UNIQ, 0);
    grab("queued", GEARMAN_WORKER_GRAB_ALL, GEARMAN_WORKER_GRAB_UNIQ);
    grab("queued", 0, GEARMAN_WORKER_GRAB_ALL);
    grab("nothing", 0, 0);
    change_abilities();

    pthread_t thread;
    pthread_create(&thread, NULL, serve, NULL);
    submit_foreground(client);
    submit_reduce(client);
    usleep(300 * 1000);
    stop = true;
    pthread_join(thread, NULL);
    gearman_client_free(client);
    return 0;
}
