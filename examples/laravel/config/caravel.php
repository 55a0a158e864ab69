<?php

return [
    // Where Caravel listens.
    'url' => env('CARAVEL_URL', 'http://127.0.0.1:8080'),

    // A line of CARAVEL_TOKENS with the doors takeJob,getPhoto; empty where Caravel has no log-in.
    'token' => env('CARAVEL_TOKEN', ''),

    // Seconds for one request: Caravel reads the file before it answers.
    'timeout' => (int) env('CARAVEL_TIMEOUT', 30),

    // Further tries where Caravel is away, and the milliseconds before the first of them.
    'tries' => (int) env('CARAVEL_TRIES', 3),
    'pause_ms' => (int) env('CARAVEL_PAUSE_MS', 500),

    // CARAVEL_WEBHOOK_SECRET, where changes are sent here.
    'webhook_secret' => env('CARAVEL_WEBHOOK_SECRET', ''),
];
