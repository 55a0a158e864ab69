<?php

declare(strict_types=1);

namespace App\Jobs;

/** The place where the photo was taken. */
final class GeolocationProcessJob extends CaravelJob
{
    protected static function queueName(): string
    {
        return 'geolocation';
    }
}
