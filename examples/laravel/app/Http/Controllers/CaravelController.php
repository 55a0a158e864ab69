<?php

declare(strict_types=1);

namespace App\Http\Controllers;

use App\Services\CaravelSignature;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Illuminate\Support\Facades\DB;

/**
 * Takes the changes that Caravel sends (CARAVEL_WEBHOOK_URL), each at least once and those of a photo
 * in their order. Route: Route::post('/caravel', CaravelController::class), outside of the CSRF check.
 */
final class CaravelController
{
    public function __invoke(Request $request): Response
    {
        $signed = CaravelSignature::verifies(
            (string) $request->header('Caravel-Signature'),
            $request->getContent(),
            (string) config('caravel.webhook_secret'),
            time()
        );
        if (! $signed) {
            return new Response('', 403);
        }
        /** @var array{seq: int, kind: string, photo: ?int, face: ?int} $change */
        $change = json_decode($request->getContent(), true, 16, JSON_THROW_ON_ERROR);
        DB::transaction(function () use ($change): void {
            // The number is the key: one that comes again writes nothing, and is done.
            if (DB::table('caravel_changes')->insertOrIgnore(['seq' => $change['seq']]) === 1) {
                $this->take($change);
            }
        });

        return new Response('', 204);
    }

    /** @param array{seq: int, kind: string, photo: ?int, face: ?int} $change */
    private function take(array $change): void
    {
        // What the site does of it: forget a cached page, show that thumbnails-done, …
    }
}
