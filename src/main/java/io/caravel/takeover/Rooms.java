package io.caravel.takeover;

import io.caravel.ground.Journey;
import io.caravel.job.JobRequests;
import io.caravel.photo.Photos;
import io.caravel.photo.References;
import io.caravel.place.PhotoPlace;
import io.caravel.thumbnail.ThumbnailSpec;
import java.util.List;
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
    List<ThumbnailSpec> thumbnails,
    double threshold,
    ImportIds ids,
    Remarks remarks,
    Counts counts) {}
