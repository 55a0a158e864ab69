<?php

declare(strict_types=1);

namespace App\Jobs;

/** Faces, and who they are thought to be. */
final class FaceProcessJob extends CaravelJob
{
    protected static function queueName(): string
    {
        return 'faces';
    }
}
