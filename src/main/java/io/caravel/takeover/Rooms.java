package io.caravel.takeover;

import io.caravel.job.JobRequests;
import io.caravel.job.Journey;
import io.caravel.photo.Photos;
import io.caravel.photo.References;
import io.caravel.place.PhotoPlace;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** What an import works with. */
record Rooms(
    JdbcClient database,
    JdbcTemplate batches,
    TransactionTemplate transaction,
    Photos photos,
    References references,
    JobRequests requests,
    Journey journey,
    PhotoPlace places,
    double threshold,
    ImportIds ids,
    Remarks remarks,
    Counts counts) {}
