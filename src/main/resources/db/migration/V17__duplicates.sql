-- What each photo looks like, and what people decide about photos. As V1: each statement may run again.

create table if not exists picture_hashes (
  seq bigint not null auto_increment primary key, -- a new one with each change: what came since is found by it
  image_id bigint not null,
  hash bigint null,                       -- 64 bits; null: a picture without structure, which is like no other
  unique (image_id),
  constraint picture_hashes_image foreign key (image_id) references images (id) on delete cascade
) default charset = utf8mb4;

-- The photos that a decision of the table decisions was about.
create table if not exists decision_photos (
  decision_id bigint not null,
  image_id bigint not null,               -- of a photo that may be deleted since
  primary key (decision_id, image_id),
  constraint decision_photos_decision foreign key (decision_id) references decisions (id) on delete cascade
) default charset = utf8mb4;
