-- What an operator sees and sets. As V1: each statement may run again.

-- How many workers of a queue each node is to have; null: as its own settings say.
create table if not exists queue_workers (
  queue varchar(64) not null primary key,
  workers int null
) default charset = utf8mb4;
insert ignore into queue_workers (queue) values ('thumbnails'), ('metadata'), ('geolocation'), ('faces');

-- Each node by its name, with its last life; who is gone can be read for a while.
create table if not exists node_info (
  node varchar(255) not null primary key,
  owner varchar(255) not null,            -- node/boot
  roles varchar(255) not null,            -- comma separated
  version varchar(64) not null,
  since datetime(3) not null,             -- when this life began
  heard_at datetime(3) not null,          -- when it last said that it lives
  clock_ms bigint not null                -- its clock against the database's: more than 0 is ahead
) default charset = utf8mb4;
