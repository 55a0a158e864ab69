<?php

// As much of Laravel as the example asks for, by PHP's own means: no package need be there.

declare(strict_types=1);

namespace Illuminate\Contracts\Queue {
    interface ShouldQueue
    {
    }
}

namespace Illuminate\Http\Client {
    class ConnectionException extends \Exception
    {
    }

    final class Response
    {
        public function __construct(private int $status, private string $body)
        {
        }

        public function status(): int
        {
            return $this->status;
        }

        public function successful(): bool
        {
            return $this->status >= 200 && $this->status < 300;
        }

        public function json(): mixed
        {
            return json_decode($this->body, true);
        }
    }

    final class PendingRequest
    {
        /** @var array<string, string> */
        private array $headers = [];

        private int $timeout = 30;

        public function __construct(private string $url)
        {
        }

        public function timeout(int $seconds): static
        {
            $this->timeout = $seconds;

            return $this;
        }

        public function acceptJson(): static
        {
            $this->headers['Accept'] = 'application/json';

            return $this;
        }

        public function withToken(string $token): static
        {
            $this->headers['Authorization'] = 'Bearer '.$token;

            return $this;
        }

        public function get(string $path): Response
        {
            return $this->send('GET', $path, '');
        }

        /** @param array<string, mixed> $data */
        public function post(string $path, array $data): Response
        {
            $this->headers['Content-Type'] = 'application/json';

            return $this->send('POST', $path, json_encode((object) $data, JSON_THROW_ON_ERROR));
        }

        private function send(string $method, string $path, string $body): Response
        {
            $lines = [];
            foreach ($this->headers as $name => $value) {
                $lines[] = "$name: $value";
            }
            $context = stream_context_create(['http' => [
                'method' => $method,
                'header' => $lines,
                'content' => $body,
                'timeout' => $this->timeout,
                'ignore_errors' => true,
                'follow_location' => 0,
            ]]);
            $answer = @file_get_contents($this->url.$path, false, $context);
            if ($answer === false || ! isset($http_response_header[0])) {
                throw new ConnectionException(error_get_last()['message'] ?? 'no answer');
            }

            return new Response((int) explode(' ', $http_response_header[0])[1], $answer);
        }
    }
}

namespace Illuminate\Support\Facades {
    final class Http
    {
        public static function baseUrl(string $url): \Illuminate\Http\Client\PendingRequest
        {
            return new \Illuminate\Http\Client\PendingRequest($url);
        }
    }
}

namespace {
    spl_autoload_register(function (string $class): void {
        $file = dirname(__DIR__).'/app/'.str_replace('\\', '/', substr($class, strlen('App\\'))).'.php';
        if (str_starts_with($class, 'App\\') && is_file($file)) {
            require $file;
        }
    });

    function env(string $name, mixed $default = null): mixed
    {
        $value = getenv($name);

        return $value === false ? $default : $value;
    }

    function config(string $name): mixed
    {
        static $settings = null;
        $settings ??= require dirname(__DIR__).'/config/caravel.php';

        return $settings[substr($name, strlen('caravel.'))];
    }

    function app(string $class): object
    {
        return new $class();
    }

    function report(\Throwable $problem): void
    {
        $GLOBALS['reported'][] = $problem->getMessage();
    }
}
