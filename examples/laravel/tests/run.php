<?php

// CARAVEL_URL=… php run.php COMMAND [ARGUMENT…]: what the example does, as a line of JSON.
//   enqueue CLASS DATA   the answer to a job of that class
//   handle CLASS DATA    what a worker reported of a job that still lay in the old queue
//   photo NUMBER         the photo that the site knows by that number
//   verify HEADER BODY SECRET NOW   whether a change is signed

declare(strict_types=1);

require __DIR__.'/laravel.php';

[, $command, $first] = $argv;
try {
    $answer = match ($command) {
        'enqueue' => ('App\\Jobs\\'.$first)::dispatch(json_decode($argv[3], true)),
        'handle' => handled('App\\Jobs\\'.$first, json_decode($argv[3], true)),
        'photo' => app(App\Services\Caravel::class)->photo((int) $first),
        'verify' => App\Services\CaravelSignature::verifies($first, $argv[3], $argv[4], (int) $argv[5]),
    };
} catch (App\Services\CaravelException $refusal) {
    $answer = ['refused' => $refusal->getMessage(), 'code' => $refusal->getCode(), 'passes' => $refusal->passes()];
}
echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE), "\n";

/** As a worker does it: from the serialized job. */
function handled(string $class, array $data): array
{
    unserialize(serialize(new $class($data)))->handle();

    return $GLOBALS['reported'] ?? [];
}
