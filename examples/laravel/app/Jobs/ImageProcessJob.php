<?php

declare(strict_types=1);

namespace App\Jobs;

/** All that is to be done for a photo: what an upload asks for. */
final class ImageProcessJob extends CaravelJob
{
    protected static function queueName(): string
    {
        return 'images';
    }
}
