package io.caravel.face;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.change.Notice;
import io.caravel.change.Outbox;
import io.caravel.ground.Failure;
import io.caravel.ground.Utc;
import io.caravel.request.Request;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;

/**
 * Every decision, and what it changed. For each face the decisions that stand form a stack, in the
 * order of {@code standing}: an undo takes one out, its undo puts it on top again.
 */
@Component("ledger")
public class Ledger {
  static final String DECIDED = "decided";
  static final String FOLLOWS = "follows";
  static final String RELIED = "relied";

  /**
   * What the site wrote into rows and is not so any more: it changed nothing, so none undoes it.
   */
  static final String PUT_BACK = "put-back";

  /** Of a face whose row is told of as it was written: a name that a decision never has. */
  private static final int LONGEST_NAME = 255;

  /** Any other that was written is in the sentence alone. */
  private static final Set<String> STATUSES =
      Set.of(FaceState.PROCESS, FaceState.OK, FaceState.NOT_FACE, "unknown");

  /** Changes that a listed decision shows. */
  private static final int SHOWN = 100;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JdbcClient database;
  private final JdbcTemplate batches;
  private final Outbox outbox;

  Ledger(JdbcClient database, JdbcTemplate batches, Outbox outbox) {
    this.database = database;
    this.batches = batches;
    this.outbox = outbox;
  }

  /** A decision as the table has it. */
  record Entry(
      long id,
      String action,
      String sentence,
      @Nullable Long undoes,
      @Nullable Long undoneBy,
      long standing) {}

  /** What a decision did to a face. */
  record Change(
      long decision, long standing, long face, String kind, FaceState before, FaceState after) {
    boolean is(String kind) {
      return this.kind.equals(kind);
    }
  }

  /** What a decision did to a face, as it is listed. */
  public record ChangeView(long face, FaceState before, FaceState after) {}

  /**
   * A decision as it is listed.
   *
   * @param undoes the decision that it took back
   * @param undoneBy the decision that took it back
   * @param faces how many it changed
   * @param photos how many it put into the trash, or took out
   * @param changes those a person decided about first, at most 100
   */
  public record View(
      long id,
      String action,
      String who,
      String sentence,
      @Nullable Instant at,
      boolean undone,
      @Nullable Long undoes,
      @Nullable Long undoneBy,
      int faces,
      int photos,
      List<ChangeView> changes) {}

  /** One page of decisions, and how many there are in all. */
  public record Page(List<View> items, long total) {}

  /** Writes a decision that changes no face. */
  long write(String action, String who, String sentence, @Nullable Long undoes) {
    KeyHolder key = new GeneratedKeyHolder();
    database
        .sql(
            """
            insert into decisions (action, who, sentence, undoes)
            values (:action, :who, :sentence, :undoes)
            """)
        .param("action", action)
        .param("who", who)
        .param("sentence", sentence)
        .param("undoes", undoes)
        .update(key, "id");
    Number id = key.getKey();
    if (id == null) {
      throw new IllegalStateException("The database gave no key for a decision");
    }
    return id.longValue();
  }

  /** Writes a decision, and what it changes. */
  long write(String action, String who, String sentence, @Nullable Long undoes, Draft draft) {
    long id = write(action, who, sentence, undoes);
    List<Change> changes = new ArrayList<>();
    for (FaceRow row : draft.changed()) {
      changes.add(new Change(id, 0, row.id, draft.kind(row), row.before, row.now));
    }
    for (FaceRow row : draft.relied()) {
      changes.add(new Change(id, 0, row.id, RELIED, row.before, row.now));
    }
    batches.batchUpdate(
        """
        insert into decision_faces (decision_id, face_id, kind, before_json, after_json)
        values (?, ?, ?, ?, ?)
        """,
        changes,
        FaceTable.CHUNK,
        (insert, change) -> {
          insert.setLong(1, change.decision());
          insert.setLong(2, change.face());
          insert.setString(3, change.kind());
          insert.setString(4, text(change.before()));
          insert.setString(5, text(change.after()));
        });
    outbox.write(
        draft.changed().stream()
            .map(row -> new Notice(action, row.photo, row.id, who, text(row.before), text(row.now)))
            .toList());
    return id;
  }

