# worker.pl SERVERS FOLDER ROLE: the functions that every client of these tests calls. See RealClientTests.
use strict;
use warnings;
use Gearman::Worker;
use Time::HiRes qw(usleep);

my ($servers, $folder, $role) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub await { my ($path) = @_; usleep(5000) until -e $path }

my $worker = Gearman::Worker->new(job_servers => [split /,/, $servers]);
my %functions = (
    reverse => sub { scalar reverse $_[0]->arg },
    data    => sub {
        my ($job) = @_;
        $worker->send_work_data($job, $_) for qw(one two);
        return 'three';
    },
    warning => sub { $worker->send_work_warning($_[0], 'careful'); 'done' },
    status  => sub { $_[0]->set_status(3, 7); await("$folder/gate"); 'done' },
    exception => sub { $worker->send_work_exception($_[0], 'boom'); undef },
    fail    => sub { undef },
    record  => sub {
        my ($job) = @_;
        open my $file, '>>', "$folder/record" or die;
        print $file $job->arg, "\n";
        close $file;
        return $job->arg;
    },
);
if ($role eq 'all') {
    $worker->register_function($_, $functions{$_}) for sort keys %functions;
} elsif ($role eq 'sleepy') { # the number is milliseconds to C gearmand, which makes at least 1000 of it
    $worker->register_function('sleepy', 1, sub { await("$folder/gate"); 'late' });
} else {
    $worker->register_function('sleepy', sub { 'in time' });
}
while (1) {
    eval { $worker->work };
    warn $@ if $@;
}
