-- What is told of photos and faces: GET /api/changes. As V1: each statement may run again.
create table if not exists changes (
  id bigint not null auto_increment primary key, -- drawn when it is written: leaves gaps, and is overtaken before the commit
  seq bigint null,                        -- given after the commit, 1, 2, 3 …; null: not yet
  kind varchar(32) not null,              -- accepted, metadata-done, confirm, …
  image_id bigint null,                   -- no foreign keys: what is gone is told, too
  face_id bigint null,
  who varchar(255) null,
  before_json varchar(1024) null,         -- of a decision, as in decision_faces
  after_json varchar(1024) null,
  changed_at datetime(3) not null default current_timestamp(3),
  index changes_listed (seq, id)
) default charset = utf8mb4;

-- One row: how far the changes are numbered, over all nodes, and up to which number they are forgotten.
create table if not exists changes_numbered (
  id int not null primary key,
  numbered bigint not null,
  forgotten bigint not null
) default charset = utf8mb4;
insert ignore into changes_numbered (id, numbered, forgotten) values (1, 0, 0);
