-- The copies of thumbnails that were laid where another program looks for them. As V1: each statement may run again.
create table if not exists thumbnail_targets (
  target_key char(64) not null primary key, -- SHA-256 of disk:path: that itself is too long for an index
  disk varchar(64) not null,
  path varchar(1024) not null,            -- of the file, below the disk
  image_id bigint not null,               -- whose thumbnail it is
  thumbnail varchar(64) not null,         -- which: cover-300x300.jpg
  sha256 char(64) not null,               -- of the bytes that were written last: other ones are another program's
  created_at datetime(3) not null default current_timestamp(3),
  constraint thumbnail_targets_image foreign key (image_id) references images (id) on delete cascade,
  index thumbnail_targets_of_image (image_id)
) default charset = utf8mb4;
