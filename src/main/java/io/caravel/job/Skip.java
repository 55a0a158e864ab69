package io.caravel.job;

/** Why there was nothing to do for a photo: a short stable code, and a sentence. */
public record Skip(String cause, String sentence) {}
