<?php

declare(strict_types=1);

namespace App\Jobs;

use App\Services\CaravelException;
use App\Traits\QueuesOnCaravel;
use Illuminate\Contracts\Queue\ShouldQueue;

/**
 * A job that Caravel does. Code that enqueues it goes on as it is; what still lies serialized in the
 * old queue is handed over by handle(), when a worker takes it.
 */
abstract class CaravelJob implements ShouldQueue
{
    use QueuesOnCaravel;

    public int $tries = 10;

    /** @var list<int> seconds between them */
    public array $backoff = [5, 30, 60, 300];

    /** @param array<string, mixed> $taskData */
    public function __construct(public array $taskData)
    {
    }

    /**
     * In place of Laravel's: nothing is put into a queue of the site.
     *
     * @param  array<string, mixed>  $taskData
     * @return array{status: string, message: string, data: array<string, mixed>}
     */
    public static function dispatch(array $taskData): array
    {
        return static::enqueue($taskData);
    }

    /** What passes is thrown, so that the worker tries again; what will not is told once. */
    public function handle(): void
    {
        try {
            static::enqueue($this->taskData);
        } catch (CaravelException $refusal) {
            if ($refusal->passes()) {
                throw $refusal;
            }
            report($refusal);
        }
    }
}
