-- Faces and what people decided about them. As V1: each statement may run again.
-- id, parent_id … deleted_at are the old site's columns; the ones after them are Caravel's and may all be null.

create table if not exists faces (
  id bigint not null auto_increment primary key,
  parent_id bigint null,                  -- a root: groups the faces of one person
  image_id bigint null,                   -- null: its photo is gone for good, the person remains
  face_index int null,                    -- 0, 1, 2 … within the photo, in the detector's order
  name varchar(255) null,
  encoding longtext null,                 -- JSON, 128 floats
  status varchar(8) not null default 'process', -- process | unknown | not_face | ok
  created_at datetime(3) null default current_timestamp(3),
  updated_at datetime(3) null default current_timestamp(3),
  deleted_at datetime(3) null,
  box_left int null,                      -- pixels of the upright photo
  box_top int null,
  box_width int null,
  box_height int null,
  score double null,                      -- the detector's
  distance double null,                   -- Euclidean, to the parent when it was given
  descriptor varbinary(512) null,         -- the encoding as 128 little-endian IEEE 754 floats
  revision bigint not null default 1,     -- counts the changes: the ETag
  changed_at datetime(6) not null default current_timestamp(6), -- by which nodes see each other's changes
  constraint faces_parent foreign key (parent_id) references faces (id),
  constraint faces_image foreign key (image_id) references images (id) on delete set null,
  index faces_of_image (image_id, face_index),
  index faces_by_status (status, deleted_at, id),
  index faces_by_name (name),
  index faces_people (status, parent_id, name),
  index faces_changed (changed_at)
) default charset = utf8mb4;

-- The ledger: one row for each decision of a person, which is undone as one.
create table if not exists decisions (
  id bigint not null auto_increment primary key,
  action varchar(16) not null,            -- confirm | unknown | not_face | detach | name | merge | undo | photo-trashed | …
  who varchar(255) not null,              -- the log-in's name, else local
  sentence varchar(1024) not null,        -- what was done, in words
  undoes bigint null,                     -- for an undo: the decision it takes back
  undone_by bigint null,
  standing bigint null,                   -- its place among the decisions: that of the undo that brought it back, else its id
  created_at datetime(3) not null default current_timestamp(3)
) default charset = utf8mb4;

-- What a decision changed, face by face.
create table if not exists decision_faces (
  decision_id bigint not null,
  face_id bigint not null,
  kind varchar(8) not null default 'decided', -- decided | follows (a suggestion that went along) | relied (unchanged; undone only after it)
  before_json varchar(1024) not null,     -- {"parent_id", "name", "status", "distance"}
  after_json varchar(1024) not null,
  primary key (decision_id, face_id),
  constraint decision_faces_decision foreign key (decision_id) references decisions (id) on delete cascade,
  index decision_faces_face (face_id, decision_id)
) default charset = utf8mb4;

-- One row: whose turn it is to decide, over all nodes.
create table if not exists decision_turn (
  id int not null primary key
) default charset = utf8mb4;
insert ignore into decision_turn (id) values (1);
