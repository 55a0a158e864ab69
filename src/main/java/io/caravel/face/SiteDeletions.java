package io.caravel.face;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The rows of {@code faces} that the site deletes by SQL. Beside each face stands a row in {@code
 * face_rows} that a foreign key ties to it: a deletion cuts the tie, and what is noted there is
 * enough to bring the face back, as one that the site has marked as deleted. Only on a database
 * server.
 */
@Component
class SiteDeletions {
  private static final int BATCH = 1000;
  private static final int PAGE = 5000;

  /** A transaction that wrote a face may have lasted so long until its commit. */
  private static final Duration BEFORE_LAST = Duration.ofMinutes(1);

  private static final LocalDateTime EVER = LocalDateTime.of(1000, 1, 1, 0, 0);

  private static final String NOTE =
      """
      insert into face_rows (id, face_id, revision, image_id, face_index, descriptor, engine, box_left, box_top,
        box_width, box_height, score, parent_id, name, status, distance, created_at)
      select f.id, f.id, f.revision, f.image_id, f.face_index, f.descriptor, f.engine, f.box_left, f.box_top,
        f.box_width, f.box_height, f.score, f.known_parent_id, f.known_name, f.known_status, f.distance,
        f.created_at
      """;

  private final JdbcClient database;
  private volatile LocalDateTime since = EVER;

  SiteDeletions(JdbcClient database) {
    this.database = database;
  }

  /** Notes the faces that came or were changed since the last time, and forgets those that go. */
  void note(TransactionTemplate transaction) {
    LocalDateTime now =
        database.sql("select current_timestamp(3)").query(LocalDateTime.class).single();
    transaction.executeWithoutResult(status -> forget());
    // At a start these are all of them: no statement of a million rows.
    for (Long last = 0L; last != null; ) {
      long after = last;
      last = transaction.execute(status -> noteAfter(after));
    }
    since = now.minus(BEFORE_LAST);
  }

  /** Notes a face that comes; in the transaction that brings it: the site may delete it at once. */
  void note(long face) {
    database.sql(NOTE + "from faces f where f.id = :face").param("face", face).update();
  }

  private void forget() {
    database
        .sql(
            """
            delete r from face_rows r join faces f on f.id = r.id
            where f.known_deleted and f.changed_at >= :since
            """)
        .param("since", since)
        .update();
  }

  /** Returns the last that it looked at; null: there were no more. */
  private @Nullable Long noteAfter(long after) {
    Long last =
        database
            .sql(
                """
                select max(id) from (select id from faces where id > :after and changed_at >= :since
                  order by id limit :page) page
                """)
            .param("after", after)
            .param("since", since)
            .param("page", PAGE)
            .query(Long.class)
            .optional()
            .orElse(null);
    if (last == null) {
      return null;
    }
    database
        .sql(
            NOTE
                + """
            from faces f left join face_rows r on r.id = f.id
            where f.id > :after and f.id <= :last and f.changed_at >= :since and not f.known_deleted
              and f.known_status is not null
              and (r.id is null or r.revision <> f.revision)
            on duplicate key update revision = values(revision), image_id = values(image_id),
              face_index = values(face_index), descriptor = values(descriptor), engine = values(engine),
              box_left = values(box_left), box_top = values(box_top), box_width = values(box_width),
              box_height = values(box_height), score = values(score), parent_id = values(parent_id),
              name = values(name), status = values(status), distance = values(distance)
            """)
        .param("after", after)
        .param("last", last)
        .param("since", since)
        .update();
    return last;
  }

  /** The faces whose rows are gone; asks without locking anything. */
  List<Long> found() {
    return database
        .sql("select id from face_rows where face_id is null order by id limit :most")
        .param("most", BATCH)
        .query(Long.class)
        .list();
  }

  /** A face as it was noted. */
  private record Noted(
      long id,
      @Nullable Long photo,
      @Nullable Integer index,
      byte @Nullable [] descriptor,
      @Nullable String engine,
      @Nullable Integer left,
      @Nullable Integer top,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Double score,
      FaceState state,
      @Nullable String createdAt) {} // as text: see Photos.utc

  private static Noted noted(ResultSet row, int number) throws SQLException {
    return new Noted(
        row.getLong("id"),
        row.getObject("photo", Long.class),
        row.getObject("face_index", Integer.class),
        row.getBytes("descriptor"),
        row.getString("engine"),
        row.getObject("box_left", Integer.class),
        row.getObject("box_top", Integer.class),
        row.getObject("box_width", Integer.class),
        row.getObject("box_height", Integer.class),
        row.getObject("score", Double.class),
        SiteWrites.state(row, ""),
        row.getString("created_at"));
  }

  /**
   * Brings them back as the site would have marked them; in a turn. Whoever stood under one of them
   * stands there again.
   *
   * @return false: there were none
   */
  boolean bringBack() {
    boolean any = false;
    for (List<Long> ids = found(); !ids.isEmpty(); ids = found()) {
      any = true;
      bringBack(ids);
    }
    return any;
  }

  private void bringBack(List<Long> ids) {
    database
        .sql(
            """
            select r.*, i.id as photo from face_rows r left join images i on i.id = r.image_id
            where r.id in (:ids) and r.face_id is null
              and not exists (select 1 from faces f where f.id = r.id) order by r.id
            """)
        .param("ids", ids)
        .query(SiteDeletions::noted)
        .list()
        .forEach(this::insert);
    database.sql("update face_rows set face_id = id where id in (:ids)").param("ids", ids).update();
    database
        .sql(
            """
            update faces f join faces p on p.id = f.known_parent_id set f.parent_id = p.id
            where f.parent_id is null and (f.id in (:ids) or p.id in (:ids))
            """)
        .param("ids", ids)
        .update();
  }

  private void insert(Noted face) {
    byte[] descriptor = face.descriptor();
    database
        .sql(
            """
            insert into faces (id, image_id, face_index, encoding, descriptor, engine, box_left, box_top, box_width,
              box_height, score, name, status, distance, created_at, deleted_at, known_parent_id, known_name,
              known_status, known_deleted)
            values (:id, :photo, :index, :encoding, :descriptor, :engine, :left, :top, :width, :height, :score, :name,
              :status, :distance, :created, current_timestamp(3), :parent, :name, :status, false)
            """)
        .param("id", face.id())
        .param("photo", face.photo())
        .param("index", face.index())
        .param("encoding", descriptor == null ? null : Encoding.json(Encoding.floats(descriptor)))
        .param("descriptor", descriptor)
        .param("engine", face.engine())
        .param("left", face.left())
        .param("top", face.top())
        .param("width", face.width())
        .param("height", face.height())
        .param("score", face.score())
        .param("name", face.state().name())
        .param("status", face.state().status())
        .param("distance", face.state().distance())
        .param("created", face.createdAt())
        .param("parent", face.state().parentId())
        .update();
  }
}
