<?php
// worker.php SERVERS FOLDER ROLE: the functions that every client of these tests calls. See RealClientTests.
[, $servers, $folder, $role] = $argv;

function await(string $path): void
{
    while (!file_exists($path)) {
        usleep(5000);
        clearstatcache();
    }
}

$worker = new GearmanWorker();
$worker->addServers($servers);
if ($role === 'all') {
    $worker->addFunction('reverse', fn (GearmanJob $job) => strrev($job->workload()));
    $worker->addFunction('data', function (GearmanJob $job) {
        $job->sendData('one');
        $job->sendData('two');
        return 'three';
    });
    $worker->addFunction('warning', function (GearmanJob $job) {
        $job->sendWarning('careful');
        return 'done';
    });
    $worker->addFunction('status', function (GearmanJob $job) use ($folder) {
        $job->sendStatus(3, 7);
        await("$folder/gate");
        return 'done';
    });
    $worker->addFunction('exception', fn (GearmanJob $job) => $job->sendException('boom'));
    $worker->addFunction('fail', fn (GearmanJob $job) => $job->sendFail());
    $worker->addFunction('record', function (GearmanJob $job) use ($folder) {
        file_put_contents("$folder/record", $job->workload() . "\n", FILE_APPEND);
        return $job->workload();
    });
} elseif ($role === 'sleepy') { // a second to do it, and it takes longer
    $worker->addFunction('sleepy', function (GearmanJob $job) use ($folder) {
        await("$folder/gate");
        return 'late';
    }, null, 1);
} else {
    $worker->addFunction('sleepy', fn (GearmanJob $job) => 'in time');
}

$worker->setTimeout(1000);
while (true) {
    @$worker->work();
    if ($worker->returnCode() === GEARMAN_COULD_NOT_CONNECT || $worker->returnCode() === GEARMAN_LOST_CONNECTION) {
        usleep(20000);
    }
}
