<?php

declare(strict_types=1);

namespace App\Services;

use RuntimeException;

/** What Caravel refused, in its own sentence; code is the HTTP status, 0 where it did not answer. */
final class CaravelException extends RuntimeException
{
    /** Whether the same request may be taken later: Caravel is away, or has no room. */
    public function passes(): bool
    {
        return in_array($this->getCode(), [0, 429, 503, 507], true);
    }
}
