<?php

declare(strict_types=1);

namespace App\Traits;

use App\Services\Caravel;

/** In place of the trait that wrote the table queues and sent to RabbitMQ: the same answer, from Caravel. */
trait QueuesOnCaravel
{
    /** The queue of this class. */
    abstract protected static function queueName(): string;

    /**
     * Queues a job unless it is queued already.
     *
     * @param  array<string, mixed>  $taskData  the job data, as ever
     * @return array{status: string, message: string, data: array<string, mixed>} status: success or exists
     *
     * @throws \App\Services\CaravelException with a sentence for whoever asked
     */
    public static function enqueue(array $taskData): array
    {
        return app(Caravel::class)->queue(static::queueName(), $taskData);
    }
}
