package io.caravel.job;

/** From now on a queue is to have so many workers on this node. */
public record CrewSize(String queue, int workers) {}
