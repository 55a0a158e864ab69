<?php

declare(strict_types=1);

namespace App\Services;

use Illuminate\Http\Client\ConnectionException;
use Illuminate\Support\Facades\Http;

/** Asks Caravel, and tells what it refuses as a CaravelException. */
final class Caravel
{
    /**
     * Queues a job as the old queue did.
     *
     * @param  string  $queue  thumbnails, metadata, geolocation, faces, or images for all that is due
     * @param  array<string, mixed>  $data  image_id, source_disk, source_path, source_filename; for
     *     thumbnails perhaps method, width, height, target
     * @return array{status: string, message: string, data: array<string, mixed>} status: success or exists
     */
    public function queue(string $queue, array $data): array
    {
        return $this->ask('post', '/api/jobs/'.rawurlencode($queue), $data);
    }

    /**
     * The photo that the site knows by that number, as GET /api/photos/{id} has it: its jobs, its place.
     *
     * @return array<string, mixed>
     */
    public function photo(int $imageId): array
    {
        return $this->ask('get', '/api/photos/ext-'.$imageId);
    }

    /**
     * @param  array<string, mixed>  $data
     * @return array<string, mixed>
     */
    private function ask(string $verb, string $path, array $data = []): array
    {
        $left = (int) config('caravel.tries');
        $pause = (int) config('caravel.pause_ms');
        while (true) {
            try {
                return $this->once($verb, $path, $data);
            } catch (CaravelException $refusal) {
                if (! $refusal->passes() || $left-- <= 0) {
                    throw $refusal;
                }
                usleep($pause * 1000);
                $pause *= 2;
            }
        }
    }

    /**
     * @param  array<string, mixed>  $data
     * @return array<string, mixed>
     */
    private function once(string $verb, string $path, array $data): array
    {
        $request = Http::baseUrl((string) config('caravel.url'))
            ->timeout((int) config('caravel.timeout'))
            ->acceptJson();
        $token = (string) config('caravel.token');
        if ($token !== '') {
            $request = $request->withToken($token);
        }
        try {
            $response = $verb === 'get' ? $request->get($path) : $request->post($path, $data);
        } catch (ConnectionException $away) {
            throw new CaravelException('Caravel does not answer: '.$away->getMessage(), 0, $away);
        }
        $answer = $response->json();
        if (! $response->successful() || ! is_array($answer)) {
            $sentence = is_array($answer) ? ($answer['detail'] ?? null) : null;
            throw new CaravelException(
                is_string($sentence) ? $sentence : 'Caravel answered '.$response->status().'.',
                $response->status()
            );
        }

        return $answer;
    }
}