  /**
   * Writes that what another program wrote into the rows of faces was put back as it was; to be
   * heard by that program, too.
   */
  void putBack(String who, String sentence, Collection<SiteWrites.Written> rows) {
    write(PUT_BACK, who, Sentences.cut(sentence), null);
    outbox.write(
        rows.stream()
            .map(
                row ->
                    new Notice(
                        PUT_BACK,
                        row.photo(),
                        row.face(),
                        who,
                        text(shown(row)),
                        text(row.known())))
            .toList());
  }

  /** Whatever stands in the row, it is a state of a face, and fits into the column of changes. */
  private static FaceState shown(SiteWrites.Written row) {
    FaceState written = row.written();
    String name = written.name();
    String plain = name == null ? "" : name.replaceAll("\\p{Cntrl}", " ");
    boolean known = STATUSES.contains(written.status());
    return new FaceState(
        written.parentId(),
        name == null ? null : plain.substring(0, Math.min(LONGEST_NAME, plain.length())),
        known ? written.status() : row.known().status(),
        written.distance());
  }

  Entry entry(long id) {
    return database
        .sql("select * from decisions where id = :id")
        .param("id", id)
        .query(
            (row, number) ->
                new Entry(
                    row.getLong("id"),
                    row.getString("action"),
                    row.getString("sentence"),
                    row.getObject("undoes", Long.class),
                    row.getObject("undone_by", Long.class),
                    row.getObject("standing") == null
                        ? row.getLong("id")
                        : row.getLong("standing")))
        .optional()
        .orElseThrow(
            () ->
                Failure.lasting(
                    "no-such-decision",
                    "There is no decision " + id + ": GET /api/decisions lists them."));
  }

  List<Change> changes(long decision) {
    return database
        .sql(
            """
            select f.*, coalesce(d.standing, d.id) as place from decision_faces f
            join decisions d on d.id = f.decision_id where d.id = :id order by f.face_id
            """)
        .param("id", decision)
        .query(this::change)
        .list();
  }

  /** What decisions that stand, made after a place in their order, did to these faces; in order. */
  List<Change> later(Collection<Long> faces, long place) {
    List<Change> later = new ArrayList<>();
    for (List<Long> chunk : FaceTable.chunks(faces)) {
      later.addAll(
          database
              .sql(
                  """
                  select f.*, coalesce(d.standing, d.id) as place from decision_faces f
                  join decisions d on d.id = f.decision_id
                  where f.face_id in (:faces) and d.undoes is null and d.undone_by is null
                    and coalesce(d.standing, d.id) > :place
                  order by place
                  """)
              .param("faces", chunk)
              .param("place", place)
              .query(this::change)
              .list());
    }
    return later;
  }

  /** The last entry of the ledger that changed one of these faces, but for one; 0: none. */
  long last(Collection<Long> faces, long but) {
    long last = 0;
    for (List<Long> chunk : FaceTable.chunks(faces)) {
      last =
          Math.max(
              last,
              database
                  .sql(
                      """
                      select coalesce(max(decision_id), 0) from decision_faces
                      where face_id in (:faces) and kind = 'decided' and decision_id <> :but
                      """)
                  .param("faces", chunk)
                  .param("but", but)
                  .query(Long.class)
                  .single());
    }
    return last;
  }

  /** The decisions that stand of an action about a face of this photo, the latest first. */
  List<Long> standing(String action, long photo) {
    return database
        .sql(
            """
            select distinct d.id, coalesce(d.standing, d.id) as place from faces f
            join decision_faces c on c.face_id = f.id
            join decisions d on d.id = c.decision_id
            where f.image_id = :photo and d.action = :action and d.undone_by is null
            order by place desc
            """)
        .param("photo", photo)
        .param("action", action)
        .query((row, number) -> row.getLong("id"))
        .list();
  }

