-- Originals proved. As V1: each statement may run again.

-- One row: how far the originals are proved in this round, over all nodes.
create table if not exists scrub (
  id int not null primary key,
  reached bigint not null default 0,      -- the photo that was proved last, in the order of their ids
  hurry boolean not null default false,   -- this round was asked for: it takes no time off
  ended_at datetime(3) null               -- when the round before ended
) default charset = utf8mb4;
insert ignore into scrub (id) values (1);

-- Originals that are not what they were.
create table if not exists original_faults (
  image_id bigint not null primary key,
  cause varchar(64) not null,             -- original-changed | original-missing
  error varchar(2048) not null,           -- a sentence that says what to do
  stamp varchar(64) not null,             -- which file that was: another one is proved again at once
  found_at datetime(3) not null default current_timestamp(3),
  constraint original_faults_image foreign key (image_id) references images (id) on delete cascade
) default charset = utf8mb4;
