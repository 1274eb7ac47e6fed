using static Flotilla.Cli.Gearmand.GearmandValueKind;

namespace Flotilla.Cli.Gearmand;

/// <summary>Every option of gearmand 1.1.20 and 2.0, in the order of its help.</summary>
internal static class GearmandOptionTable
{
    private const string General = "General options";
    private const string Http = "HTTP";
    private const string Gear = "Gear";
    private const string Memcached = "libmemcached";
    private const string Sqlite = "libsqlite3";
    private const string File = "file (Flotilla's own)";
    private const string Postgres = "Postgres";
    private const string Redis = "redis";
    private const string MySql = "MySQL";
    private const string KeepAliveDefault = "-1 leaves it to the system.";
    private const string NotHere = "Accepted, and refused with a reason when its queue type is asked for.";

    public static IReadOnlyList<GearmandOption> All { get; } =
    [
        new(General, "backlog", 'b', Signed32, "Number of backlog connections for listen.", "32"),
        new(General, "daemon", 'd', Flag, "Daemon, detach and run in the background. Returns when it listens."),
        new(General, "exceptions", null, Flag, "Enable protocol exceptions by default."),
        new(General, "file-descriptors", 'f', Unsigned64,
            "Number of file descriptors to allow for the process (total connections will be slightly less). Default is max allowed for user."),
        new(General, "help", 'h', Flag, "Print this help menu."),
        new(General, "job-retries", 'j', Unsigned32,
            "Number of attempts to run the job before the job server removes it. This keeps a bad job from crashing all available workers. "
            + "Default is no limit.", "0"),
        new(General, "job-handle-prefix", null, Text,
            "Prefix used to generate a job handle string. If not provided, the default \"H:<host_name>\" is used."),
        new(General, "hashtable-buckets", null, Unsigned32, "Accepted and not needed: the job tables grow by themselves.", "991"),
        new(General, "keepalive", null, Flag, "Enable keepalive on sockets."),
        new(General, "keepalive-idle", null, Signed32, "If keepalive is enabled, seconds of silence before it asks. " + KeepAliveDefault, "-1"),
        new(General, "keepalive-interval", null, Signed32, "If keepalive is enabled, seconds between its questions. " + KeepAliveDefault, "-1"),
        new(General, "keepalive-count", null, Signed32, "If keepalive is enabled, questions before the peer counts as gone. " + KeepAliveDefault, "-1"),
        new(General, "log-file", 'l', Text,
            "Log file to write errors and information to. 'stderr': output goes to stderr. 'none': no log is written.", "/var/log/gearmand.log"),
        new(General, "listen", 'L', Text, "Address the server should listen on. Default is INADDR_ANY."),
        new(General, "pid-file", 'P', Text, "File to write process ID out to.", "/var/gearmand.pid"),
        new(General, "protocol", 'r', Text, "Load protocol module: http."),
        new(General, "round-robin", 'R', Flag, "Accepted and not needed: work is always assigned in round-robin order, as in gearmand 2."),
        new(General, "queue-type", 'q', Text, "Persistent queue type to use: builtin (memory), libsqlite3, file.", "builtin"),
        new(General, "config-file", null, Text, "Can be specified with '@name', too. The file holds options as on this line.", "/etc/gearmand.conf"),
        new(General, "syslog", null, Flag, "Use syslog."),
        new(General, "coredump", null, Flag, "Whether to create a core dump for uncaught signals."),
        new(General, "threads", 't', Unsigned32, "Number of I/O threads to use, 0 lets the server choose.", "4"),
        new(General, "user", 'u', Text, "Switch to given user after startup."),
        new(General, "verbose", null, Text,
            "Set verbose level (FATAL, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG).", "ERROR"),
        new(General, "version", 'V', Flag, "Display the version of gearmand and exit."),
        new(General, "worker-wakeup", 'w', Unsigned32,
            "Number of workers to wakeup for each job received. 0 wakes one, and another if it does not come.", "0"),
        new(General, "check-args", null, Flag, "Check the options and exit.") { IsHidden = true },
        new(Http, "http-port", null, Text, "Port to listen on.", "8080"),
        new(Gear, "port", 'p', Text, "Port the server should listen on.", "4730"),
        new(Gear, "ssl", null, Flag, "Enable ssl connections."),
        new(Gear, "ssl-ca-file", null, Text, "CA file. With it, clients must show a certificate that it signed."),
        new(Gear, "ssl-certificate", null, Text, "SSL certificate."),
        new(Gear, "ssl-key", null, Text, "SSL key for certificate."),
        new(File, "file-store", null, Text, "Folder of the queue.", "/var/lib/flotilla/jobs"),
        new(Sqlite, "libsqlite3-db", null, Text, "Database file to use."),
        new(Sqlite, "store-queue-on-shutdown", null, Flag, "Accepted and not needed: jobs are stored before they are acknowledged."),
        new(Sqlite, "libsqlite3-table", null, Text, "Table of gearmand's to take jobs over from.", "gearman_queue"),
        new(Memcached, "libmemcached-servers", null, Text, NotHere),
        new(Memcached, "libmemcached-prefix", null, Text, NotHere, "gear_"),
        new(Postgres, "libpq-conninfo", null, Text, NotHere),
        new(Postgres, "libpq-table", null, Text, NotHere, "queue"),
        new(Redis, "redis-server", null, Text, NotHere),
        new(Redis, "redis-port", null, Text, NotHere),
        new(Redis, "redis-password", null, Text, NotHere),
        new(Redis, "redis-prefix", null, Text, NotHere),
        new(MySql, "mysql-host", null, Text, NotHere, "localhost"),
        new(MySql, "mysql-port", null, Signed32, NotHere, "3306"),
        new(MySql, "mysql-user", null, Text, NotHere),
        new(MySql, "mysql-password", null, Text, NotHere),
        new(MySql, "mysql-db", null, Text, NotHere),
        new(MySql, "mysql-table", null, Text, NotHere, "gearman_queue"),
        Gone("libdrizzle-host"), Gone("libdrizzle-port"), Gone("libdrizzle-uds"), Gone("libdrizzle-user"), Gone("libdrizzle-password"),
        Gone("libdrizzle-db"), Gone("libdrizzle-table"), Gone("libtokyocabinet-file"),
        new("", "libdrizzle-mysql", null, Flag, "") { IsHidden = true },
        new("", "libtokyocabinet-optimize", null, Flag, "") { IsHidden = true },
    ];

    public static GearmandOption? ByName(string name) => All.FirstOrDefault(option => option.Name == name);

    public static GearmandOption? ByLetter(char letter) => All.FirstOrDefault(option => option.Letter == letter);

    private static GearmandOption Gone(string name) => new("", name, null, Text, "") { IsHidden = true };
}
