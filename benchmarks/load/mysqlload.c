/* One connection by libmariadb, one statement after the other, for so many seconds; prints statements per second
 * and microseconds of processor time per statement.
 *
 *   mysqlload HOST PORT SECONDS QUERY
 *
 * Rows are streamed, not stored, as our client does; every field of every row is looked at.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static unsigned long long run(MYSQL *connection, const char *query)
{
    unsigned long long sum = 0;
    if (mysql_real_query(connection, query, strlen(query))) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        exit(1);
    }
    MYSQL_RES *result = mysql_use_result(connection);
    unsigned columns = mysql_num_fields(result);
    MYSQL_ROW row;
    while ((row = mysql_fetch_row(result)) != NULL) {
        unsigned long *lengths = mysql_fetch_lengths(result);
        sum += strtoll(row[0], NULL, 10);
        for (unsigned i = 1; i < columns; i++)
            sum += lengths[i];
    }
    mysql_free_result(result);
    return sum;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: mysqlload HOST PORT SECONDS QUERY\n");
        return 64;
    }
    MYSQL *connection = mysql_init(NULL);
    if (!mysql_real_connect(connection, argv[1], "root", "", NULL, atoi(argv[2]), NULL, 0)) {
        fprintf(stderr, "%s\n", mysql_error(connection));
        return 1;
    }
    double seconds = atof(argv[3]);
    volatile unsigned long long sum = 0;
    for (double until = now() + seconds / 10; now() < until;)
        sum += run(connection, argv[4]);
    unsigned long long count = 0;
    double began = now(), spent = cpu(), end;
    do {
        sum += run(connection, argv[4]);
        count++;
    } while ((end = now()) - began < seconds);
    printf("%.1f %.3f\n", count / (end - began), (cpu() - spent) * 1e6 / count);
    mysql_close(connection);
    return 0;
}
