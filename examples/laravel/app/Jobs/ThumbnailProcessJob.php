<?php

declare(strict_types=1);

namespace App\Jobs;

/** Thumbnails: those of CARAVEL_THUMBNAILS, or the one that method, width and height name. */
final class ThumbnailProcessJob extends CaravelJob
{
    protected static function queueName(): string
    {
        return 'thumbnails';
    }
}
