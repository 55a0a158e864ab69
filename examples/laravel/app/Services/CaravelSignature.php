<?php

declare(strict_types=1);

namespace App\Services;

/** The header Caravel-Signature: t=SECONDS,v1=HEX, the HMAC-SHA256 of SECONDS, a dot and the body. */
final class CaravelSignature
{
    /** Whether a body was signed with the secret, at most so many seconds ago. */
    public static function verifies(
        string $header,
        string $body,
        string $secret,
        int $now,
        int $tolerance = 300
    ): bool {
        if ($secret === '' || preg_match('/^t=(\d{1,12}),v1=([0-9a-f]{64})$/D', $header, $signed) !== 1) {
            return false;
        }
        $expected = hash_hmac('sha256', $signed[1].'.'.$body, $secret);

        return hash_equals($expected, $signed[2]) && abs($now - (int) $signed[1]) <= $tolerance;
    }
}
