-- Read by H2 (MODE=MySQL), MariaDB and MySQL alike. Times are UTC, the database's own.
-- Neither database takes back half a migration: after a kill at the first start each statement runs again, so each may.
-- Each table names its character set: in a database made as latin1 an emoji in a file name would be refused. H2 ignores it.

create table if not exists places (
  id bigint not null auto_increment primary key,
  latitude decimal(9, 6) not null,        -- WGS 84 degrees, rounded before it is asked
  longitude decimal(9, 6) not null,
  found boolean not null,                 -- false: the geocoder knows no address here
  name varchar(1024) null,                -- display_name
  country varchar(255) null,
  city varchar(255) null,
  answer longtext null,                   -- the geocoder's JSON, at most 64 KB
  attribution varchar(255) null,          -- to be shown wherever the place is
  created_at datetime(3) not null default current_timestamp(3),
  constraint places_position unique (latitude, longitude)
) default charset = utf8mb4;

create table if not exists images (
  id bigint not null auto_increment primary key,
  sha256 char(64) not null,               -- of the original's bytes: the photo's identity
  filename varchar(1024) not null,        -- as the sender named it; never used as a path
  mime_type varchar(64) not null,         -- by content
  bytes bigint not null,
  source_disk varchar(64) not null,       -- a named storage root
  source_path varchar(255) not null,      -- directory below it
  source_filename varchar(255) not null,
  stored_width int null,                  -- pixels, as the header says, before orientation
  stored_height int null,
  width int null,                         -- pixels, upright
  height int null,
  orientation int null,                   -- EXIF 1..8
  taken_at datetime(3) null,              -- local time where the photo was taken
  dated_at datetime(3) not null default current_timestamp(3), -- taken_at, else when it came in: the order of lists
  taken_offset_minutes int null,          -- east of UTC
  taken_zone varchar(64) null,            -- IANA name, or the offset as written
  taken_zone_from varchar(16) null,       -- offset-tag | position | setting
  camera_make varchar(255) null,
  camera_model varchar(255) null,
  lens varchar(255) null,
  exposure_seconds double null,
  aperture double null,                   -- f-number
  iso int null,
  focal_length_mm double null,
  latitude double null,                   -- WGS 84 degrees, north positive
  longitude double null,                  -- east positive
  position varchar(8) null,               -- valid | invalid | none; null: not read yet
  place_id bigint null,
  damaged boolean not null default false,
  damage varchar(1024) null,
  created_at datetime(3) not null default current_timestamp(3),
  updated_at datetime(3) not null default current_timestamp(3),
  deleted_at datetime(3) null,            -- in the trash since
  constraint images_sha256 unique (sha256),
  constraint images_place foreign key (place_id) references places (id),
  index images_dated (dated_at, id),
  index images_deleted (deleted_at, id)
) default charset = utf8mb4;

create table if not exists image_metadata (
  image_id bigint not null primary key,
  json longtext not null,                 -- all that ExifTool said, at most 1 MB
  created_at datetime(3) not null default current_timestamp(3),
  constraint image_metadata_image foreign key (image_id) references images (id) on delete cascade
) default charset = utf8mb4;

create table if not exists queues (
  name varchar(32) not null primary key,
  paused boolean not null default false
) default charset = utf8mb4;
insert ignore into queues (name) values ('thumbnails'), ('metadata'), ('geolocation'), ('faces');

create table if not exists jobs (
  id bigint not null auto_increment primary key,
  image_id bigint not null,
  queue varchar(32) not null,
  job_key char(32) not null,              -- md5 of the canonical job data
  data varchar(2048) not null,            -- the job data, JSON
  extra boolean not null default false,   -- asked for by a caller, beside the photo's own job of that queue
  force_again boolean not null default false, -- replace what an earlier run made
  run int not null default 1,             -- counts the enqueues
  state varchar(8) not null default 'queued', -- queued | running | done | skipped | failed
  attempts int not null default 0,        -- starts within this run
  interrupted int not null default 0,     -- starts of this run that had no end
  excused int not null default 0,         -- starts that were given back
  due_at datetime(3) not null default current_timestamp(3),
  sent_at datetime(3) null,               -- the last hint to a worker
  owner varchar(255) null,                -- node/boot that runs it
  lease_until datetime(3) null,           -- after this a running job counts as interrupted
  cause varchar(64) null,
  error varchar(2048) null,
  created_at datetime(3) not null default current_timestamp(3),
  started_at datetime(3) null,
  ended_at datetime(3) null,
  constraint jobs_key unique (queue, job_key),
  constraint jobs_image foreign key (image_id) references images (id) on delete cascade,
  index jobs_due (queue, state, due_at, id),
  index jobs_of_image (image_id, queue)
) default charset = utf8mb4;

-- The nodes that live, and when each last said so.
create table if not exists nodes (
  owner varchar(255) not null primary key, -- node/boot
  seen_at datetime(3) not null
) default charset = utf8mb4;

-- Camel's JdbcMessageIdRepository: intake (SHA-256), enqueue (queue:key), keep (job:run).
create table if not exists idempotent_keys (
  processorName varchar(64) not null,
  messageId varchar(128) not null,
  createdAt datetime(3) not null,
  primary key (processorName, messageId)
) default charset = utf8mb4;

-- What happened to each photo, step by step.
create table if not exists journey (
  id bigint not null auto_increment primary key,
  image_id bigint not null,
  step varchar(32) not null,              -- accepted, a queue's name, trashed, restored, …
  outcome varchar(16) not null,           -- accepted | queued | done | skipped | retry | failed | interrupted | …
  job_id bigint null,
  run int null,
  attempt int null,
  cause varchar(64) null,
  sentence varchar(2048) null,
  started_at datetime(3) null,
  ended_at datetime(3) not null default current_timestamp(3),
  constraint journey_image foreign key (image_id) references images (id) on delete cascade,
  index journey_of_image (image_id, id)
) default charset = utf8mb4;

-- One row: when the next question to the geocoder may start, over all nodes.
create table if not exists geocoder_slot (
  id int not null primary key,
  next_at datetime(6) not null,
  holder varchar(255) null
) default charset = utf8mb4;
insert ignore into geocoder_slot (id, next_at) values (1, '2000-01-01 00:00:00');
