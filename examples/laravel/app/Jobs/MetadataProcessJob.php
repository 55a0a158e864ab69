<?php

declare(strict_types=1);

namespace App\Jobs;

/** Metadata; the place follows by itself where there is a position. */
final class MetadataProcessJob extends CaravelJob
{
    protected static function queueName(): string
    {
        return 'metadata';
    }
}
