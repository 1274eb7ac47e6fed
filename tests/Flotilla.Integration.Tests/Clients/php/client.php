<?php
// client.php ITEM SERVERS FOLDER: does one item and prints what happened. See RealClientTests.
[, $item, $servers, $folder] = $argv;

$client = new GearmanClient();
$client->addServers($servers);

$done = false;
$client->setDataCallback(function (GearmanTask $task) { echo "data {$task->data()}\n"; });
$client->setWarningCallback(function (GearmanTask $task) { echo "warning {$task->data()}\n"; });
$client->setStatusCallback(function (GearmanTask $task) { echo "status {$task->taskNumerator()}/{$task->taskDenominator()}\n"; });
$client->setExceptionCallback(function (GearmanTask $task) use (&$done) { $done = true; echo "exception {$task->data()}\n"; });
$client->setFailCallback(function () use (&$done) { $done = true; echo "fail\n"; });
$client->setCompleteCallback(function (GearmanTask $task) use (&$done) { $done = true; echo "complete {$task->data()}\n"; });

function perform(GearmanClient $client, string $function, string $payload): bool
{
    global $done;
    $done = false;
    $client->addTask($function, $payload);
    @$client->runTasks();
    return $done;
}

// The simple call: it may be repeated after it failed, where a failed task would stay with the client.
function call(GearmanClient $client, string $function, string $payload): bool
{
    $result = @$client->doNormal($function, $payload);
    if ($client->returnCode() === GEARMAN_SUCCESS) {
        echo "complete $result\n";
        return true;
    }
    if ($client->returnCode() === GEARMAN_TIMEOUT) {
        global $item;
        if ($item === 'timeout') {
            echo "timed out\n";
            return true;
        }
    }
    fwrite(STDERR, $client->error() . "\n");
    return false;
}

function await_status(GearmanClient $client, string $handle, callable $reached): array
{
    do {
        usleep(5000);
        $status = $client->jobStatus($handle);
    } while (!$reached($status));
    return $status;
}

switch ($item) {
    case 'foreground':
        perform($client, 'reverse', 'hello');
        echo 'bytes ', bin2hex($client->doNormal('reverse', "a\0b")), "\n";
        break;
    case 'background':
        echo preg_match('/^H:.+:\d+$/', $client->doBackground('record', 'one')) ? "handle\n" : "no handle\n";
        break;
    case 'priorities':
        $client->doLowBackground('record', 'low');
        $client->doBackground('record', 'normal');
        $client->doHighBackground('record', 'high');
        echo "submitted\n";
        break;
    case 'unique':
        $first = $client->doBackground('record', 'first', 'key');
        $second = $client->doBackground('record', 'second', 'key');
        $other = $client->doBackground('record', 'other', 'key2');
        echo $first === $second ? 'same' : 'different', ' ', $first === $other ? 'same' : 'different', "\n";
        break;
    case 'status':
        $handle = $client->doBackground('status', 'x');
        [$known, $running, $numerator, $denominator] = await_status($client, $handle, fn ($status) => $status[3] > 0);
        echo $known ? 'known ' : 'unknown ', $running ? 'running ' : 'waiting ', "$numerator/$denominator\n";
        touch("$folder/gate");
        await_status($client, $handle, fn ($status) => !$status[0]);
        echo "unknown\n";
        perform($client, 'status', 'x');
        break;
    case 'exception':
        $client->enableExceptionHandler();
        perform($client, 'exception', 'x');
        break;
    case 'timeout':
        $client->setTimeout(200);
        call($client, 'nobody', 'x');
        $client->setTimeout(-1);
        call($client, 'sleepy', 'x');
        break;
    case 'reconnect':
        // libgearman sometimes waits for an answer to what it never sent, when a server goes while it looks for another
        $client->setTimeout(2000);
        while (!call($client, 'reverse', 'hello')) {
            usleep(50000);
        }
        fgets(STDIN);
        while (!call($client, 'reverse', 'again')) {
            usleep(50000);
        }
        break;
    default: // data, warning, fail: functions of the same name
        perform($client, $item, 'x');
}
