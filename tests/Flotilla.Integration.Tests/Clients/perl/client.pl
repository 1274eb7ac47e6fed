# client.pl ITEM SERVERS FOLDER: does one item and prints what happened. See RealClientTests.
use strict;
use warnings;
use Gearman::Client;
use Gearman::Task;
use Storable;
use Time::HiRes qw(usleep);

my ($item, $servers, $folder) = @ARGV;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my @servers = split /,/, $servers;
my $client  = Gearman::Client->new(job_servers => \@servers, exceptions => $item eq 'exception' ? 1 : 0);

sub perform {
    my ($function, $payload, %options) = @_;
    my ($ended, $failed) = (0, 0);
    my $tasks = $client->new_task_set;
    my $added = $tasks->add_task(
        $function => \$payload,
        {
            on_data      => sub { print "data ${$_[0]}\n" },
            on_warning   => sub { print "warning ${$_[0]}\n" },
            on_status    => sub { print "status $_[0]/$_[1]\n" },
            on_exception => sub { $ended = 1; print "exception $_[0]\n" },
            on_complete  => sub { $ended = 1; print "complete ${$_[0]}\n" },
            on_fail      => sub { return if $ended; $failed = 1; print $options{timeout} ? "timed out\n" : "fail\n" unless $options{quiet} },
        });
    return 0 unless $added;
    $tasks->wait(timeout => $options{timeout} || 30);
    return 0 if $failed && $options{quiet};
    return $ended || $failed;
}

sub await_status {
    my ($handle, $reached) = @_;
    my $status;
    do { usleep(5000); $status = $client->get_status($handle) } until $status && $reached->($status);
    return $status;
}

if ($item eq 'foreground') {
    perform(reverse => 'hello');
    print 'bytes ', unpack('H*', ${ $client->do_task(reverse => "a\0b") }), "\n";
} elsif ($item eq 'background') {
    my $handle = $client->dispatch_background(record => 'one');
    print $handle =~ m{//H:.+:\d+$} ? "handle\n" : "no handle\n";
} elsif ($item eq 'priorities') {
    $client->dispatch_background(record => 'normal');
    $client->dispatch_background(Gearman::Task->new('record', \'high', { high_priority => 1 }));
    print "submitted\n";
} elsif ($item eq 'unique') {
    my $first  = $client->dispatch_background(record => 'first',  { uniq => 'key' });
    my $second = $client->dispatch_background(record => 'second', { uniq => 'key' });
    my $other  = $client->dispatch_background(record => 'other',  { uniq => 'key2' });
    print $first eq $second ? 'same' : 'different', ' ', $first eq $other ? 'same' : 'different', "\n";
} elsif ($item eq 'status') {
    my $handle = $client->dispatch_background(status => 'x');
    my $status = await_status($handle, sub { $_[0]->progress && $_[0]->progress->[1] > 0 });
    print $status->known ? 'known ' : 'unknown ', $status->running ? 'running ' : 'waiting ', join('/', @{ $status->progress }), "\n";
    open my $gate, '>', "$folder/gate" or die;
    close $gate;
    await_status($handle, sub { !$_[0]->known });
    print "unknown\n";
    perform(status => 'x');
} elsif ($item eq 'timeout') {
    perform(nobody => 'x', timeout => 1);
    perform(sleepy => 'x');
} elsif ($item eq 'reconnect') {
    for my $word (qw(hello again)) {
        usleep(50000) until eval { perform(reverse => $word, quiet => 1) };
        <STDIN> if $word eq 'hello';
    }
} else { # data, warning, exception, fail: functions of the same name
    perform($item => 'x');
}
