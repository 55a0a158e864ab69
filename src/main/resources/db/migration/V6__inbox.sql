-- The files of the inbox that could not be taken: what /api/failures shows of them. As V1: each statement may run again.
create table if not exists inbox_untaken (
  id bigint not null auto_increment primary key,
  node varchar(255) not null,             -- which tried last
  name_key char(64) not null,             -- SHA-256 of the name: that itself is too long for an index
  name varchar(1000) not null,            -- below the inbox, to be shown
  cause varchar(64) not null,
  sentence varchar(1024) not null,
  tries int not null,
  tried_at datetime(3) not null default current_timestamp(3),
  constraint inbox_untaken_name unique (name_key)
) default charset = utf8mb4;