  /** What a face was before a decision, now that an earlier one has been taken out. */
  void rewrite(Change change, FaceState before) {
    database
        .sql(
            """
            update decision_faces set before_json = :before
            where decision_id = :decision and face_id = :face
            """)
        .param("before", text(before))
        .param("decision", change.decision())
        .param("face", change.face())
        .update();
  }

  /** A suggestion that went along with a decision and has lost its place. */
  void drop(Change change) {
    database
        .sql("delete from decision_faces where decision_id = :decision and face_id = :face")
        .param("decision", change.decision())
        .param("face", change.face())
        .update();
  }

  /** Takes a decision out of those that stand. */
  void undone(long decision, long by) {
    database
        .sql("update decisions set undone_by = :by where id = :id")
        .param("by", by)
        .param("id", decision)
        .update();
  }

  /** Puts a decision that had been taken out on top of those that stand. */
  void standsAgain(long decision, long place) {
    database
        .sql("update decisions set undone_by = null, standing = :place where id = :id")
        .param("place", place)
        .param("id", decision)
        .update();
  }

  private Change change(ResultSet row, int number) throws SQLException {
    return new Change(
        row.getLong("decision_id"),
        row.getLong("place"),
        row.getLong("face_id"),
        row.getString("kind"),
        state(row.getString("before_json")),
        state(row.getString("after_json")));
  }

  /** A page of the decisions, the newest first. */
  public Page page(Request request) {
    return new Page(
        views(
            "order by d.id desc limit :limit offset :offset",
            Map.of("limit", request.size(), "offset", request.offset())),
        database.sql("select count(*) from decisions").query(Long.class).single());
  }

  /** One decision. */
  View view(long id) {
    return views("where d.id = :id", Map.of("id", id)).get(0);
  }

  private List<View> views(String which, Map<String, Object> parameters) {
    List<View> views =
        database
            .sql(
                """
                select d.*, (select count(*) from decision_faces f
                  where f.decision_id = d.id and f.kind <> 'relied') as faces,
                  (select count(*) from decision_photos p where p.decision_id = d.id) as photos
                from decisions d
                """
                    + which)
            .params(parameters)
            .query(
                (row, number) ->
                    new View(
                        row.getLong("id"),
                        row.getString("action"),
                        row.getString("who"),
                        row.getString("sentence"),
                        Utc.instant(row, "created_at"),
                        row.getObject("undone_by") != null,
                        row.getObject("undoes", Long.class),
                        row.getObject("undone_by", Long.class),
                        row.getInt("faces"),
                        row.getInt("photos"),
                        new ArrayList<>()))
            .list();
    Map<Long, View> byId = new HashMap<>();
    views.forEach(view -> byId.put(view.id(), view));
    if (!views.isEmpty()) {
      database
          .sql(
              """
              select * from (
                select f.*, row_number() over (partition by decision_id order by kind, face_id) as place
                from decision_faces f where decision_id in (:ids) and kind <> 'relied') shown
              where place <= :shown order by decision_id, place
              """)
          .param("ids", byId.keySet())
          .param("shown", SHOWN)
          .query(
              row -> {
                View view = byId.get(row.getLong("decision_id"));
                if (view != null) {
                  view.changes()
                      .add(
                          new ChangeView(
                              row.getLong("face_id"),
                              state(row.getString("before_json")),
                              state(row.getString("after_json"))));
                }
              });
    }
    return views;
  }

  /** As it stands in the ledger and in changes. */
  static String text(FaceState state) {
    try {
      return JSON.writeValueAsString(state);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FaceState state(String text) {
    try {
      return JSON.readValue(text, FaceState.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The ledger holds what is no state of a face", e);
    }
  }
}
